"""N-gram counts in numpy: no Python step per token.

An n-gram is one 64-bit number, (a·V + b)·V + c. Counting sorts these numbers, looking up searches them in
sorted order. Counts of the whole corpus are merged in parts of the key range, so that memory is bounded by a
part; the tables lie in files that every process maps. What is done with them: `ngram_model`.
Cost: 12 to 16 bytes per distinct trigram.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from climb.data_prep.metric import TokenRuns

Keys = npt.NDArray[np.uint64]
Counts = npt.NDArray[np.int64]
LARGEST_VOCABULARY = 1 << 21
"""Three ids of such a vocabulary fit into 63 bits."""
_WORTH_MERGING = 1 << 21


def run_positions(lengths: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the position of every token in its run [N]."""
    ends = np.cumsum(lengths)
    return np.arange(int(ends[-1]) if len(ends) else 0) - np.repeat(ends - lengths, lengths)


def ngram_keys(runs: TokenRuns, order: int, vocab_size: int) -> tuple[Keys, npt.NDArray[np.int64]]:
    """Return the keys of the n-grams within the runs, and the position of each one's last token."""
    where = np.flatnonzero(run_positions(runs.lengths) >= order - 1)
    ids = runs.ids.astype(np.uint64)
    keys = ids[where - order + 1]
    for back in range(order - 2, -1, -1):
        keys = keys * np.uint64(vocab_size) + ids[where - back]
    return keys, where


def count_keys(keys: Keys) -> tuple[Keys, Counts]:
    """Return the distinct keys, sorted, and how often each occurs."""
    found, counts = np.unique(keys, return_counts=True)
    return found, counts.astype(np.int64)


def merge_counts(parts: list[tuple[Keys, Counts]]) -> tuple[Keys, Counts]:
    """Return the sum of counts, sorted by their keys."""
    keys = np.concatenate([part[0] for part in parts])
    counts = np.concatenate([part[1] for part in parts])
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    first = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]])) if len(keys) else np.zeros(0, np.int64)
    return keys[first], np.add.reduceat(counts[order], first) if len(keys) else counts


def merge_stream(parts: Iterable[tuple[Keys, Counts]]) -> tuple[Keys, Counts]:
    """Return the sum of counts that come one after the other, in memory of about three times the result.

    Parts wait until together they are as large as what is merged, so every key is sorted log(parts) times.
    """
    total = np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int64)
    waiting: list[tuple[Keys, Counts]] = []
    size = 0
    for part in parts:
        waiting.append(part)
        size += len(part[0])
        if size > max(len(total[0]), _WORTH_MERGING):
            total = merge_counts([total, *waiting])
            waiting, size = [], 0
    return merge_counts([total, *waiting])


def find_counts(table: Keys, counts: Counts, keys: Keys) -> Counts:
    """Return the count of every key, 0 where the table lacks it."""
    return find_in_all([(table, counts)], keys)[0]


def find_in_all(tables: list[tuple[Keys, Counts]], keys: Keys) -> list[Counts]:
    """Return the count of every key in each of several tables, 0 where a table lacks it."""
    # Sorted queries walk through a table in order, which is faster than jumping about in it.
    distinct, back = np.unique(keys, return_inverse=True)
    return [_found(table, counts, distinct)[back] for table, counts in tables]


def _found(table: Keys, counts: Counts, keys: Keys) -> Counts:
    """Return the count of every key of a sorted array."""
    if not len(table):
        return np.zeros(len(keys), dtype=np.int64)
    place = np.minimum(np.searchsorted(table, keys), len(table) - 1)
    return np.where(table[place] == keys, counts[place], 0)


def bigrams_from(bigrams: tuple[Keys, Counts], size: int) -> Counts:
    """Return c(b·), how many bigrams start with each token [V]."""
    heads = (bigrams[0] // np.uint64(size)).astype(np.int64)
    return np.bincount(heads, weights=bigrams[1], minlength=size).astype(np.int64)
