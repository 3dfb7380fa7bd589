"""The same samples in no order: exposure without curriculum."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import numpy.typing as npt

from climb.base.random_bits import RandomBits
from climb.curricula.control_base import Control
from climb.curricula.plan import IntArray, Renumbering, RunPlan, TablePlan


class Matched(Control):
    """Permute the sample numbers of the whole run: every row occurs exactly as often, masked and hidden alike.

    What a curriculum shows more often it still shows more often; only when is left to chance. Under a length, batch
    or objective curriculum whole steps change places, since the rows of a step have one length and one set of
    objectives. Each row is drawn as a lone number, which costs more than drawing a batch at once, above all with
    draw=weighted.
    """

    name: ClassVar[str] = "matched"
    moves_samples: ClassVar[bool] = True

    def renumbering(self, plan: RunPlan, seed: int, whole_steps: bool) -> Renumbering:
        """Return the permutation."""
        return (ShuffledSteps if whole_steps else ShuffledNumbers)(plan, seed)


class ShuffledNumbers(Renumbering):
    """A permutation of the sample numbers; steps keep their sizes."""

    def __init__(self, plan: RunPlan, seed: int) -> None:
        self.plan = plan
        self._bits = RandomBits(seed, "control/matched/numbers")

    def original(self, numbers: npt.ArrayLike) -> IntArray:
        """Return the number in the curriculum of each number of the run, int64 [n]."""
        return self._bits.permuted(np.asarray(numbers, dtype=np.int64), self.plan.total_samples)


class ShuffledSteps(Renumbering):
    """A permutation of the steps, each with its samples."""

    def __init__(self, plan: RunPlan, seed: int) -> None:
        self._inner = plan
        steps = np.arange(plan.steps, dtype=np.int64)
        self._step = RandomBits(seed, "control/matched/steps").permuted(steps, plan.steps)
        sizes = plan.sizes()[self._step]
        self.plan = TablePlan(plan.steps, plan.batch_size, np.cumsum(sizes))

    def original(self, numbers: npt.ArrayLike) -> IntArray:
        """Return the number in the curriculum of each number of the run, int64 [n]."""
        steps = self._step[self.plan.step_of(numbers)]
        return self._inner.first_of(steps) + self.plan.place_of(numbers)
