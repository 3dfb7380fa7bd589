"""Fit f(x) = a / (1 + exp(−b (x − c))) + d, and find where it crosses a level."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Column = npt.NDArray[np.float64]
Four = tuple[float, float, float, float]


@dataclass(frozen=True)
class Logistic:
    """A curve: height a, slope b, middle c, floor d."""

    a: float
    b: float
    c: float
    d: float

    def crossing(self, level: float) -> float | None:
        """Return x where f(x) = level, c − ln(a / (level − d) − 1) / b; None where no rising curve crosses it."""
        if self.a <= 0 or self.b <= 0 or not self.d < level < self.a + self.d:
            return None
        return self.c - math.log(self.a / (level - self.d) - 1.0) / self.b


def fitted(x: Column, y: Column, start: Four, limits: tuple[Four, Four] | None, calls: int) -> Logistic | None:
    """Return the curve of least squares through points; None where the search does not end.

    Args:
        x: of the points, at least four.
        y: of the points.
        start: a, b, c, d to begin with; moved inside the limits.
        limits: the lowest and the highest values; None for any.
        calls: evaluations of the curve after which the search is given up.
    """
    from scipy.optimize import OptimizeWarning, curve_fit

    bounds = (-np.inf, np.inf) if limits is None else limits
    begin = np.array(start) if limits is None else np.clip(start, *limits)
    try:
        with warnings.catch_warnings(), np.errstate(over="ignore"):
            warnings.simplefilter("ignore", OptimizeWarning)  # that errors of a, b, c, d are unknown; nobody asks
            found, _ = curve_fit(_values, x, y, p0=begin, bounds=bounds, maxfev=calls)
    except RuntimeError:  # the calls are spent
        return None
    return Logistic(*(float(value) for value in found))


def _values(x: Column, a: float, b: float, c: float, d: float) -> Column:
    return np.asarray(a / (1.0 + np.exp(-b * (x - c))) + d)
