"""Square-root competence (Platanios et al. 2019, "Competence-based curriculum learning for NMT", eq. 8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from climb.curricula.pacing_base import FloatArray, Ramp


@dataclass(frozen=True)
class Competence(Ramp):
    """p(x) = √(x·(end² − start²) + start²); with end = 1 the paper's √(x·(1 − c0²) + c0²)."""

    name: ClassVar[str] = "competence"

    def between(self, x: FloatArray) -> FloatArray:
        """Return the value at the share x of the ramp."""
        return np.sqrt(x * (self.end**2 - self.start**2) + self.start**2)
