"""The same value throughout: the control that separates a smaller pool from a growing one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from climb.curricula.pacing_base import FloatArray, Pacing, check_share, share_of_run


@dataclass(frozen=True)
class Constant(Pacing):
    """p = value."""

    name: ClassVar[str] = "constant"
    value_: float = 1.0

    def __post_init__(self) -> None:
        check_share(self.name, "value", self.value_)

    def value(self, step: npt.ArrayLike, total_steps: int) -> FloatArray:
        """Return the share open at each step; see `Pacing.value`."""
        return np.full_like(share_of_run(step, total_steps), self.value_)
