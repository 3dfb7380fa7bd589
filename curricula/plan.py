"""The plan of a run, made before its first step: which sample numbers belong to which optimiser step.

Sample numbers count every row the model sees in the run, 0 first. Whoever holds the plan knows the step
of any number and the numbers of any step, so loaders may prefetch and processes may split a step as they
like. Batches are of one size, so the closed form needs no table.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from climb.base.errors import UserError


@dataclass(frozen=True)
class RunPlan:
    """Sample numbers and optimiser steps of one run.

    Attributes:
        steps: optimiser steps of the run, at least 1.
        batch_size: samples of one optimiser step, over all processes and micro-batches, at least 1.

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

    def step_of(self, numbers: npt.ArrayLike) -> npt.NDArray[np.int64]:
        """Return the step that each sample number belongs to, int64."""
        return np.asarray(numbers, dtype=np.int64) // self.batch_size

    def place_of(self, numbers: npt.ArrayLike) -> npt.NDArray[np.int64]:
        """Return the place of each sample number within its step, int64, 0 first."""
        return np.asarray(numbers, dtype=np.int64) % self.batch_size

    def numbers_of(self, step: int) -> range:
        """Return the sample numbers of a step."""
        return range(step * self.batch_size, (step + 1) * self.batch_size)

    def largest_batch(self) -> int:
        """Return the number of samples of the largest step."""
        return self.batch_size
