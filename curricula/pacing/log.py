"""A logarithmic ramp: more than half is open after a hundredth of the ramp."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from climb.curricula.pacing_base import FloatArray, Ramp

SHARPNESS = 10.0


@dataclass(frozen=True)
class Log(Ramp):
    """p(x) = start + (end − start)·(1 + ln(x + e^{−c})/c), c = 10 as in CLIMB."""

    name: ClassVar[str] = "log"

    def between(self, x: FloatArray) -> FloatArray:
        """Return the value at the share x of the ramp."""
        return self.blend(1.0 + np.log(x + np.exp(-SHARPNESS)) / SHARPNESS)
