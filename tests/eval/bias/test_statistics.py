import math

import numpy as np
import pytest

from climb.eval.bias.statistics import bias, bias_figure, clustered, slope, slope_figure, thirds
from climb.eval.results import mean_figure

RNG = np.random.default_rng(0)
DELTAS = RNG.normal(size=3000)


def test_thirds_are_strictly_beyond_the_33rd_and_66th_percentile():
    low, middle, high = thirds(np.arange(101.0))
    assert (np.flatnonzero(low) == np.arange(33)).all()
    assert (np.flatnonzero(high) == np.arange(67, 101)).all()
    assert middle.sum() == 34


def test_a_scorer_that_always_prefers_frequent_tokens_and_one_that_prefers_rare_ones():
    assert bias(DELTAS, (DELTAS > 0).astype(float)) == 1.0
    assert bias(DELTAS, (DELTAS < 0).astype(float)) == -1.0


def test_a_scorer_blind_to_frequency():
    assert bias(DELTAS, np.full(3000, 0.5)) == 0.0
    coin = bias_figure(DELTAS, RNG.integers(0, 2, 3000).astype(float))
    # Two thirds of about a thousand coins each: the error is that of their difference.
    assert coin.standard_error == pytest.approx(math.sqrt(0.25 / 990 + 0.25 / 1020), rel=0.01)
    assert abs(coin.value) < 4 * coin.standard_error


def test_equal_differences_cannot_be_divided():
    assert math.isnan(bias(np.zeros(9), np.ones(9)))
    assert bias_figure(np.zeros(9), np.ones(9)) is None
    assert bias_figure(np.zeros(0), np.zeros(0)) is None


def test_the_slope_is_that_of_least_squares_with_a_constant_per_paradigm():
    n = 300
    paradigms, longer = RNG.integers(0, 5, n), RNG.integers(-2, 3, n).astype(float)
    deltas = RNG.normal(size=n) + longer + paradigms
    credits = 0.1 * deltas - 0.2 * longer + 0.3 * paradigms + RNG.normal(size=n)
    design = np.column_stack([deltas, longer, np.eye(5)[paradigms]])
    solution = np.linalg.lstsq(design, credits, rcond=None)[0]
    assert slope(deltas, credits, longer, paradigms) == pytest.approx(solution[0], abs=1e-12)
    # White's sandwich, written out.
    residual = credits - design @ solution
    bread = np.linalg.inv(design.T @ design)
    meat = design.T @ (design * residual[:, None] ** 2)
    figure = slope_figure(deltas, credits, longer, paradigms)
    assert figure.standard_error == pytest.approx(math.sqrt((bread @ meat @ bread)[0, 0]), rel=1e-9)


def test_length_alone_leaves_no_slope_and_no_spread_no_slope():
    longer = np.array([0.0, 1.0, 0.0, 1.0])
    deltas = np.array([0.0, 2.0, 1.0, 1.0])
    assert slope(deltas, longer, longer, np.zeros(4, dtype=int)) == pytest.approx(0.0, abs=1e-12)
    assert slope_figure(longer, longer, longer, np.zeros(4, dtype=int)) is None
    assert slope_figure(np.ones(4), longer, longer, np.zeros(4, dtype=int)) is None


def test_the_bootstrap_takes_clusters_as_its_unit():
    # Forty clusters of ten equal values: the error of the mean is that of forty observations, not of four hundred.
    values = np.repeat(RNG.normal(size=40), 10)
    clusters = [np.arange(10 * k, 10 * k + 10) for k in range(40)]
    measure = lambda chosen: {"mean": float(values[chosen].mean()), "never": math.nan}  # noqa: E731
    figures = {"mean": mean_figure(values), "never": mean_figure(values)}
    found = clustered(figures, clusters, measure, 0)
    expected = values.std() / math.sqrt(40)
    assert found["mean"].clustered == pytest.approx(expected, rel=0.1)
    low, high = found["mean"].interval
    assert (low, high) == pytest.approx((values.mean() - 1.96 * expected, values.mean() + 1.96 * expected), abs=0.08)
    assert found["never"] == figures["never"]
    assert clustered(figures, clusters, measure, 0) == found
    assert clustered(figures, clusters[:1], measure, 0) == figures
