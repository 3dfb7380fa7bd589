"""Zipf's law: how often the r-th commonest word and token occur, and the exponent of the straight part.

    f(r) ∝ r^−a,   a by least squares on log f over log r at ranks spaced evenly on the logarithmic axis

(Zipf 1949; natural text has a near 1 over the first thousands of words). Ranks below `FIRST` bend away and those
of words seen fewer than `RARE` times are steps of whole numbers, so neither is fitted.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from climb.base.charts import Page, lines
from climb.data_prep.report.evidence import Evidence

IntArray = npt.NDArray[np.int64]

FIRST, RARE = 10, 5
_DRAWN = 80


def add_zipf(page: Page, evidence: Evidence) -> None:
    """Add the rank–frequency curves of words and tokens with their fits."""
    page.section("Zipf curve")
    vocabulary, count = evidence.vocabulary, evidence.corpus.lexicon()["count"]
    curves = {
        "words": evidence.tokens.word_counts,
        "tokens": np.sort(count[~vocabulary.special & ~vocabulary.line_end & (count > 0)])[::-1],
    }
    series: dict[str, list[tuple[float, float]]] = {}
    fits: dict[str, list[tuple[float, float]]] = {}
    said = []
    for name, counts in curves.items():
        if not len(counts):
            continue
        series[name] = [(float(rank), float(counts[rank - 1])) for rank in spaced_ranks(1, len(counts))]
        found = fitted_exponent(counts)
        said.append(f"{len(counts):,} different {name}" + (f", exponent {found[0]:.2f}" if found else ""))
        if found:
            exponent, level, last = found
            fits[f"{name}, fitted"] = [(float(r), float(np.exp(level) * r**-exponent)) for r in (FIRST, last)]
    if not series:
        page.add("<p>There is no text to count.</p>")
        return
    page.note(
        f"{'; '.join(said)}. Fitted from rank {FIRST} to the last that occurs {RARE} times. Words are told apart by "
        "their tokens, capitals and punctuation left out."
    )
    page.add(lines(series | fits, "How often the r-th commonest occurs", "rank", True, True, "occurrences", fits))


def spaced_ranks(first: int, last: int) -> list[int]:
    """Return whole ranks from first to last, spaced about evenly on a logarithmic axis."""
    spaced = np.geomspace(first, max(last, first), _DRAWN)
    return [int(rank) for rank in np.unique(np.round(spaced))]


def fitted_exponent(counts: IntArray) -> tuple[float, float, int] | None:
    """Return the exponent, the logarithm of the frequency at rank 1, and the last rank that was fitted.

    Args:
        counts: occurrences, the commonest first.

    Returns:
        None where fewer than ten ranks can be fitted.
    """
    last = int((counts >= RARE).sum())
    ranks = [rank for rank in spaced_ranks(FIRST, last) if rank <= last]
    if len(ranks) < 10:
        return None
    slope, level = np.polyfit(np.log(ranks), np.log(counts[np.array(ranks) - 1]), 1)
    return -float(slope), float(level), last
