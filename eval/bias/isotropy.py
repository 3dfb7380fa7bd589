"""How evenly vectors fill their space: mean cosine, IsoScore and the share of the first components, from sums alone.

Mean cosine over all pairs of different vectors (anisotropy, Ethayarajh 2019), with unit vectors u_1 … u_n:

    A = (‖Σ u_i‖² − Σ ‖u_i‖²) / (n (n − 1))

IsoScore (Rudman et al. 2022, "IsoScore: measuring the uniformity of embedding space utilization") of the covariance
with eigenvalues λ_1 … λ_d: with λ̂ = √d λ / ‖λ‖ and the defect δ = ‖λ̂ − 1‖ / √(2 (d − √d)), it is
(d φ − 1) / (d − 1), φ = (d − δ² (d − √d))² / d². Put in, this is (p − 1) / (d − 1) with the participation ratio
p = (Σ λ)² / Σ λ², so that no eigenvalue has to be found: Σ λ is the trace and Σ λ² the sum of squared entries.
1 where all directions vary alike, 0 where one does; k equally used directions of d give (k − 1) / (d − 1).
"""

from __future__ import annotations

import math

import numpy as np

from climb.eval.requests import Floats


def mean_cosine(unit_sum: Floats, squares: float, count: int) -> float:
    """Return the mean cosine over all ordered pairs of different vectors; NaN for fewer than two.

    Args:
        unit_sum: Σ u_i, [d].
        squares: Σ ‖u_i‖², which is the number of vectors that are not zero; a zero vector has cosine 0.
        count: number of vectors.
    """
    if count < 2:
        return math.nan
    return float((unit_sum @ unit_sum - squares) / (count * (count - 1)))


def covariance(total: Floats, moments: Floats, count: int) -> Floats:
    """Return the covariance matrix [d, d] of `count` vectors from Σ x [d] and Σ x xᵀ [d, d]."""
    mean = total / count
    return moments / count - np.outer(mean, mean)


def isoscore(spread: Floats) -> float:
    """Return the IsoScore of a covariance matrix [d, d], d ≥ 2; NaN where nothing varies."""
    squares = float(np.square(spread).sum())
    if squares == 0.0:
        return math.nan
    return float((np.trace(spread) ** 2 / squares - 1) / (len(spread) - 1))


def leading_shares(spread: Floats, components: tuple[int, ...]) -> list[float]:
    """Return the shares of the total variance that the first k principal components hold, for every k given.

    Args:
        spread: covariance matrix, [d, d].
        components: numbers k of components; one larger than d takes all.
    """
    values = np.linalg.eigvalsh(spread)[::-1].clip(min=0.0)
    total = float(values.sum())
    return [float(values[:k].sum()) / total if total else math.nan for k in components]
