"""Half a cosine: flat at both ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from climb.curricula.pacing_base import FloatArray, Ramp


@dataclass(frozen=True)
class Cosine(Ramp):
    """p(x) = start + (end − start)·(1 − cos πx)/2."""

    name: ClassVar[str] = "cosine"

    def between(self, x: FloatArray) -> FloatArray:
        """Return the value at the share x of the ramp."""
        return self.blend((1.0 - np.cos(np.pi * x)) / 2.0)
