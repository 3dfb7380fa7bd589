import numpy as np
import pytest

from climb.eval.intervals import macro_interval, mean_interval, ratio_interval


def test_the_interval_of_a_mean_is_that_of_the_binomial():
    credits = np.array([1.0] * 60 + [0.0] * 40)
    low, high = mean_interval(credits, [str(i) for i in range(100)], seed=0)
    error = 1.96 * (0.6 * 0.4 / 100) ** 0.5
    assert (low, high) == pytest.approx((0.6 - error, 0.6 + error), abs=0.02)
    many = np.tile(credits, 20)
    low, high = mean_interval(many, [str(i) for i in range(2000)], seed=0)
    assert (low, high) == pytest.approx((0.6 - error / 20**0.5, 0.6 + error / 20**0.5), abs=1e-12)


def test_items_made_from_one_another_count_as_one():
    credits = np.repeat([1.0, 0.0], 50).repeat(2)
    alone = mean_interval(credits, [str(i) for i in range(200)], seed=0)
    twins = mean_interval(credits, [str(i // 2) for i in range(200)], seed=0)
    assert (twins[1] - twins[0]) / (alone[1] - alone[0]) == pytest.approx(2**0.5, rel=0.1)


def test_the_same_seed_gives_the_same_interval_and_one_unit_gives_none():
    values = [0.13, 0.29, 0.38, 0.47, 0.56, 0.61, 0.74, 0.83, 0.92]
    assert macro_interval(values, 1) == macro_interval(values, 1) != macro_interval(values, 2)
    assert macro_interval([0.5], 0) is None
    assert mean_interval(np.array([1.0, 0.0]), ["a", "a"], 0) is None
    low, high = ratio_interval(np.array([1.0, 4.0]), np.array([2.0, 8.0]), 0)
    assert low == high == 0.5
