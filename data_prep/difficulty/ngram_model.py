"""Probabilities of tokens under interpolated n-gram models of order 1, 2 or 3, for all tokens at once.

    p1(c)      = c(c) / C
    pn(c | h)  = λn · c(hc) / c(h·) + (1 − λn) · pn−1(c | h′)        h′: h without its first token

This is Jelinek & Mercer's (1980) interpolation, and `nltk.lm`'s recursion: a context that was never seen leaves
the probability to the order below, the first tokens of a run have shorter contexts, and a token never seen counts
as seen once. The λ come from deleted interpolation (Brants 2000, "TnT", figure 1): every n-gram votes for the
order that predicts it best with its own occurrence taken away; each order gets one vote more, so that none is 0;
λn = w_n / (w_1 + … + w_n) with w the shares of the votes, so that pn = Σ w_k · c(h_k c)/c(h_k ·) wherever the
contexts are known.

Text that is scored by counts it is part of looks familiar for that reason alone. With `own` the counts of a run's
own n-grams are taken away first, all of its occurrences at once: a run of singletons is scored by what the rest
of the corpus knows of it. `python -m benchmarks.ngram_perplexity` says what it costs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from climb.data_prep.difficulty.trigrams import (
    Counts,
    Keys,
    bigrams_from,
    find_counts,
    find_in_all,
    merge_counts,
    ngram_keys,
)
from climb.data_prep.metric import CorpusTables, TokenRuns, Values


def _none() -> tuple[Keys, Counts]:
    return np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class NgramModel:
    """Counts, their contexts' totals, and the weights of the orders; `len(weights)` is the order."""

    weights: tuple[float, ...]
    unigrams: Counts
    bigrams: tuple[Keys, Counts] = field(default_factory=_none)
    after_one: Counts = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    """c(b·): bigrams that start with each token [V]."""
    trigrams: tuple[Keys, Counts] = field(default_factory=_none)
    after_two: tuple[Keys, Counts] = field(default_factory=_none)
    """c(ab·): trigrams that start with each pair."""

    @classmethod
    def from_tables(cls, tables: CorpusTables, order: int) -> NgramModel:
        """Return the model of the training blocks, from its files."""
        unigrams = tables.token_counts
        if order == 1:
            return cls((1.0,), unigrams)
        bigrams, after_one = _pair(tables, "bigram"), tables.load("after_one")
        if order == 2:
            return cls(_floats(tables.load("bigram_weights")), unigrams, bigrams, after_one)
        weights = _floats(tables.load("trigram_weights"))
        return cls(weights, unigrams, bigrams, after_one, _pair(tables, "trigram"), _pair(tables, "after_two"))

    @classmethod
    def from_counts(
        cls,
        unigrams: Counts,
        bigrams: tuple[Keys, Counts] | None = None,
        trigrams: tuple[Keys, Counts] | None = None,
    ) -> NgramModel:
        """Return the model with these counts; its order is the highest of them."""
        if bigrams is None:
            return cls((1.0,), unigrams)
        after_one = bigrams_from(bigrams, len(unigrams))
        if trigrams is None:
            votes = bigram_votes(unigrams, bigrams, after_one)
            return cls(weights_of(votes), unigrams, bigrams, after_one)
        after_two = merge_counts([(trigrams[0] // np.uint64(len(unigrams)), trigrams[1])])
        votes = trigram_votes(unigrams, bigrams, after_one, trigrams, after_two)
        return cls(weights_of(votes), unigrams, bigrams, after_one, trigrams, after_two)

    def log_probabilities(self, runs: TokenRuns, own: npt.NDArray[np.bool_] | None = None) -> Values:
        """Return the natural logarithm of each token's probability in its run [N].

        Args:
            runs: the tokens.
            own: whether each run is part of what was counted and is to be scored without itself; None: none is.
        """
        left_out = _OwnCounts(runs, own) if own is not None and own.any() else None
        found, total = self.unigrams[runs.ids], np.full(len(runs.ids), int(self.unigrams.sum()))
        if left_out is not None:
            found, total = left_out.unigrams(found, total)
        probability = np.maximum(found, 1) / np.maximum(total, 1)
        size = np.uint64(len(self.unigrams))
        for order, (keys, where, found, total) in enumerate(self._counts(runs), 2):
            if left_out is not None:
                found, total = left_out.ngrams(keys, keys // size, where, found, total)
            share = self.weights[order - 1] / sum(self.weights[:order])
            mixed = share * found / np.maximum(total, 1) + (1.0 - share) * probability[where]
            probability[where] = np.where(total > 0, mixed, probability[where])
        return np.asarray(np.log(probability))

    def _counts(self, runs: TokenRuns) -> Iterator[tuple[Keys, npt.NDArray[np.int64], Counts, Counts]]:
        """Yield, for each order from 2 on: n-grams, the places of their last tokens, counts, counts of contexts."""
        if len(self.weights) == 1:
            return
        keys, where = ngram_keys(runs, 2, len(self.unigrams))
        # A pair of tokens is a bigram here and the context of a trigram one token later: looked up together.
        found, as_context = find_in_all([self.bigrams, self.after_two], keys)
        yield keys, where, found, self.after_one[runs.ids[where - 1]]
        if len(self.weights) == 3:
            contexts = np.zeros(len(runs.ids), dtype=np.int64)
            contexts[where] = as_context
            keys, where = ngram_keys(runs, 3, len(self.unigrams))
            yield keys, where, find_counts(*self.trigrams, keys), contexts[where - 1]

    def perplexities(self, runs: TokenRuns, own: npt.NDArray[np.bool_] | None = None) -> Values:
        """Return the perplexity of every run [R]; 1 for a run without tokens."""
        return np.asarray(np.exp(-runs.mean(self.log_probabilities(runs, own))))


class _OwnCounts:
    """How often the n-grams of runs occur in the runs themselves, to be taken away from a corpus' counts.

    No more is taken away of an n-gram than was counted: a sentence that runs on into the next block holds
    n-grams that no block holds.
    """

    def __init__(self, runs: TokenRuns, own: npt.NDArray[np.bool_]) -> None:
        self._runs = runs
        self._own = own
        self._run = np.repeat(np.arange(len(runs.lengths)), runs.lengths)

    def unigrams(self, found: Counts, total: Counts) -> tuple[Counts, Counts]:
        """Return the counts of tokens and their sum without the run's own."""
        _, back, times = self._cells(self._runs.ids, self._run)
        taken = np.where(self._own, self._runs.lengths, 0)
        return found - np.minimum(np.where(self._own[self._run], times[back], 0), found), total - taken[self._run]

    def ngrams(
        self, keys: Keys, contexts: Keys, where: npt.NDArray[np.int64], found: Counts, total: Counts
    ) -> tuple[Counts, Counts]:
        """Return the counts of n-grams, and of their contexts, without the run's own."""
        if not len(keys):
            return found, total
        run = self._run[where]
        first, back, times = self._cells(np.unique(keys, return_inverse=True)[1], run)
        taken = np.where(self._own[run[first]], np.minimum(times, found[first]), 0)
        context = np.unique(contexts, return_inverse=True)[1]
        _, cell, _ = self._cells(context[first], run[first])
        from_context = np.bincount(cell, weights=taken).astype(np.int64)
        return found - taken[back], total - from_context[cell][back]

    def _cells(
        self, what: npt.NDArray[np.int64], run: npt.NDArray[np.int64]
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return the distinct pairs of thing and run: a place of each, the pair of each place, and its count."""
        pairs = what * len(self._runs.lengths) + run
        _, first, back, times = np.unique(pairs, return_index=True, return_inverse=True, return_counts=True)
        return first, back, times


def _pair(tables: CorpusTables, name: str) -> tuple[Keys, Counts]:
    return tables.load(f"{name}_keys"), tables.load(f"{name}_counts")


def _floats(values: npt.NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(float(value) for value in values)


def bigram_votes(unigrams: Counts, bigrams: tuple[Keys, Counts], after_one: Counts) -> Counts:
    """Return how many occurrences of these bigrams each of two orders predicts best [2]; see `trigram_votes`."""
    keys, counts = bigrams
    size = np.uint64(len(unigrams))
    last, before = (keys % size).astype(np.int64), (keys // size).astype(np.int64)
    total = np.full(len(keys), unigrams.sum())
    return _votes([_less_one(unigrams[last], total), _less_one(counts, after_one[before])], counts)


def trigram_votes(
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
    scores = [
        _less_one(unigrams[last], np.full(len(keys), unigrams.sum())),
        _less_one(find_counts(*bigrams, keys % (size * size)), after_one[middle]),
        _less_one(counts, find_counts(*after_two, keys // size)),
    ]
    return _votes(scores, counts)


def _votes(scores: list[Values], counts: Counts) -> Counts:
    """Return the occurrences for which each score is the highest."""
    best = len(scores) - 1 - np.argmax(np.stack(scores[::-1]), axis=0)
    return np.bincount(best, weights=counts, minlength=len(scores)).astype(np.int64)


def weights_of(votes: Counts) -> tuple[float, ...]:
    """Return the weights of the orders; each gets one vote more, so that none is 0."""
    return _floats((votes + 1.0) / (votes + 1.0).sum())


def _less_one(count: Counts, total: Counts) -> Values:
    """Return (count − 1) / (total − 1), 0 where the total is one."""
    return np.where(total > 1, (count - 1) / np.maximum(total - 1, 1), 0.0)
