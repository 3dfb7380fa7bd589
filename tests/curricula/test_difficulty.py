import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata

from climb.curricula.difficulty import joined

SCORES = st.integers(5, 40).flatmap(
    lambda size: st.lists(
        st.lists(st.integers(-6, 6), min_size=size, max_size=size).map(lambda row: np.array(row, dtype=np.float32)),
        min_size=1,
        max_size=3,
    )
)
SHARES = st.sampled_from([0.0, 0.125, 0.25, 0.5, 0.75, 0.875, 1.0])


def open_blocks(scores, share, **rules):
    """Return the blocks that are open, as a set."""
    goes_by = joined(scores, **rules)
    order = np.argsort(goes_by.keys, kind="stable")
    count = goes_by.open_counts(goes_by.keys[order], np.array([share]))[0]
    return set(order[:count].tolist())


def below_percentile(metric, share):
    """Numpy's percentile rule; all these shares are exact, so its interpolation is too."""
    return metric <= np.percentile(metric.astype(np.float64), 100 * share, method="lower")


@given(SCORES, SHARES)
def test_an_intersection_of_percentiles(scores, share):
    expected = np.logical_and.reduce([below_percentile(metric, share) for metric in scores])
    assert open_blocks(scores, share) == set(np.flatnonzero(expected).tolist())


@given(SCORES, SHARES)
def test_an_intersection_of_values(scores, share):
    expected = np.logical_and.reduce(
        [metric <= metric.min() + share * (metric.max() - metric.min()) + 1e-9 for metric in scores]
    )
    assert open_blocks(scores, share, by="value") == set(np.flatnonzero(expected).tolist())


@given(SCORES, SHARES)
def test_a_sum_of_ranks(scores, share):
    ranks = np.sum([rankdata(metric) for metric in scores], axis=0)
    assert open_blocks(scores, share, join="ranks") == set(np.flatnonzero(below_percentile(ranks, share)).tolist())
    told = joined(scores, "ranks").told
    assert told == pytest.approx((ranks / len(scores) - 0.5) / len(ranks))


def test_values_between_floats_open_what_is_at_most_the_limit():
    """0.1 as a float32 is above 0.1: a limit rounded up would open it."""
    metric = np.array([0.0, 0.1, 1.0], dtype=np.float32)
    assert open_blocks([metric], 0.1, by="value") == {0}
    assert open_blocks([metric], 0.11, by="value") == {0, 1}
    assert open_blocks([metric], 1.0, by="value") == {0, 1, 2}


def test_one_far_block_stretches_values_but_not_percentiles():
    metric = np.append(np.arange(99), 1e6).astype(np.float32)
    assert len(open_blocks([metric], 0.5, by="value")) == 99
    assert len(open_blocks([metric], 0.5)) == 50


def test_a_metric_that_is_the_same_everywhere_closes_nothing():
    flat, other = np.ones(20, dtype=np.float32), np.arange(20, dtype=np.float32)
    for rules in ({}, {"by": "value"}, {"join": "ranks"}):
        assert open_blocks([flat, other], 0.5, **rules) == open_blocks([other], 0.5, **rules)
