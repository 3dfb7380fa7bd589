"""The order turned: hard to easy, rare to frequent, long to short."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from climb.curricula.control_base import Control
from climb.curricula.pacing_base import FloatArray, Pacing


class Reverse(Control):
    """Turn the order; the pacing over it stays.

    Data: a score s becomes lowest + highest − s, metric by metric, so the hardest blocks open first. Vocabulary:
    ordinary tokens and tags open from the last to the first. Masking, length, batch size
    and objectives have no order but time: their schedule runs backwards, so a rate, a length or an objective is used
    for as many steps as before.
    """

    name: ClassVar[str] = "reverse"

    def scores(self, scores: npt.NDArray[np.floating], seed: int) -> npt.NDArray[np.floating]:
        """Return the mirrored scores, float64 [N], so that no two become equal."""
        exact = scores.astype(np.float64)
        return exact.min() + exact.max() - exact if exact.size else exact

    def places(self, places: npt.NDArray[np.int64], seed: int, stream: str) -> npt.NDArray[np.int64]:
        """Return the places [n] counted from the other end."""
        return len(places) - 1 - places

    def pacing(self, pacing: Pacing) -> Pacing:
        """Return the schedule backwards."""
        return Backwards(pacing)

    def steps(self, steps: npt.NDArray[np.int64], total_steps: int) -> npt.NDArray[np.int64]:
        """Return the steps counted from the end of the run."""
        return total_steps - 1 - steps


@dataclass(frozen=True)
class Backwards(Pacing):
    """p(step) = inner(last step − step)."""

    name: ClassVar[str] = "backwards"
    inner: Pacing

    def value(self, step: npt.ArrayLike, total_steps: int) -> FloatArray:
        """Return the value at each step; see `Pacing.value`."""
        return self.inner.value(total_steps - 1 - np.asarray(step), total_steps)
