"""What a percentile of difficulty opens: the hint for choosing where a data curriculum starts.

A data curriculum at percentile p opens every block whose score is at most that of the block at rank ⌊p (N − 1)⌋,
and all that tie with it; so a metric with few values opens its blocks in stairs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

PERCENTILES = (0.1, 0.25, 0.5, 0.75, 0.9)


@dataclass(frozen=True)
class Opening:
    """What a curriculum opens at a percentile."""

    percentile: float
    highest: float
    """The highest score that is open."""
    blocks: float
    """Share of the blocks."""
    words: float
    """Share of the words."""


def openings(
    scores: npt.NDArray[np.floating], order: npt.NDArray[np.integer], words: npt.NDArray[np.integer]
) -> list[Opening]:
    """Return what opens at each of `PERCENTILES`.

    Args:
        scores: one difficulty per training block [B], at least one.
        order: the blocks from the easiest on [B].
        words: the words of each [B].
    """
    ordered = scores[order]
    read = np.cumsum(words[order], dtype=np.int64)
    result = []
    for percentile in PERCENTILES:
        highest = ordered[int(percentile * (len(ordered) - 1))]
        size = int(np.searchsorted(ordered, highest, side="right"))
        share = float(read[size - 1]) / max(int(read[-1]), 1)
        result.append(Opening(percentile, float(highest), size / len(ordered), share))
    return result


def hint(opened: list[Opening]) -> str:
    """Return a sentence where ties open more than was asked for; empty where they do not."""
    step = max(opened, key=lambda opening: opening.blocks - opening.percentile)
    if step.blocks - step.percentile < 0.02:
        return ""
    return (
        f"Many blocks tie: at percentile {100 * step.percentile:.0f} a data curriculum opens "
        f"{100 * step.blocks:.0f}\u00a0% of the blocks at once."
    )
