from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from climb.data_prep.difficulty.trigrams import count_keys, find_counts, merge_counts, merge_stream, ngram_keys
from climb.data_prep.metric import TokenRuns

VOCABULARY = 7
RUNS = st.lists(st.lists(st.integers(0, VOCABULARY - 1), min_size=1, max_size=12), min_size=1, max_size=8)


def as_runs(lists) -> TokenRuns:
    return TokenRuns(np.concatenate([np.array(one) for one in lists]), np.array([len(one) for one in lists]))


@given(st.lists(st.lists(st.integers(0, 9), max_size=8), min_size=1, max_size=4), st.lists(st.integers(0, 12)))
def test_merging_and_finding_equal_counters(lists, wanted):
    parts = [count_keys(np.array(one, dtype=np.uint64)) for one in lists]
    keys, counts = merge_counts(parts)
    expected = Counter(token for one in lists for token in one)
    assert dict(zip(keys.tolist(), counts.tolist(), strict=True)) == expected
    found = find_counts(keys, counts, np.array(wanted, dtype=np.uint64))
    assert found.tolist() == [expected[token] for token in wanted]


@given(RUNS, st.integers(1, 3))
def test_ngrams_never_reach_over_the_edge_of_a_run(lists, order):
    keys, where = ngram_keys(as_runs(lists), order, VOCABULARY)
    spelled = [tuple(int(key) // VOCABULARY**back % VOCABULARY for back in range(order - 1, -1, -1)) for key in keys]
    assert spelled == [tuple(run[p : p + order]) for run in lists for p in range(len(run) - order + 1)]
    flat = [token for run in lists for token in run]
    assert [flat[place] for place in where] == [ngram[-1] for ngram in spelled]


@pytest.mark.parametrize("worth", [0, 5, 1 << 21])
def test_merging_a_stream_equals_merging_at_once(monkeypatch: pytest.MonkeyPatch, worth: int):
    monkeypatch.setattr("climb.data_prep.difficulty.trigrams._WORTH_MERGING", worth)
    dice = np.random.default_rng(3)
    parts = [count_keys(dice.integers(0, 40, size=size).astype(np.uint64)) for size in (30, 0, 1, 25, 60)]
    for merged, expected in zip(merge_stream(iter(parts)), merge_counts(parts), strict=True):
        assert merged.tolist() == expected.tolist()
    assert [len(column) for column in merge_stream([])] == [0, 0]
