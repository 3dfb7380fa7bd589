"""A straight ramp."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from climb.curricula.pacing_base import FloatArray, Ramp


@dataclass(frozen=True)
class Linear(Ramp):
    """p(x) = start + (end − start)·x."""

    name: ClassVar[str] = "linear"

    def between(self, x: FloatArray) -> FloatArray:
        """Return the value at the share x of the ramp."""
        return self.blend(x)
