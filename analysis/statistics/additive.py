"""The additive model of a sweep: a value is its condition's effect plus its seed's effect plus noise.

    y_cs = α_c + β_s + ε_cs,   ε independent, normal, of one variance σ² for all conditions

Runs of one seed share initial weights and the numbering of samples, so seeds are blocks: what they have in common
cancels in differences between conditions. The noise is pooled over all conditions, which is what makes three seeds
enough to say anything: 9 conditions × 3 seeds leave 16 degrees of freedom where two conditions alone leave 2.
Least squares handles missing runs; where conditions share too few seeds to compare them within seeds, the seeds'
effects are left out (a one-way layout) and the fit says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
_TOLERANCE = 1e-9


@dataclass(frozen=True)
class AdditiveFit:
    """A design, ready to be fitted to any number of responses.

    Attributes:
        conditions: labels of the compared conditions, the baseline left out, in the order of the contrasts.
        weights: [m, N]: weights @ y are the m differences from the baseline.
        residual: [N, N]: the projection whose quadratic form is the residual sum of squares.
        factor: [m, m]: the covariance of the differences is σ² × factor.
        freedom: degrees of freedom of the residual.
        blocked: whether the seeds' effects were taken out.
    """

    conditions: tuple[str, ...]
    weights: Floats
    residual: Floats
    factor: Floats
    freedom: int
    blocked: bool

    @property
    def correlation(self) -> Floats:
        """Correlations between the differences [m, m]; one half throughout where nothing is missing."""
        scale = np.sqrt(np.diag(self.factor))
        return np.asarray(self.factor / np.outer(scale, scale))

    def differences(self, values: Floats) -> Floats:
        """Return the differences from the baseline, [..., m], of responses [..., N]."""
        return np.asarray(values @ self.weights.T)

    def noise(self, values: Floats) -> Floats:
        """Return the residual standard deviation, [...], of responses [..., N].

        What is less than the rounding of the responses counts as none.
        """
        # Squared after the projection: a quadratic form would leave the rounding of y² where there is no noise.
        variance = np.square(values @ self.residual.T).sum(axis=-1) / self.freedom
        rounding = np.square(np.abs(values).max(axis=-1)) * 1e-24
        return np.asarray(np.sqrt(np.where(variance > rounding, variance, 0.0)))

    def standard_errors(self, values: Floats) -> Floats:
        """Return the standard errors of the differences, [..., m]."""
        return np.asarray(self.noise(values)[..., None] * np.sqrt(np.diag(self.factor)))


def additive_fit(conditions: Sequence[str], seeds: Sequence[int], baseline: str) -> AdditiveFit | None:
    """Return the fit of a layout; None where it leaves no degree of freedom or nothing to compare.

    Args:
        conditions: the condition of each of N responses.
        seeds: the seed of each.
        baseline: the condition that the others are compared with.
    """
    others = tuple(dict.fromkeys(name for name in conditions if name != baseline))
    if not others or baseline not in conditions:
        return None
    names = (baseline, *others)
    dummies = np.array([[name == one for one in names] for name in conditions], dtype=np.float64)
    blocks = np.array([[seed == one for one in sorted(set(seeds))[1:]] for seed in seeds], dtype=np.float64)
    for design, blocked in ((np.hstack([dummies, blocks.reshape(len(seeds), -1)]), True), (dummies, False)):
        contrasts = np.zeros((len(others), design.shape[1]))
        contrasts[:, 0] = -1.0
        contrasts[np.arange(len(others)), 1 + np.arange(len(others))] = 1.0
        inverse = np.linalg.pinv(design)
        freedom = len(seeds) - int(np.linalg.matrix_rank(design))
        estimable = np.allclose(contrasts @ inverse @ design, contrasts, atol=_TOLERANCE)
        if estimable and freedom > 0:
            weights = contrasts @ inverse
            residual = np.eye(len(seeds)) - design @ inverse
            return AdditiveFit(others, weights, residual, weights @ weights.T, freedom, blocked)
    return None
