"""What the curriculum did, from curriculum.jsonl, and what the model saw early and late, from samples.jsonl."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np

from climb.analysis.conditions import Condition
from climb.analysis.report.wording import listed
from climb.analysis.run_record import RunRecord
from climb.base.charts import Page, bands, details, short_number
from climb.base.charts.banded import Point
from climb.base.charts.formats import shortened

_TITLES = {
    "data_unlocked": "share of blocks open",
    "data_pacing": "pacing of the data",
    "difficulty_mean": "mean difficulty of the blocks drawn",
    "vocabulary_unlocked_types": "share of the vocabulary open",
    "vocabulary_unlocked_occurrences": "share of the corpus' tokens open",
    "mask_rate": "share of tokens asked for",
    "length": "tokens of a row",
    "batch": "blocks of a step",
}
_POINTS = 100
_SHOWN = 4
_LETTERS = 400


def add_exposure(page: Page, conditions: Sequence[Condition]) -> None:
    """Add a chart per quantity that changes over some run or differs between conditions."""
    charts = []
    for key, title in _TITLES.items():
        # Conditions without the quantity keep their place, so that colours mean the same in every chart.
        series = {condition.label: _course(condition.records[0], key) for condition in conditions}
        having = [label for label, points in series.items() if points]
        values = {round(point[1], 9) for points in series.values() for point in points}
        if len(values) > 1:
            only = "" if len(having) == len(series) else f" ({listed(having)} alone)"
            charts.append(bands(series, title + only, "step", from_zero=True))
    if charts:
        page.section("Curriculum and exposure")
        page.add(f'<div class="beside">{"".join(charts)}</div>')
        if any(len(condition.records) > 1 for condition in conditions):
            page.note("One run of each condition, that with the lowest seed: the pacing is the same for all seeds.")


def _course(record: RunRecord, key: str) -> list[Point]:
    lines = [line for line in record.curriculum if key in line]
    if not lines:
        return []
    chosen = np.unique(np.linspace(0, len(lines) - 1, min(_POINTS, len(lines))).round().astype(int))
    picked = [lines[place] for place in chosen]
    return [(float(line["step"]), *(float(line[key]),) * 3) for line in picked]


def add_samples(page: Page, conditions: Sequence[Condition]) -> None:
    """Add decoded samples of the first and the last step that has any, for each condition that has them."""
    shown = [(condition.label, condition.records[0]) for condition in conditions if condition.records[0].samples]
    page.section("What the model saw")
    if not shown:
        page.note(
            "Committed scores hold no text: compare the run folders to see what each model read early and late."
        )
        return
    for label, record in shown:
        steps = sorted({int(line["step"]) for line in record.samples})
        ends = {"early": steps[0]} if len(steps) == 1 else {"early": steps[0], "late": steps[-1]}
        parts = "".join(f"<h4>{when}, step {step}</h4>{_quoted(record, step)}" for when, step in ends.items())
        page.add(details(f"{label}, seed {record.seed}", parts, opened=len(shown) == 1))


def _quoted(record: RunRecord, step: int) -> str:
    lines = [line for line in record.samples if int(line["step"]) == step][:_SHOWN]
    # A causal model is asked for every next token: its targets are the text once more.
    asked = record.manifest.objective == "masked"
    return "".join(_quote(line, asked) for line in lines)


def _quote(line: dict[str, Any], with_targets: bool) -> str:
    facts = [str(line["source"])] if line.get("source") else []
    if line.get("difficulty") is not None:
        facts.append(f"difficulty {short_number(float(line['difficulty']))}")
    targets = line.get("targets")
    if targets and with_targets:
        asked = " | ".join(map(str, targets)) if isinstance(targets, list) else str(targets)
        facts.append(f"asked for: {shortened(asked, _LETTERS)}")
    footer = f"<footer>{escape(' · '.join(facts))}</footer>" if facts else ""
    return f"<blockquote><p>{escape(shortened(str(line.get('text', '')), _LETTERS))}</p>{footer}</blockquote>"
