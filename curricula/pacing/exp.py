"""An exponential ramp: nearly everything opens in the last third."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from climb.curricula.pacing_base import FloatArray, Ramp

SHARPNESS = 10.0


@dataclass(frozen=True)
class Exp(Ramp):
    """p(x) = start + (end − start)·(e^{cx} − 1)/(e^c − 1), c = 10 as in CLIMB."""

    name: ClassVar[str] = "exp"

    def between(self, x: FloatArray) -> FloatArray:
        """Return the value at the share x of the ramp."""
        return self.blend(np.expm1(SHARPNESS * x) / np.expm1(SHARPNESS))
