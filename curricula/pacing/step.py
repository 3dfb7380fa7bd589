"""A jump: all at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from climb.curricula.pacing_base import FloatArray, Ramp


@dataclass(frozen=True)
class Step(Ramp):
    """p = start until the share `to` of the run, then end; `from` has no part in it, as in CLIMB."""

    name: ClassVar[str] = "step"

    def between(self, x: FloatArray) -> FloatArray:
        """Return the value at the share x of the ramp."""
        return self.blend(np.zeros_like(x))
