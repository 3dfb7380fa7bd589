import math

import numpy as np
import pytest

from climb.eval.results import Figure, macro_figure, mean_figure, ratio_figure


def test_accuracy_has_the_binomial_error_and_ties_shrink_it():
    credits = np.array([1.0] * 30 + [0.0] * 10)
    figure = mean_figure(credits)
    assert figure.value == 0.75
    assert figure.standard_error == pytest.approx(math.sqrt(0.75 * 0.25 / 40))
    assert mean_figure(np.full(40, 0.5)).standard_error == 0.0


def test_macro_mean_has_both_errors():
    parts = [Figure(value=v, standard_error=s, count=10) for v, s in ((0.5, 0.03), (0.7, 0.04))]
    figure = macro_figure(parts)
    assert figure.value == pytest.approx(0.6)
    assert figure.standard_error == pytest.approx(math.sqrt(0.03**2 + 0.04**2) / 2)
    assert figure.clustered == pytest.approx(0.1)
    assert figure.count == 20
    assert macro_figure(parts[:1]).clustered is None


def test_the_error_of_a_ratio_is_what_repeated_draws_show():
    rng = np.random.default_rng(0)
    sizes = rng.integers(5, 50, (2000, 40)).astype(float)
    amounts = sizes * (3 + rng.normal(0, 0.5, sizes.shape))
    figures = [ratio_figure(a, s, 1) for a, s in zip(amounts, sizes, strict=True)]
    spread = np.std([figure.value for figure in figures])
    assert np.mean([figure.standard_error for figure in figures]) == pytest.approx(spread, rel=0.05)
    assert ratio_figure(np.array([6.0]), np.array([3.0]), 3) == Figure(value=2.0, standard_error=None, count=3)


def test_one_item_tells_no_error():
    assert mean_figure(np.array([1.0])).standard_error is None
    known = Figure(value=0.5, standard_error=0.1, count=25)
    assert macro_figure([known, mean_figure(np.array([1.0]))]).standard_error is None
