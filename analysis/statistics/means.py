"""Mean and interval of each condition, its spread pooled over conditions, seeds as blocks.

Var(y_cs) = σ_β² + σ²: seeds differ, and runs differ. It is estimated by the sums of squares within conditions,
pooled; because the conditions share seeds, these are no independent pieces of information, and the degrees of
freedom are fewer than they seem. They are Satterthwaite's (1946): for the quadratic form y'Ay with covariance Σ of y,
ν = tr(AΣ)² ÷ tr(AΣAΣ), with both variances estimated. In a full layout of k conditions and n seeds this is the
interval of (MS_seed + (k − 1)·MS_residual) ÷ k, between n − 1 and k(n − 1) degrees of freedom.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class MeanInterval:
    """A condition's mean over seeds.

    Attributes:
        mean: over its seeds.
        spread: standard deviation over its own seeds; None for one seed.
        low, high: ends of the interval from the pooled spread; None where there is none, or nothing varies.
        seeds: how many.
    """

    mean: float
    spread: float | None
    low: float | None
    high: float | None
    seeds: int


def mean_intervals(
    values: Sequence[float], conditions: Sequence[str], seeds: Sequence[int], level: float = 0.95
) -> dict[str, MeanInterval]:
    """Return condition → its mean and interval.

    Args:
        values: one per run [N].
        conditions: the condition of each.
        seeds: the seed of each.
        level: confidence.
    """
    from scipy import stats

    y, names = np.asarray(values, dtype=np.float64), np.asarray(conditions)
    within = np.eye(len(y))
    for name in dict.fromkeys(conditions):
        member = (names == name).astype(np.float64)
        within -= np.outer(member, member) / member.sum()
    free = round(float(np.trace(within)))
    half: dict[str, float] = {}
    if free > 0:
        spread, freedom = _pooled(y, within, free, np.asarray(seeds), names)
        quantile = float(stats.t.ppf(0.5 + level / 2, freedom))
        half = {name: quantile * spread / float(np.sqrt((names == name).sum())) for name in dict.fromkeys(conditions)}
    found = {}
    for name in dict.fromkeys(conditions):
        own = y[names == name]
        mean, sure = float(own.mean()), half.get(name, 0.0) > 0 and len(own) > 1
        found[name] = MeanInterval(
            mean=mean,
            spread=float(own.std(ddof=1)) if len(own) > 1 else None,
            low=mean - half[name] if sure else None,
            high=mean + half[name] if sure else None,
            seeds=len(own),
        )
    return found


def _pooled(
    y: Floats, within: Floats, free: int, seeds: npt.NDArray[np.int64], names: npt.NDArray[np.str_]
) -> tuple[float, float]:
    """Return the pooled standard deviation and its degrees of freedom."""
    # Squared after the projection: a quadratic form would leave the rounding of y² where nothing varies.
    rounding = float(np.abs(y).max()) ** 2 * 1e-24
    form, total = within / free, float(np.square(within @ y).sum()) / free
    same_seed = (seeds[:, None] == seeds[None, :]).astype(np.float64)
    columns = [names[:, None] == np.unique(names)[None, :], seeds[:, None] == np.unique(seeds)[None, :]]
    design = np.hstack(columns).astype(np.float64)
    rest = len(y) - int(np.linalg.matrix_rank(design))
    residual = float(np.square((np.eye(len(y)) - design @ np.linalg.pinv(design)) @ y).sum())
    noise = min(residual / rest, total) if rest > 0 else 0.0
    if total <= rounding:
        return 0.0, 1.0
    covariance = noise * np.eye(len(y)) + (total - noise) * same_seed
    moved = form @ covariance
    return total**0.5, float(np.trace(moved) ** 2 / np.trace(moved @ moved))
