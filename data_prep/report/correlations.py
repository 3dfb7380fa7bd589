"""Do the metrics agree? Spearman's rank correlation of every pair over the training blocks, ties averaged."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.floating]

MOST_BLOCKS = 200_000
"""Of more blocks, so many are taken, evenly spaced."""


def average_ranks(values: Array, order: npt.NDArray[np.integer] | None = None) -> npt.NDArray[np.float64]:
    """Return the ranks of values, from 1, equal values sharing the mean of theirs [N].

    Args:
        values: any numbers [N].
        order: their positions from the smallest on, where it is known [N].
    """
    order = np.argsort(values, kind="stable") if order is None else order
    ordered = values[order]
    first = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    sizes = np.diff(np.append(first, len(ordered)))
    ranks = np.empty(len(ordered))
    ranks[order] = np.repeat(first + (sizes + 1) / 2, sizes)
    return ranks


def rank_correlations(ranks: Mapping[str, Array]) -> dict[str, list[float | None]]:
    """Return metric → its correlation with every metric, in the order of `ranks`.

    A metric that is the same everywhere correlates with nothing: None, also with itself.

    Args:
        ranks: metric → average ranks [B], B the same for all.
    """
    names = list(ranks)
    blocks = len(ranks[names[0]])
    spaced = np.arange(MOST_BLOCKS) * blocks // MOST_BLOCKS
    all_of_them = blocks <= MOST_BLOCKS
    taken = [rank if all_of_them else average_ranks(rank[spaced]) for rank in ranks.values()]
    matrix = _cosines(np.stack(taken))
    return {
        name: [None if np.isnan(value) else float(value) for value in matrix[row]] for row, name in enumerate(names)
    }


def _cosines(rows: Array) -> npt.NDArray[np.float64]:
    """Return Pearson's correlation of every pair of rows; NaN for a row of one value."""
    centred = rows - rows.mean(axis=1, keepdims=True)
    lengths = np.sqrt((centred**2).sum(axis=1))
    units = centred / np.where(lengths > 0, lengths, np.nan)[:, None]
    return np.asarray(np.clip(units @ units.T, -1.0, 1.0))


def mean_percentiles(
    ranks: Mapping[str, Array], source: npt.NDArray[np.integer], numbers: list[int]
) -> dict[int, list[float]]:
    """Return source number → the mean percentile (0 to 100) of its blocks by every metric; 50 is the corpus' mean."""
    sizes = np.bincount(source, minlength=max(numbers) + 1)
    columns = []
    for values in ranks.values():
        percentiles = 100 * (values - 0.5) / len(values)
        columns.append(np.bincount(source, weights=percentiles, minlength=len(sizes)) / np.maximum(sizes, 1))
    return {number: [float(column[number]) for column in columns] for number in numbers}
