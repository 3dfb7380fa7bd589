"""How sure one run's mean over paradigms is: a bootstrap over items, clustered by paradigm.

Paradigms are drawn with replacement, each with all its items (the cluster bootstrap; Davison & Hinkley 1997, section
3.8), so the interval holds for "other paradigms like these". It describes one set of weights, one seed. It says
nothing about what another seed, or the curriculum, would give; verdicts never use it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from climb.base.random_bits import RandomBits

_DRAWS = 10_000


def clustered_interval(paradigms: Sequence[float], level: float = 0.95) -> tuple[float, float] | None:
    """Return the interval of the mean over paradigms; None for fewer than two.

    Args:
        paradigms: the value of each paradigm [k], such as its accuracy.
        level: confidence.
    """
    k = len(paradigms)
    if k < 2:
        return None
    drawn = RandomBits(0, "bootstrap over paradigms").below(k, np.arange(_DRAWS)[:, None], np.arange(k)[None, :])
    means = np.asarray(paradigms, dtype=np.float64)[drawn].mean(axis=1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
