"""A quadratic ramp: slow at first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from climb.curricula.pacing_base import FloatArray, Ramp


@dataclass(frozen=True)
class Quad(Ramp):
    """p(x) = start + (end − start)·x²."""

    name: ClassVar[str] = "quad"

    def between(self, x: FloatArray) -> FloatArray:
        """Return the value at the share x of the ramp."""
        return self.blend(x * x)
