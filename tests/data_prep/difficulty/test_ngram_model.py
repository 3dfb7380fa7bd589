import math
from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from climb.data_prep.difficulty.ngram_counts import merge_ngrams, write_run
from climb.data_prep.difficulty.ngram_model import NgramModel
from climb.data_prep.difficulty.trigrams import count_keys, ngram_keys
from climb.data_prep.metric import CorpusTables
from climb.data_prep.shards import WorkFolder, write_arrays, write_table
from tests.data_prep.difficulty.test_trigrams import RUNS, VOCABULARY, as_runs


def counted(run, order):
    return Counter(tuple(run[place : place + order]) for place in range(len(run) - order + 1))


class Naive:
    """The same model with dictionaries, token by token; a run may be left out of the counts."""

    def __init__(self, train, order):
        self.order = order
        self.counts = [Counter() for _ in range(4)]
        for run in train:
            for n in range(1, 4):
                self.counts[n] += counted(run, n)
        self.votes = self._votes()

    def context(self, counts, history):
        return sum(count for ngram, count in counts[len(history) + 1].items() if ngram[:-1] == history)

    def _votes(self):
        votes = [1] * self.order
        for ngram, count in self.counts[self.order].items():
            if self.order == 1:
                break
            scores = []
            for n in range(1, self.order + 1):
                tail = ngram[-n:]
                total = self.context(self.counts, tail[:-1])
                scores.append((self.counts[n][tail] - 1) / (total - 1) if total > 1 else 0)
            votes[max(n for n in range(self.order) if scores[n] == max(scores))] += count
        return votes

    def log_probabilities(self, run, leave_out=False):
        counts = self.counts
        if leave_out:
            # Counter subtraction drops what falls to zero or below: no more is taken than was counted.
            counts = [Counter(), *(self.counts[n] - counted(run, n) for n in range(1, 4))]
        total = sum(self.counts[1].values()) - len(run) * leave_out
        result = []
        for place, token in enumerate(run):
            p = max(counts[1][token,], 1) / max(total, 1)
            for n in range(2, min(self.order, place + 1) + 1):
                history = tuple(run[place - n + 1 : place])
                seen = self.context(counts, history)
                share = self.votes[n - 1] / sum(self.votes[:n])
                if seen:
                    p = share * counts[n][(*history, token)] / seen + (1 - share) * p
            result.append(math.log(p))
        return result


def naive_log_probabilities(train, scored, order=3, leave_out=False):
    model = Naive(train, order)
    return [value for run in scored for value in model.log_probabilities(run, leave_out)]


def model_of(train, order):
    runs = as_runs(train)
    unigrams = np.bincount(runs.ids, minlength=VOCABULARY)
    return NgramModel.from_counts(
        unigrams, *(count_keys(ngram_keys(runs, n, VOCABULARY)[0]) for n in range(2, order + 1))
    )


@settings(deadline=None)
@given(RUNS, RUNS, st.integers(1, 3))
def test_probabilities_equal_a_dictionary_model(train, scored, order):
    found = model_of(train, order).log_probabilities(as_runs(scored))
    np.testing.assert_allclose(found, naive_log_probabilities(train, scored, order), rtol=1e-12, atol=1e-12)


@settings(deadline=None)
@given(RUNS, st.integers(1, 3), st.data())
def test_leaving_runs_out_equals_counts_made_without_them(train, order, data):
    own = np.array(data.draw(st.lists(st.booleans(), min_size=len(train), max_size=len(train))))
    found = model_of(train, order).log_probabilities(as_runs(train), own)
    naive = Naive(train, order)
    expected = [
        value for run, out in zip(train, own, strict=True) for value in naive.log_probabilities(run, bool(out))
    ]
    assert np.isfinite(found).all()
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


@settings(deadline=None)
@given(RUNS, RUNS, st.integers(1, 3))
def test_no_more_is_left_out_than_was_counted(train, scored, order):
    """A sentence that runs on into the next block holds n-grams that no block holds."""
    runs = as_runs(scored)
    found = model_of(train, order).log_probabilities(runs, np.ones(len(scored), dtype=bool))
    assert np.isfinite(found).all()
    np.testing.assert_allclose(found, naive_log_probabilities(train, scored, order, True), rtol=1e-12, atol=1e-12)


def test_a_singleton_left_out_is_scored_by_the_lower_order():
    """0 1 occurs once, in the run that is scored; the rest knows 0 only before 2."""
    train = [[0, 1], [0, 2], [0, 2]]
    model = model_of(train, 2)
    share = model.weights[1]
    left = math.exp(model.log_probabilities(as_runs([[0, 1]]), np.array([True]))[1])
    assert left == pytest.approx((1 - share) * 1 / 4)
    assert math.exp(model.log_probabilities(as_runs([[0, 1]]))[1]) == pytest.approx(share / 3 + (1 - share) / 6)


def test_probabilities_of_a_seen_context_sum_to_one():
    model = model_of([[0, 1, 2, 3, 0, 1, 3, 0, 1, 2, 4, 5, 6]], 3)
    last = [model.log_probabilities(as_runs([[0, 1, token]]))[-1] for token in range(VOCABULARY)]
    assert np.exp(last).sum() == pytest.approx(1.0)


@pytest.mark.parametrize("order", [1, 2, 3])
def test_values_equal_those_of_nltk(order):
    nltk_lm = pytest.importorskip("nltk.lm")
    from benchmarks.ngram_perplexity import nltk_model, nltk_perplexity

    assert nltk_lm
    dice = np.random.default_rng(order)
    train = [dice.integers(0, VOCABULARY, size=dice.integers(1, 30)).tolist() for _ in range(20)]
    scored = [*train, *(dice.permutation(run).tolist() for run in train)]
    model = model_of(train, order)
    reference = nltk_model(train, model.weights)
    expected = [nltk_perplexity(reference, run, order) for run in scored]
    np.testing.assert_allclose(model.perplexities(as_runs(scored)), expected, rtol=1e-9)


@settings(deadline=None, max_examples=25)
@given(train=RUNS, cut=st.integers(0, 8), part=st.integers(1, 6))
def test_tables_merged_in_parts_give_the_same_model(tmp_path_factory, train, cut, part):
    folder: Path = tmp_path_factory.mktemp("work")
    work = WorkFolder(folder)
    runs = as_runs(train)
    unigrams = np.bincount(runs.ids, minlength=VOCABULARY)
    write_table(work.table("token_counts"), unigrams)
    pieces = [piece for piece in (train[:cut], train[cut:]) if piece]
    for number, piece in enumerate(pieces):
        write_run(work, number, count_keys(ngram_keys(as_runs(piece), 3, VOCABULARY)[0]))
        keys, counts = count_keys(ngram_keys(as_runs(piece), 2, VOCABULARY)[0])
        write_arrays(work.arrays("trigrams", f"{number:06d}"), {"bigram_keys": keys, "bigram_counts": counts})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("climb.data_prep.difficulty.ngram_counts.PART_TOKENS", part)
        merge_ngrams(work, len(pieces))
    for order in (1, 2, 3):
        merged = NgramModel.from_tables(CorpusTables(work, []), order)
        whole = model_of(train, order)
        assert merged.weights == whole.weights
        assert merged.log_probabilities(runs).tolist() == whole.log_probabilities(runs).tolist()
        assert list(pairwise(merged.weights)) == list(pairwise(whole.weights))
