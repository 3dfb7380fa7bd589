"""Straight lines through given points: any schedule at all, rising, falling or both."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from climb.base.errors import UserError
from climb.curricula.pacing_base import FloatArray, Pacing, check_share, number_text, read_number, share_of_run

Points = tuple[tuple[float, float], ...]
_USAGE = "write points=SHARE:VALUE/SHARE:VALUE, as in points=0:0.1/0.5:0.4/1:1"


@dataclass(frozen=True)
class Piecewise(Pacing):
    """p is linear between (share of the run, value) points and constant outside them.

    Attributes:
        points: at least one pair, shares strictly rising, all numbers in [0, 1].
    """

    name: ClassVar[str] = "piecewise"
    points: Points = ((0.0625, 0.1), (0.875, 1.0))

    def __post_init__(self) -> None:
        for share, value in self.points:
            check_share(self.name, "points", share)
            check_share(self.name, "points", value)
        shares = [share for share, _ in self.points]
        if not shares or any(later <= earlier for earlier, later in pairwise(shares)):
            raise UserError(f"The points of the pacing function 'piecewise' must be in rising order: {_USAGE}.")

    def value(self, step: npt.ArrayLike, total_steps: int) -> FloatArray:
        """Return the share open at each step; see `Pacing.value`."""
        shares, values = zip(*self.points, strict=True)
        return np.asarray(np.interp(share_of_run(step, total_steps), shares, values), dtype=np.float64)

    @classmethod
    def read_parameter(cls, name: str, text: str) -> Any:
        """Return the points written as `share:value/share:value`.

        Raises:
            UserError: the text is something else.
        """
        try:
            pairs = [tuple(read_number(number) for number in pair.split(":")) for pair in text.split("/")]
        except ValueError:
            pairs = []
        if not pairs or any(len(pair) != 2 for pair in pairs):
            raise UserError(f"Parameter {name}={text} of the pacing function 'piecewise' holds no points: {_USAGE}.")
        return tuple(pairs)

    @classmethod
    def write_parameter(cls, value: Any) -> str:
        """Return the points as `read_parameter` reads them."""
        return "/".join(f"{number_text(share)}:{number_text(height)}" for share, height in value)
