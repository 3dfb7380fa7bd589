"""Dunnett's critical values against his tables and an independent integral; the error rate of null sweeps."""

import numpy as np
import pytest
from scipy import integrate, stats

from climb.analysis.statistics.additive import additive_fit
from climb.analysis.statistics.dunnett import adjusted_p, coverage, critical_value


def halves(m: int) -> np.ndarray:
    return np.full((m, m), 0.5) + 0.5 * np.eye(m)


@pytest.mark.parametrize(
    ("m", "freedom", "table"),
    # Dunnett (1964), "New tables for multiple comparisons with a control", two-sided, 5 %.
    [(1, 10, 2.23), (2, 10, 2.57), (3, 10, 2.76), (2, 6, 2.86), (4, 20, 2.65), (9, 20, 2.95)],
)
def test_critical_values_are_those_of_the_tables(m, freedom, table):
    assert critical_value(halves(m), freedom) == pytest.approx(table, abs=0.012)


def test_coverage_against_a_double_integral():
    """With correlations of one half t_i = (z_i + z_0)/√2 ÷ s, which leaves two dimensions to integrate."""
    m, freedom, limit = 3, 4, 2.5

    def inner(scale):
        def at(shared):
            high, low = np.sqrt(2) * limit * scale - shared, -np.sqrt(2) * limit * scale - shared
            return stats.norm.pdf(shared) * (stats.norm.cdf(high) - stats.norm.cdf(low)) ** m

        density = stats.chi.pdf(scale * np.sqrt(freedom), freedom) * np.sqrt(freedom)
        return density * integrate.quad(at, -8, 8)[0]

    expected = integrate.quad(inner, 0, 6)[0]
    assert coverage(limit, halves(m), freedom) == pytest.approx(expected, abs=2e-4)


@pytest.mark.parametrize(("m", "freedom"), [(2, 1), (3, 4), (8, 32)])
def test_the_quick_integral_is_that_of_scipy(m, freedom):
    for limit in (0.5, 2.0, 4.0):
        high = np.full(m, limit)
        expected = stats.multivariate_t.cdf(
            high,
            np.zeros(m),
            halves(m),
            freedom,
            lower_limit=-high,
            maxpts=100_000,
            random_state=np.random.default_rng(1),
        )
        assert coverage(limit, halves(m), freedom) == pytest.approx(expected, abs=3e-4)


def test_unequal_correlations_go_another_way():
    """Independent statistics over a known scale, nearly: the product of their chances."""
    almost = np.array([[1.0, 0.0, 0.3], [0.0, 1.0, 0.0], [0.3, 0.0, 1.0]])
    pair = stats.multivariate_normal.cdf([2, 2], [0, 0], [[1, 0.3], [0.3, 1]], lower_limit=[-2, -2])
    expected = pair * (1 - 2 * stats.norm.sf(2))
    assert coverage(2.0, almost, 10**6) == pytest.approx(expected, abs=1e-3)


def test_p_and_critical_value_agree():
    limit = critical_value(halves(3), 4)
    assert adjusted_p(np.array([limit, -limit, 0.0]), halves(3), 4) == pytest.approx([0.05, 0.05, 1.0], abs=1e-3)


@pytest.mark.parametrize("seeds", [3, 5])
@pytest.mark.parametrize(("others", "seed_effect"), [(2, 3.0), (8, 0.0)])
def test_null_sweeps_find_something_in_five_of_a_hundred(seeds, others, seed_effect):
    names = [f"c{place}" for place in range(others + 1)]
    layout = [(name, seed) for name in names for seed in range(seeds)]
    fit = additive_fit([name for name, _ in layout], [seed for _, seed in layout], "c0")
    rng = np.random.default_rng(seeds)
    sweeps = 20_000
    blocks = seed_effect * rng.normal(size=(sweeps, 1, seeds))
    values = (0.7 + blocks + rng.normal(size=(sweeps, others + 1, seeds))).reshape(sweeps, -1)
    ratios = np.abs(fit.differences(values) / fit.standard_errors(values))
    found = (ratios.max(axis=1) > critical_value(fit.correlation, fit.freedom)).mean()
    assert 0.035 <= found <= 0.065


def test_null_sweeps_with_missing_runs():
    names = ["c0", "c1", "c2", "c3"]
    layout = [(name, seed) for name in names for seed in range(5) if (name, seed) not in {("c1", 0), ("c3", 4)}]
    fit = additive_fit([name for name, _ in layout], [seed for _, seed in layout], "c0")
    rng = np.random.default_rng(0)
    seed_of = np.array([seed for _, seed in layout])
    values = rng.normal(size=(20_000, 5))[:, seed_of] * 2 + rng.normal(size=(20_000, len(layout)))
    ratios = np.abs(fit.differences(values) / fit.standard_errors(values))
    found = (ratios.max(axis=1) > critical_value(fit.correlation, fit.freedom)).mean()
    assert 0.035 <= found <= 0.065
