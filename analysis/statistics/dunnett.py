"""Dunnett's comparisons with a baseline: all differences at once, with one error rate for the family.

With m differences and noise estimated on ν degrees of freedom, the statistics t_i = difference_i ÷ its standard error
are jointly multivariate t under the hypothesis of no difference, with the correlations of the design. The critical
value c solves P(max |t_i| ≤ c) = 0.95 (Dunnett 1955, "A multiple comparison procedure for comparing several
treatments with a control"), here for the randomised block layout, where ν = (k − 1)(n − 1) and the correlations are
one half (Hsu 1996, "Multiple comparisons", chapter 7). `scipy.stats.dunnett` covers the one-way layout alone.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
_POINTS = 200_000
"""Integration points: the probability is then exact to about four digits."""


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
