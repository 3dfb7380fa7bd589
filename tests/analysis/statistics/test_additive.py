"""The additive fit against the textbook's sums of squares, and its behaviour where runs are missing."""

import numpy as np
import pytest

from climb.analysis.statistics.additive import additive_fit


def full(k: int, n: int) -> tuple[list[str], list[int]]:
    return [f"c{c}" for c in range(k) for _ in range(n)], [s for _ in range(k) for s in range(n)]


def test_a_full_layout_has_the_textbook_estimates():
    rng = np.random.default_rng(1)
    table = rng.normal(size=(4, 3)) + 5 * rng.normal(size=(1, 3))
    fit = additive_fit(*full(4, 3), "c0")
    y = table.ravel()
    assert fit.freedom == 3 * 2
    assert fit.blocked
    assert fit.differences(y) == pytest.approx(table[1:].mean(axis=1) - table[0].mean())
    residual = table - table.mean(axis=1, keepdims=True) - table.mean(axis=0) + table.mean()
    noise = np.sqrt((residual**2).sum() / 6)
    assert fit.noise(y) == pytest.approx(noise)
    assert fit.standard_errors(y) == pytest.approx(np.full(3, noise * np.sqrt(2 / 3)))
    assert fit.correlation == pytest.approx(0.5 + 0.5 * np.eye(3))


def test_two_conditions_are_a_paired_t_test():
    from scipy import stats

    rng = np.random.default_rng(2)
    one, other = rng.normal(size=5), rng.normal(size=5)
    fit = additive_fit(*full(2, 5), "c0")
    y = np.concatenate([one, other])
    expected = stats.ttest_rel(other, one)
    assert fit.differences(y)[0] / fit.standard_errors(y)[0] == pytest.approx(expected.statistic)
    assert fit.freedom == 4


def test_a_shift_of_a_seed_changes_nothing():
    fit = additive_fit(*full(3, 4), "c0")
    y = np.random.default_rng(3).normal(size=12)
    shifted = y + np.tile([10.0, -3.0, 0.0, 7.0], 3)
    assert fit.differences(shifted) == pytest.approx(fit.differences(y))
    assert fit.noise(shifted) == pytest.approx(fit.noise(y))


def test_seeds_that_are_not_shared_leave_a_one_way_layout():
    fit = additive_fit(["a", "a", "b", "b", "b"], [0, 1, 2, 3, 4], "a")
    assert not fit.blocked
    assert fit.freedom == 3
    y = np.array([1.0, 3.0, 4.0, 5.0, 9.0])
    assert fit.differences(y)[0] == pytest.approx(4.0)
    assert fit.noise(y) == pytest.approx(np.sqrt((2 + 14) / 3))


def test_a_missing_run_is_left_to_least_squares():
    conditions, seeds = ["a", "a", "b"], [0, 1, 1]
    fit = additive_fit([*conditions, "b", "b"], [*seeds, 2, 0], "a")
    y = np.array([1.0, 2.0, 4.0, 9.0, 3.0])
    # Seed 2 has one run, which its own effect explains: the difference is that of seeds 0 and 1.
    assert fit.differences(y)[0] == pytest.approx(2.0)


@pytest.mark.parametrize("layout", [(["a", "b"], [0, 0]), (["a", "a"], [0, 1]), (["b", "b"], [0, 1])])
def test_too_little_is_said(layout):
    assert additive_fit(*layout, "a") is None


def test_equal_values_have_no_noise():
    fit = additive_fit(*full(2, 3), "c0")
    assert fit.noise(np.full(6, 0.1 + 0.2)) == 0.0
