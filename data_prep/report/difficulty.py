"""How hard the corpus is: sources against metrics, metrics against each other, and every metric by itself."""

from __future__ import annotations

from html import escape

import numpy as np
import numpy.typing as npt

from climb.base.charts import Cell, Page, heat_table, percent, ridges, short_number, table
from climb.base.charts.formats import slug
from climb.base.corpus import CorpusManifest
from climb.data_prep.report.correlations import MOST_BLOCKS, mean_percentiles, rank_correlations
from climb.data_prep.report.evidence import Evidence, FloatArray
from climb.data_prep.report.extremes import passages
from climb.data_prep.report.unlocking import hint, openings

_BINS = 40
_CLOSE_UP = (0.002, 0.998)
"""Quantiles between which a histogram is drawn; the rest falls into its first and last bin."""
_ALL = "all sources"


def add_difficulty(page: Page, evidence: Evidence) -> None:
    """Add the tables over all metrics, then every metric."""
    manifest = evidence.manifest
    page.section("Difficulty")
    page.note("Each value is that of a training block; higher means harder.")
    for reason in dict.fromkeys(manifest.left_out.values()):
        names = [name for name, why in manifest.left_out.items() if why == reason]
        page.note(f"Left out: {', '.join(names)} ({reason})")
    if not manifest.metrics:
        page.add("<p>No metric was computed.</p>")
        return
    page.add(table(*metric_table(evidence), caption="Metrics", csv=True, kind="labels told"))
    if len(evidence.present) > 1:
        _add_sources(page, evidence)
    if len(manifest.metrics) > 1:
        _add_correlations(page, evidence)
    page.heading("Metric by metric")
    page.note("In the pictures every row is drawn to its own height, and a line marks its median.")
    page.add(_contents(manifest))
    for name in manifest.metrics:
        _add_metric(page, evidence, name)


def metric_table(evidence: Evidence) -> tuple[list[str], list[list[Cell]]]:
    """Return header and rows: name, unit, five quantiles, and what it is."""
    header = ["metric", "unit", "lowest", "10\u00a0%", "median", "90\u00a0%", "highest", "what it is"]
    rows: list[list[Cell]] = []
    for name, info in evidence.manifest.metrics.items():
        quantiles = np.quantile(evidence.scores[name], [0, 0.1, 0.5, 0.9, 1])
        rows.append([name, info.unit, *(float(value) for value in quantiles), info.description])
    return header, rows


def _add_sources(page: Page, evidence: Evidence) -> None:
    """Add the mean percentile of every source by every metric."""
    page.heading("Which source is hard")
    page.note("50 is as hard as the corpus at large. Blue: harder; orange: easier.")
    numbers = [number for number, _ in evidence.present]
    means = mean_percentiles(evidence.ranks, evidence.source, numbers)
    rows: dict[str, list[float | None]] = {label: [*means[number]] for number, label in evidence.present}
    title = "Mean percentile of each source's blocks"
    page.add(
        heat_table(
            "source",
            list(evidence.scores),
            rows,
            title,
            lambda value: (value - 50) / 50,
            lambda value: f"{value:.0f}",
        )
    )


def _add_correlations(page: Page, evidence: Evidence) -> None:
    """Add the matrix of rank correlations."""
    page.heading("Do the metrics agree?")
    blocks = len(evidence.corpus.train)
    seen = f" of {MOST_BLOCKS:,} evenly spaced blocks" if blocks > MOST_BLOCKS else f" over the {blocks:,} blocks"
    page.note(
        f"Spearman's rank correlation{seen}. 1: the same order; 0: unrelated; −1 (orange): the opposite order. "
        "A metric that is the same everywhere has none."
    )
    matrix = rank_correlations(evidence.ranks)
    text = "Rank correlations of the metrics"
    page.add(heat_table("metric", list(matrix), matrix, text, lambda value: value, _two_digits))


def _two_digits(value: float) -> str:
    text = f"{value:.2f}"
    return "0.00" if text == "-0.00" else text.replace("-", "−")


def _contents(manifest: CorpusManifest) -> str:
    links = "".join(f'<li><a href="#{_anchor(name)}">{escape(name)}</a></li>' for name in manifest.metrics)
    return f'<nav aria-label="Metrics"><ul class="plain">{links}</ul></nav>'


def _anchor(name: str) -> str:
    return f"metric-{slug(name)}"


def _add_metric(page: Page, evidence: Evidence, name: str) -> None:
    """Add a metric: its distribution by source, what percentiles open, and passages."""
    info, scores = evidence.manifest.metrics[name], evidence.scores[name]
    page.heading(f"{name} ({info.unit})" if info.unit else name, level=4, anchor=_anchor(name))
    page.note(f"{info.description[:1].upper()}{info.description[1:]}. {_five_numbers(scores)}.")
    opened = openings(scores, evidence.orders[name], evidence.corpus.train.words)
    rows: list[list[Cell]] = [
        [f"{100 * step.percentile:.0f}", step.highest, percent(step.blocks), percent(step.words)] for step in opened
    ]
    header = ["percentile", "score at most", "blocks open", "words open"]
    words = hint(opened)
    note = f'<p class="note">{escape(words)}</p>' if words else ""
    unlocking = table(header, rows, f"What data_{name}_… opens at a percentile")
    page.add(f'<div class="beside">{_picture(evidence, name)}<div>{unlocking}{note}</div></div>')
    page.add(passages(evidence, name, info.unit))


def _five_numbers(scores: FloatArray) -> str:
    """Return minimum, quartiles and maximum in words."""
    low, first, middle, third, high = (short_number(float(q)) for q in np.quantile(scores, [0, 0.25, 0.5, 0.75, 1]))
    return f"{low} to {high}, median {middle}, middle half {first} to {third}"


def _picture(evidence: Evidence, name: str) -> str:
    """Return the histogram of a metric, a row per source."""
    scores, source = evidence.scores[name], evidence.source
    groups = {label: scores[source == number] for number, label in evidence.present}
    if len(groups) > 1:
        groups = {_ALL: scores} | groups
    unit = evidence.manifest.metrics[name].unit
    edges, log = bins(scores, unit)
    shares = {label: histogram_shares(values, edges) for label, values in groups.items()}
    middles = {label: float(np.median(values)) for label, values in groups.items()}
    caption = f"{name}: share of each source's blocks"
    return ridges(edges.tolist(), shares, caption, unit or name, log, middles)


def histogram_shares(values: FloatArray, edges: npt.NDArray[np.float64]) -> list[float]:
    """Return the share of values in every bin; those outside fall into the first and last."""
    counts = np.histogram(np.clip(values.astype(np.float64), edges[0], edges[-1]), edges)[0]
    return [round(float(share), 6) for share in counts / max(len(values), 1)]


def bins(scores: npt.NDArray[np.floating], unit: str) -> tuple[npt.NDArray[np.float64], bool]:
    """Return the edges of a histogram, and whether they grow by a factor; whole numbers get whole bins."""
    low, high = (float(q) for q in np.quantile(scores, _CLOSE_UP))
    if (scores == np.round(scores)).all():
        width = max(1, round((high - low) / _BINS))
        return np.arange(np.floor(low) - 0.5, high + width, width), False
    if high <= low:
        low, high = low - 0.5, high + 0.5
    if low > 0 and (unit == "perplexity" or high / low > 50):
        return np.geomspace(low, high, _BINS + 1), True
    return np.linspace(low, high, _BINS + 1), False
