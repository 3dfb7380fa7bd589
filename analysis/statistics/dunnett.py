"""Dunnett's comparisons with a baseline: all differences at once, with one error rate for the family.

With m differences and noise estimated on ν degrees of freedom, the statistics t_i = difference_i ÷ its standard error
are jointly multivariate t under the hypothesis of no difference, with the correlations of the design. The critical
value c solves P(max |t_i| ≤ c) = 0.95 (Dunnett 1955, "A multiple comparison procedure for comparing several
treatments with a control"), here for the randomised block layout, where ν = (k − 1)(n − 1) and the correlations are
one half (Hsu 1996, "Multiple comparisons", chapter 7). `scipy.stats.dunnett` covers the one-way layout alone.
Unequal correlations, from missing runs, go through `scipy.stats.multivariate_t`.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
_POINTS = 50_000
"""Integration points where correlations differ: the probability is then exact to about three digits."""
_NODES = 96
"""Points of each of the two rules where they are equal: exact to five digits."""


def coverage(limit: float, correlation: Floats, freedom: int) -> float:
    """Return P(max |t_i| ≤ limit) of a multivariate t; the same number at every call.

    Args:
        limit: ≥ 0.
        correlation: [m, m].
        freedom: degrees of freedom, ≥ 1.
    """
    from scipy import stats

    m = len(correlation)
    if m == 1:
        return float(1.0 - 2.0 * stats.t.sf(limit, freedom))
    shared = correlation[~np.eye(m, dtype=bool)]
    if shared.min() >= 0 and np.ptp(shared) < 1e-6 and shared[0] < 1:
        return _one_factor(limit, float(shared.mean()), m, freedom)
    high = np.full(m, limit)
    # An own generator with a fixed seed: the integration rule is shifted at random, and must not differ by call.
    value = stats.multivariate_t.cdf(
        high,
        np.zeros(m),
        correlation,
        freedom,
        allow_singular=True,
        maxpts=_POINTS,
        lower_limit=-high,
        random_state=np.random.default_rng(0),
    )
    return float(np.clip(value, 0.0, 1.0))


def _one_factor(limit: float, shared: float, m: int, freedom: int) -> float:
    """Return the same where all correlations are equal, as in every full layout: exact, and a thousand times quicker.

    t_i = (√ρ·z_0 + √(1 − ρ)·z_i) ÷ s, so that given z_0 and s the m statistics are independent.
    """
    from scipy import special, stats

    nodes, weights = np.polynomial.hermite_e.hermegauss(_NODES)
    places, steps = np.polynomial.legendre.leggauss(_NODES)
    scale = np.sqrt(stats.chi2.ppf((places + 1) / 2, freedom) / freedom)[:, None]
    centre, width = np.sqrt(shared) * nodes[None, :], np.sqrt(1 - shared)
    inside = special.ndtr((limit * scale - centre) / width) - special.ndtr((-limit * scale - centre) / width)
    given_scale = inside**m @ weights / np.sqrt(2 * np.pi)
    return float(given_scale @ steps / 2)


def critical_value(correlation: Floats, freedom: int, level: float = 0.95) -> float:
    """Return c with P(max |t_i| ≤ c) = level; differences ± c standard errors then hold all at once."""
    rounded = np.round(np.asarray(correlation, dtype=np.float64), 9)
    return _critical_value(rounded.tobytes(), len(rounded), freedom, level)


@lru_cache(maxsize=256)
def _critical_value(correlation: bytes, m: int, freedom: int, level: float) -> float:
    from scipy import stats
    from scipy.optimize import brentq

    matrix = np.frombuffer(correlation).reshape(m, m)
    # One comparison alone from below, Bonferroni's inequality from above.
    low = float(stats.t.ppf(0.5 + level / 2, freedom))
    high = float(stats.t.ppf(1 - (1 - level) / (2 * m), freedom)) * 1.001
    if m == 1:
        return low
    return float(brentq(lambda limit: coverage(limit, matrix, freedom) - level, low * 0.999, high, xtol=1e-4))


def adjusted_p(statistics: Floats, correlation: Floats, freedom: int) -> Floats:
    """Return for each statistic the smallest error rate of the family at which it stands out, [m]."""
    return np.array([1.0 - coverage(abs(float(one)), correlation, freedom) for one in statistics])
