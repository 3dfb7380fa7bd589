"""A square-root ramp: quick at first, so that easy material is not overtaught."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from climb.curricula.pacing_base import FloatArray, Ramp


@dataclass(frozen=True)
class Root(Ramp):
    """p(x) = start + (end − start)·√x."""

    name: ClassVar[str] = "root"

    def between(self, x: FloatArray) -> FloatArray:
        """Return the value at the share x of the ramp."""
        return self.blend(np.sqrt(x))
