"""From values to places: linear and logarithmic axes and their round numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """Maps values between `low` and `high` to places between `start` and `end`.

    Attributes:
        low: the value at `start`; positive when `log`.
        high: the value at `end`.
        start: a place in drawing units.
        end: another; smaller than `start` for an axis that goes up.
        log: whether equal ratios take equal steps.
    """

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def place(self, value: float) -> float:
        """Return where a value stands; a scale of one value puts it at the start."""
        low, high = self._axis(self.low), self._axis(self.high)
        return self.start + (self._axis(value) - low) / ((high - low) or 1.0) * (self.end - self.start)

    def ticks(self) -> list[float]:
        """Return three to six round numbers on the axis; one where it holds a single value."""
        if self.high <= self.low:
            return [self.low]
        return _log_ticks(self.low, self.high) if self.log else _linear_ticks(self.low, self.high)

    def _axis(self, value: float) -> float:
        return math.log10(value) if self.log else value


def _log_ticks(low: float, high: float) -> list[float]:
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    if last - first > 2:
        stride = -(-(last - first) // 6)
        powers = [10.0**power for power in range(first, last + 1, stride)]
        return [tick for tick in powers if low <= tick <= high] or [low, high]
    every = [step * 10.0**power for power in range(first, last + 1) for step in (1, 2, 5)]
    inside = [tick for tick in every if low <= tick <= high]
    # Within a factor of two or so there is no such number, or one: a linear choice serves.
    return inside if len(inside) > 2 else _linear_ticks(low, high)


def _linear_ticks(low: float, high: float) -> list[float]:
    raw = (high - low) / 4
    if raw == 0 or not math.isfinite(raw):
        return [low]
    size = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * size for factor in (1, 2, 2.5, 5, 10) if factor * size >= raw * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [number * step for number in range(first, math.floor(high / step + 1e-9) + 1)]
