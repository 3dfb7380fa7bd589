"""95 % intervals by the bootstrap: draw the independent units again and again, and look where the mean falls.

The units of a macro mean are its paradigms, because sentences of one paradigm are made from one template; the units
of a mean over items are clusters of items that were made from one another. Percentile intervals (Efron 1979,
"Bootstrap methods: another look at the jackknife"), seeded: the same figures give the same interval. With more
than 1,000 units the mean is as good as normal, and the interval is ± 1.96 of its linearised standard error.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from climb.base.random_bits import RandomBits

Interval = tuple[float, float]
RESAMPLES = 2000
_MANY = 1000
"""Units from which the normal approximation serves."""


def macro_interval(values: Sequence[float], seed: int) -> Interval | None:
    """Return the 95 % interval of the mean of paradigms' values; None for fewer than two."""
    return ratio_interval(np.array(values), np.ones(len(values)), seed)


def mean_interval(credits: npt.NDArray[np.float64], clusters: Sequence[str], seed: int) -> Interval | None:
    """Return the 95 % interval of the mean credit of items [n], drawn by cluster; None for fewer than two."""
    _, cluster_of = np.unique(np.array(clusters, dtype=object).astype(str), return_inverse=True)
    size = int(cluster_of.max()) + 1 if len(cluster_of) else 0
    sums = np.bincount(cluster_of, weights=credits, minlength=size).astype(np.float64)
    return ratio_interval(sums, np.bincount(cluster_of, minlength=size).astype(np.float64), seed)


def ratio_interval(amounts: npt.NDArray[np.float64], sizes: npt.NDArray[np.float64], seed: int) -> Interval | None:
    """Return the 95 % interval of Σ amount / Σ size over drawn units [C]; None for fewer than two units."""
    units = len(amounts)
    if units < 2:
        return None
    total = float(sizes.sum())
    if units > _MANY:
        mean = float(amounts.sum()) / total
        error = 1.96 * math.sqrt(float(np.square(amounts - mean * sizes).sum())) / total
        return mean - error, mean + error
    drawn = RandomBits(seed, "bootstrap").below(units, np.arange(RESAMPLES)[:, None], np.arange(units)[None, :])
    low, high = np.quantile(amounts[drawn].sum(axis=1) / sizes[drawn].sum(axis=1), [0.025, 0.975])
    return float(low), float(high)
