import math
from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from climb.data_prep.metric import CorpusTables, TokenRuns
from climb.data_prep.ngram_counts import merge_ngrams, write_run
from climb.data_prep.shards import WorkFolder, write_arrays, write_table
from climb.data_prep.trigrams import TrigramModel, count_keys, find_counts, merge_counts, merge_stream, ngram_keys

VOCABULARY = 7
RUNS = st.lists(st.lists(st.integers(0, VOCABULARY - 1), min_size=1, max_size=12), min_size=1, max_size=8)


def as_runs(lists) -> TokenRuns:
    return TokenRuns(np.concatenate([np.array(one) for one in lists]), np.array([len(one) for one in lists]))


def naive_log_probabilities(train, scored):
    """The same model with dictionaries, token by token."""
    one = Counter(token for run in train for token in run)
    two = Counter(pair for run in train for pair in pairwise(run))
    three = Counter(triple for run in train for triple in zip(run, run[1:], run[2:], strict=False))
    after_one, after_two = Counter(), Counter()
    for (a, _), count in two.items():
        after_one[a] += count
    for (a, b, _), count in three.items():
        after_two[a, b] += count
    total = sum(one.values())
    votes = [1, 1, 1]
    for (a, b, c), count in three.items():
        scores = [
            (one[c] - 1) / (total - 1) if total > 1 else 0,
            (two[b, c] - 1) / (after_one[b] - 1) if after_one[b] > 1 else 0,
            (count - 1) / (after_two[a, b] - 1) if after_two[a, b] > 1 else 0,
        ]
        votes[max(order for order in range(3) if scores[order] == max(scores))] += count
    weights = [vote / sum(votes) for vote in votes]
    result = []
    for run in scored:
        for place, c in enumerate(run):
            p1 = max(one[c], 1) / total
            p2 = p3 = p1
            if place >= 1:
                b = run[place - 1]
                p2 = p3 = two[b, c] / after_one[b] if after_one[b] else p1
            if place >= 2:
                a = run[place - 2]
                p3 = three[a, b, c] / after_two[a, b] if after_two[a, b] else p2
            result.append(math.log(weights[0] * p1 + weights[1] * p2 + weights[2] * p3))
    return result


@given(RUNS, RUNS)
def test_probabilities_equal_a_dictionary_model(train, scored):
    runs = as_runs(train)
    unigrams = np.bincount(runs.ids, minlength=VOCABULARY)
    bigrams, trigrams = (count_keys(ngram_keys(runs, order, VOCABULARY)[0]) for order in (2, 3))
    model = TrigramModel.from_counts(unigrams, bigrams, trigrams)
    np.testing.assert_allclose(
        model.log_probabilities(as_runs(scored)), naive_log_probabilities(train, scored), rtol=1e-12
    )


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
        patch.setattr("climb.data_prep.ngram_counts.PART_TOKENS", part)
        merge_ngrams(work, len(pieces))
    merged = TrigramModel.from_tables(CorpusTables(work, []))
    bigrams, trigrams = (count_keys(ngram_keys(runs, order, VOCABULARY)[0]) for order in (2, 3))
    whole = TrigramModel.from_counts(unigrams, bigrams, trigrams)
    assert merged.weights == whole.weights
    assert merged.log_probabilities(runs).tolist() == whole.log_probabilities(runs).tolist()


@given(st.lists(st.lists(st.integers(0, 9), max_size=8), min_size=1, max_size=4), st.lists(st.integers(0, 12)))
def test_merging_and_finding_equal_counters(lists, wanted):
    parts = [count_keys(np.array(one, dtype=np.uint64)) for one in lists]
    keys, counts = merge_counts(parts)
    expected = Counter(token for one in lists for token in one)
    assert dict(zip(keys.tolist(), counts.tolist(), strict=True)) == expected
    found = find_counts(keys, counts, np.array(wanted, dtype=np.uint64))
    assert found.tolist() == [expected[token] for token in wanted]


def test_probabilities_of_a_seen_context_sum_to_one():
    runs = as_runs([[0, 1, 2, 3, 0, 1, 3, 0, 1, 2]])
    unigrams = np.bincount(runs.ids, minlength=4)
    model = TrigramModel.from_counts(unigrams, *(count_keys(ngram_keys(runs, order, 4)[0]) for order in (2, 3)))
    last = [model.log_probabilities(as_runs([[0, 1, token]]))[-1] for token in range(4)]
    assert np.exp(last).sum() == pytest.approx(1.0)


@pytest.mark.parametrize("worth", [0, 5, 1 << 21])
def test_merging_a_stream_equals_merging_at_once(monkeypatch: pytest.MonkeyPatch, worth: int):
    monkeypatch.setattr("climb.data_prep.trigrams._WORTH_MERGING", worth)
    dice = np.random.default_rng(3)
    parts = [count_keys(dice.integers(0, 40, size=size).astype(np.uint64)) for size in (30, 0, 1, 25, 60)]
    for merged, expected in zip(merge_stream(iter(parts)), merge_counts(parts), strict=True):
        assert merged.tolist() == expected.tolist()
    assert [len(column) for column in merge_stream([])] == [0, 0]
