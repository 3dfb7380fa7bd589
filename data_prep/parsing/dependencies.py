"""Dependency trees as arrays: all sentences of a shard at once, no loop over words."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from climb.base.tags import RELATION_ID
from climb.data_prep.metric import SentenceBatch

IntArray = npt.NDArray[np.int64]


def arcs_to_root(heads: IntArray) -> IntArray:
    """Return how many arcs lie between each piece and its root.

    Pointer doubling: after k rounds every piece knows its ancestor 2^k arcs up, so a tree of depth d takes
    log2(d) rounds over the array.

    Args:
        heads: head minus own position, 0 at a root [P]; sentences follow one another.
    """
    up = np.arange(len(heads)) + heads
    arcs = (heads != 0).astype(np.int64)
    while True:
        further = arcs[up]
        if not further.any():
            return np.asarray(arcs)
        arcs = arcs + further
        up = up[up]


def sentence_maxima(values: IntArray, pieces: IntArray) -> IntArray:
    """Return the largest value of every sentence [S]; 0 for a sentence without pieces."""
    result = np.zeros(len(pieces), dtype=np.int64)
    filled = pieces > 0
    if filled.any():
        starts = np.concatenate([[0], np.cumsum(pieces)[:-1]])
        result[filled] = np.maximum.reduceat(values, starts[filled])
    return result


def without_punctuation(batch: SentenceBatch) -> npt.NDArray[np.bool_]:
    """Return which pieces are words and no punctuation [P]; all of them where there are no relations."""
    if batch.relations is None:
        return np.ones(len(batch.heads) if batch.heads is not None else 0, dtype=bool)
    return np.asarray(batch.relations != RELATION_ID["punct"])
