import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from climb.eval.bias.pair_frequencies import (
    differing_spans,
    frequency_difference,
    log_frequency,
    pair_kind,
    same_segmentation,
)

SEQUENCE = st.lists(st.integers(0, 3), max_size=7)


def shortest_exchange(good, bad):
    """The total length of the shortest spans whose exchange turns one list into the other, by trying all."""
    sizes = [
        (i2 - i1) + (j2 - j1)
        for i1 in range(len(good) + 1)
        for i2 in range(i1, len(good) + 1)
        for j1 in range(len(bad) + 1)
        for j2 in range(j1, len(bad) + 1)
        if good[:i1] + bad[j1:j2] + good[i2:] == bad
    ]
    return min(sizes)


@given(SEQUENCE, SEQUENCE)
def test_the_spans_are_the_shortest_whose_exchange_makes_the_other_sentence(good, bad):
    one, other = differing_spans(np.array(good, dtype=np.int64), np.array(bad, dtype=np.int64))
    assert good[: one.start] + bad[other] + good[one.stop :] == bad
    assert bad[: other.start] + good[one] + bad[other.stop :] == good
    assert len(good[one]) + len(bad[other]) == shortest_exchange(good, bad)


@pytest.mark.parametrize(
    ("good", "bad", "kind"),
    [
        ([1, 2, 3], [1, 4, 3], "replacement"),
        ([1, 2, 3], [1, 4, 5, 3], "replacement"),
        ([1, 2, 3], [1, 3], "addition"),
        ([1, 1], [1], "addition"),
        ([1, 2, 3], [1, 3, 2], "reordering"),
        ([1, 2, 3], [1, 2, 3], "identical"),
        ([1, 2, 3, 4], [5, 2, 3, 6], "replacement"),
    ],
)
def test_kinds_of_pairs(good, bad, kind):
    assert pair_kind(np.array(good), np.array(bad)) == kind
    assert pair_kind(np.array(bad), np.array(good)) == kind


def test_the_frequency_difference_of_a_hand_made_lexicon():
    counts = np.array([0, 100, 10, 1, 1000])
    logs = log_frequency(counts)
    of = lambda good, bad: frequency_difference(np.array(good), np.array(bad), logs)  # noqa: E731
    assert of([1, 2], [1, 3]) == pytest.approx(math.log(10))
    # A token that both sentences hold counts nowhere, a repeated one once, and a mean is taken over the rest.
    assert of([1, 2, 4, 4], [1, 3]) == pytest.approx((math.log(10) + math.log(1000)) / 2)
    # Nothing is left over on one side: its mean is 0, as published.
    assert of([1, 2, 4], [1, 2, 2]) == pytest.approx(math.log(1000))
    # An unseen token is half an occurrence, not minus infinity.
    assert of([1, 2], [1, 0]) == pytest.approx(math.log(10 / 0.5))


@given(SEQUENCE, SEQUENCE)
def test_the_difference_turns_its_sign_with_the_pair(good, bad):
    logs = log_frequency(np.array([3, 50, 7, 1]))
    one, other = np.array(good, dtype=np.int64), np.array(bad, dtype=np.int64)
    assert frequency_difference(one, other, logs) == -frequency_difference(other, one, logs)


def test_pairs_of_equal_length_and_segmentation():
    goods, bads = ["a b", "a b", "a b c"], ["a c", "a c", "a bc"]
    lengths = np.array([[2, 2], [2, 3], [3, 3]])
    assert same_segmentation(goods, bads, lengths).tolist() == [True, False, False]
