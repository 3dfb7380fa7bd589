"""A ramp of any degree: below 1 quick at first, above 1 slow at first."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from climb.base.errors import UserError
from climb.curricula.pacing_base import FloatArray, Ramp, number_text


@dataclass(frozen=True)
class Polynomial(Ramp):
    """p(x) = start + (end − start)·x^degree, degree > 0."""

    name: ClassVar[str] = "polynomial"
    degree: float = 3.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if not (self.degree > 0 and math.isfinite(self.degree)):
            raise UserError(
                f"Parameter degree={number_text(self.degree)} of the pacing function 'polynomial' is not a "
                "positive number: write degree=2, say."
            )

    def between(self, x: FloatArray) -> FloatArray:
        """Return the value at the share x of the ramp."""
        return self.blend(x**self.degree)
