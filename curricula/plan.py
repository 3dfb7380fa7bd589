"""The plan of a run, made before its first step: which sample numbers belong to which optimiser step.

Sample numbers count every block the model sees in the run, 0 first. Whoever holds the plan knows the step
of any number and the numbers of any step, so loaders may prefetch and processes may split a step as they
like. `RunPlan` has batches of one size, so the closed form needs no table; `TablePlan` keeps 8 bytes a step.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from climb.base.errors import UserError

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class RunPlan:
    """Sample numbers and optimiser steps of one run.

    Attributes:
        steps: optimiser steps of the run, at least 1.
        batch_size: samples of one optimiser step, over all processes and micro-batches, at least 1; their mean,
            where steps differ.

    Raises:
        UserError: one of them is smaller than 1.
    """

    steps: int
    batch_size: int

    def __post_init__(self) -> None:
        if self.steps < 1:
            raise UserError(f"A run of {self.steps} steps trains nothing: --max-steps must be at least 1.")
        if self.batch_size < 1:
            raise UserError(f"A batch of {self.batch_size} samples is empty: --batch-size must be at least 1.")

    @property
    def total_samples(self) -> int:
        """Number of samples of the whole run."""
        return self.steps * self.batch_size

    def step_of(self, numbers: npt.ArrayLike) -> IntArray:
        """Return the step that each sample number belongs to, int64."""
        return np.asarray(numbers, dtype=np.int64) // self.batch_size

    def place_of(self, numbers: npt.ArrayLike) -> IntArray:
        """Return the place of each sample number within its step, int64, 0 first."""
        return np.asarray(numbers, dtype=np.int64) % self.batch_size

    def first_of(self, steps: npt.ArrayLike) -> IntArray:
        """Return the first sample number of each step, int64."""
        return np.asarray(steps, dtype=np.int64) * self.batch_size

    def numbers_of(self, step: int) -> range:
        """Return the sample numbers of a step."""
        return range(step * self.batch_size, (step + 1) * self.batch_size)

    def sizes(self) -> IntArray:
        """Return how many samples each step has, int64 [steps]."""
        return np.full(self.steps, self.batch_size, dtype=np.int64)

    def largest_batch(self) -> int:
        """Return the number of samples of the largest step."""
        return self.batch_size

    def smallest_batch(self) -> int:
        """Return the number of samples of the smallest step."""
        return self.batch_size


@dataclass(frozen=True, eq=False)
class TablePlan(RunPlan):
    """A run whose steps differ in size.

    Attributes:
        ends: the sample number after the last one of each step, int64 [steps], rising; the last is
            steps × batch_size.

    Raises:
        UserError: a step without samples.
    """

    ends: IntArray

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.ends) != self.steps or int(self.ends[-1]) != self.total_samples:
            raise ValueError(f"the table ends at {self.ends[-1:]} of {self.total_samples} samples")
        empty = np.flatnonzero(self.sizes() < 1)
        if empty.size:
            raise UserError(f"Step {empty[0]} has a batch of 0 blocks: raise the start of the batch curriculum.")

    def step_of(self, numbers: npt.ArrayLike) -> IntArray:
        """Return the step that each sample number belongs to, int64."""
        return np.asarray(np.searchsorted(self.ends, np.asarray(numbers, dtype=np.int64), side="right"), np.int64)

    def place_of(self, numbers: npt.ArrayLike) -> IntArray:
        """Return the place of each sample number within its step, int64, 0 first."""
        return np.asarray(numbers, dtype=np.int64) - self.first_of(self.step_of(numbers))

    def first_of(self, steps: npt.ArrayLike) -> IntArray:
        """Return the first sample number of each step, int64."""
        asked = np.asarray(steps, dtype=np.int64)
        return np.where(asked > 0, self.ends[asked - 1], 0)

    def numbers_of(self, step: int) -> range:
        """Return the sample numbers of a step."""
        return range(int(self.first_of(step)), int(self.ends[step]))

    def sizes(self) -> IntArray:
        """Return how many samples each step has, int64 [steps]."""
        return np.diff(self.ends, prepend=0)

    def largest_batch(self) -> int:
        """Return the number of samples of the largest step."""
        return int(self.sizes().max())

    def smallest_batch(self) -> int:
        """Return the number of samples of the smallest step."""
        return int(self.sizes().min())


class Renumbering(ABC):
    """The samples of a curriculum under other numbers.

    Attributes:
        plan: which numbers belong to which step of the run.
    """

    plan: RunPlan

    @abstractmethod
    def original(self, numbers: npt.ArrayLike) -> IntArray:
        """Return the number in the curriculum of each number of the run, int64 [n]: a bijection."""
