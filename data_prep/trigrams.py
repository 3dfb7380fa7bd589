"""Trigram counts and probabilities in numpy: no Python step per token.

An n-gram is one 64-bit number, (a·V + b)·V + c. Counting sorts these numbers, looking up searches them in
sorted order. Counts of the whole corpus are merged in parts of the key range, so that memory is bounded by a
part; the tables lie in files that every process maps. Probability of a token c after a, b:

    p = λ1·c(c)/C + λ2·c(bc)/c(b·) + λ3·c(abc)/c(ab·)

An order whose context was never seen takes the value of the order below; a token never seen counts as seen
once. The λ come from deleted interpolation (Brants 2000, "TnT", figure 1): every trigram votes for the order
that predicts it best with its own occurrence taken away; each λ gets one vote more, so that none is 0.
Cost: about 1 s per million tokens to count and as much to score, 12 to 16 bytes per distinct trigram.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from climb.data_prep.metric import CorpusTables, TokenRuns, Values

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
    if not len(table):
        return np.zeros(len(keys), dtype=np.int64)
    # Sorted queries walk through the table in order: ten times as fast as jumping about in it.
    distinct, back = np.unique(keys, return_inverse=True)
    place = np.minimum(np.searchsorted(table, distinct), len(table) - 1)
    return np.where(table[place] == distinct, counts[place], 0)[back]


@dataclass(frozen=True)
class TrigramModel:
    """Counts of three orders, their contexts' totals, and the weights of the orders."""

    unigrams: Counts
    bigrams: tuple[Keys, Counts]
    trigrams: tuple[Keys, Counts]
    after_one: Counts
    """c(b·): bigrams that start with each token [V]."""
    after_two: tuple[Keys, Counts]
    """c(ab·): trigrams that start with each pair."""
    weights: tuple[float, float, float]

    @classmethod
    def from_tables(cls, tables: CorpusTables) -> TrigramModel:
        """Return the model of the training blocks, from its files."""
        first, second, third = (float(weight) for weight in tables.load("trigram_weights"))
        return cls(
            unigrams=tables.token_counts,
            bigrams=(tables.load("bigram_keys"), tables.load("bigram_counts")),
            trigrams=(tables.load("trigram_keys"), tables.load("trigram_counts")),
            after_one=tables.load("after_one"),
            after_two=(tables.load("after_two_keys"), tables.load("after_two_counts")),
            weights=(first, second, third),
        )

    @classmethod
    def from_counts(
        cls, unigrams: Counts, bigrams: tuple[Keys, Counts], trigrams: tuple[Keys, Counts]
    ) -> TrigramModel:
        """Return the model with these counts."""
        size = len(unigrams)
        after_one = bigrams_from(bigrams, size)
        after_two = merge_counts([(trigrams[0] // np.uint64(size), trigrams[1])])
        votes = interpolation_votes(unigrams, bigrams, after_one, trigrams, after_two)
        return cls(unigrams, bigrams, trigrams, after_one, after_two, weights_of(votes))

    def log_probabilities(self, runs: TokenRuns) -> Values:
        """Return the natural logarithm of each token's probability in its run [N]."""
        size = len(self.unigrams)
        single = np.maximum(self.unigrams, 1)[runs.ids] / max(int(self.unigrams.sum()), 1)
        pair, triple = single.copy(), single.copy()
        keys, where = ngram_keys(runs, 2, size)
        context = self.after_one[runs.ids[where - 1]]
        found = find_counts(*self.bigrams, keys)
        pair[where] = np.where(context > 0, found / np.maximum(context, 1), single[where])
        triple[where] = pair[where]
        keys, where = ngram_keys(runs, 3, size)
        context = find_counts(*self.after_two, keys // np.uint64(size))
        found = find_counts(*self.trigrams, keys)
        triple[where] = np.where(context > 0, found / np.maximum(context, 1), pair[where])
        first, second, third = self.weights
        return np.asarray(np.log(first * single + second * pair + third * triple))


def bigrams_from(bigrams: tuple[Keys, Counts], size: int) -> Counts:
    """Return c(b·), how many bigrams start with each token [V]."""
    heads = (bigrams[0] // np.uint64(size)).astype(np.int64)
    return np.bincount(heads, weights=bigrams[1], minlength=size).astype(np.int64)


def interpolation_votes(
    unigrams: Counts,
    bigrams: tuple[Keys, Counts],
    after_one: Counts,
    trigrams: tuple[Keys, Counts],
    after_two: tuple[Keys, Counts],
) -> Counts:
    """Return how many occurrences of these trigrams each order predicts best [3]; ties go to the higher order.

    Votes of several sets of trigrams add up, as long as all trigrams that share their first two tokens are in
    the same set.
    """
    keys, counts = trigrams
    size = np.uint64(len(unigrams))
    last = (keys % size).astype(np.int64)
    middle = (keys // size % size).astype(np.int64)
    scores = np.stack(
        [
            _less_one(unigrams[last], np.full(len(keys), unigrams.sum())),
            _less_one(find_counts(*bigrams, keys % (size * size)), after_one[middle]),
            _less_one(counts, find_counts(*after_two, keys // size)),
        ]
    )
    best = 2 - np.argmax(scores[::-1], axis=0)
    return np.bincount(best, weights=counts, minlength=3).astype(np.int64)


def weights_of(votes: Counts) -> tuple[float, float, float]:
    """Return the weights of the orders; each gets one vote more, so that none is 0."""
    first, second, third = (votes + 1.0) / (votes + 1.0).sum()
    return float(first), float(second), float(third)


def _less_one(count: Counts, total: Counts) -> Values:
    """Return (count − 1) / (total − 1), 0 where the total is one."""
    return np.where(total > 1, (count - 1) / np.maximum(total - 1, 1), 0.0)
