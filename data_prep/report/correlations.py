"""Do the metrics agree? Spearman's rank correlation of every pair over the training blocks, ties averaged."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.floating]

MOST_BLOCKS = 200_000
"""Of more blocks, so many are taken, evenly spaced."""


def average_ranks(values: Array) -> npt.NDArray[np.float64]:
    """Return the ranks of values, from 1, equal values sharing the mean of theirs [N]."""
    from scipy.stats import rankdata

    return np.asarray(rankdata(values), dtype=np.float64)


def rank_correlations(scores: Mapping[str, Array]) -> dict[str, list[float | None]]:
    """Return metric → its correlation with every metric, in the order of `scores`.

    A metric that is the same everywhere correlates with nothing: None, also with itself.

    Args:
        scores: metric → values [B], B the same for all.
    """
    names = list(scores)
    ranks = np.stack([average_ranks(_spaced(scores[name])) for name in names])
    ranks -= ranks.mean(axis=1, keepdims=True)
    lengths = np.sqrt((ranks**2).sum(axis=1))
    varied = lengths > 0
    units = ranks / np.where(varied, lengths, 1.0)[:, None]
    matrix = np.clip(units @ units.T, -1.0, 1.0)
    return {
        name: [float(matrix[row, column]) if varied[row] and varied[column] else None for column in range(len(names))]
        for row, name in enumerate(names)
    }


def _spaced(values: Array) -> Array:
    if len(values) <= MOST_BLOCKS:
        return values
    return values[np.arange(MOST_BLOCKS) * len(values) // MOST_BLOCKS]


def mean_percentiles(
    scores: Mapping[str, Array], source: npt.NDArray[np.integer], numbers: list[int]
) -> dict[int, list[float]]:
    """Return source number → the mean percentile (0 to 100) of its blocks by every metric; 50 is the corpus' mean."""
    sizes = np.bincount(source, minlength=max(numbers) + 1)
    columns = []
    for values in scores.values():
        percentiles = 100 * (average_ranks(values) - 0.5) / len(values)
        columns.append(np.bincount(source, weights=percentiles, minlength=len(sizes)) / np.maximum(sizes, 1))
    return {number: [float(column[number]) for column in columns] for number in numbers}
