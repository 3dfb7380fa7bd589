"""One difficulty from one metric or several, and how much of it a pacing value opens.

With N blocks and metrics m, of which block i has the score s_m(i), the rank r_m(i) among 0 … N − 1 (ties share
their lowest rank, or for `ranks` their mean rank):

    join=intersection, by=percentile   open at p: for every m, s_m(i) ≤ numpy's percentile 100·p of s_m
    join=intersection, by=value        open at p: for every m, s_m(i) ≤ min s_m + p·(max s_m − min s_m)
    join=ranks, by=percentile          the same of d(i) = mean over m of (mean rank of i + ½) / N, one metric
    join=ranks, by=value               likewise

Intersections are DeepSpeed's way with several metrics (arXiv 2212.03597), percentiles are CLIMB's pools. All of
it is computed once, before the first step: O(N log N) for each metric.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from climb.curricula.pacing_base import FloatArray

Scores = npt.NDArray[np.floating]


@dataclass(frozen=True)
class Difficulty:
    """What a data curriculum goes by.

    Attributes:
        keys: what blocks are sorted by [N]; higher opens later.
        rule: what a pacing value means: "percentile" of the keys, "value" between the lowest and the highest,
            "rank" where keys are ranks, "share" where they are pacing values.
        told: the difficulty in readable units [N]: the metric's own for one metric, a share for several.
    """

    keys: npt.NDArray[Any]
    rule: str
    told: FloatArray | npt.NDArray[np.float32]

    def open_counts(self, ordered: npt.NDArray[Any], shares: FloatArray) -> npt.NDArray[np.int64]:
        """Return how many blocks are open at each share, int64 [n], given the keys in rising order."""
        limits = self._limits(ordered, shares)
        return np.asarray(np.searchsorted(ordered, limits, side="right"), dtype=np.int64)

    def _limits(self, ordered: npt.NDArray[Any], shares: FloatArray) -> npt.NDArray[Any]:
        """Return the largest key that is open at each share, in the type of the keys."""
        if self.rule == "share":
            return _rounded_down(shares, ordered.dtype)
        if self.rule == "value":
            low, high = float(ordered[0]), float(ordered[-1])
            limits = np.where(shares >= 1.0, high, low + shares * (high - low))
            return _rounded_down(limits, ordered.dtype)
        # The interpolated percentile lies at or above this block's score and below the next larger score, so
        # the pool is this block, all easier ones and its ties; no rounding of the interpolation is involved.
        last = np.floor(shares * (len(ordered) - 1)).astype(np.int64)
        return last.astype(ordered.dtype) if self.rule == "rank" else ordered[last]


def joined(scores: Sequence[Scores], join: str = "intersection", by: str = "percentile") -> Difficulty:
    """Return the difficulty that the metrics make together.

    Args:
        scores: one or more arrays [N] of finite scores, higher meaning harder.
        join: "intersection" or "ranks".
        by: "percentile" or "value".
    """
    if join == "ranks":
        twice = np.sum([_ranks(metric, mean=True) for metric in scores], axis=0)
        told = (twice + len(scores)) / (2.0 * len(scores) * max(len(twice), 1))
        return Difficulty(twice, by, told)
    if len(scores) == 1:
        return Difficulty(scores[0], by, scores[0])
    if by == "value":
        worst = np.max([_scaled(metric) for metric in scores], axis=0)
        return Difficulty(worst, "share", worst)
    highest = np.max([_ranks(metric, mean=False) for metric in scores], axis=0)
    return Difficulty(highest, "rank", (highest + 0.5) / max(len(highest), 1))


def _ranks(scores: Scores, mean: bool) -> npt.NDArray[np.int64]:
    """Return the rank of each score, int64 [N]: of ties the lowest, or twice their mean, which is whole."""
    order = np.argsort(scores, kind="stable")
    ordered = scores[order]
    # Where each run of equal scores begins, and for every position the run it lies in.
    begins = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)])
    counts = np.diff(np.append(begins, len(ordered)))
    of_run = 2 * begins + counts - 1 if mean else begins
    ranks = np.empty(len(ordered), dtype=np.int64)
    ranks[order] = np.repeat(of_run, counts)
    return ranks


def _scaled(scores: Scores) -> FloatArray:
    """Return the scores from 0, the lowest, to 1, the highest; all 0 where they do not differ."""
    exact = scores.astype(np.float64)
    low, high = exact.min(initial=np.inf), exact.max(initial=-np.inf)
    return (exact - low) / (high - low) if high > low else np.zeros_like(exact)


def _rounded_down(limits: FloatArray, kind: np.dtype[Any]) -> npt.NDArray[Any]:
    """Return the largest numbers of a type that are at most the limits: what is ≤ one is ≤ the other."""
    if np.issubdtype(kind, np.integer):
        return np.floor(limits).astype(kind)
    cast = limits.astype(kind)
    return np.where(cast > limits, np.nextafter(cast, kind.type(-np.inf)), cast)
