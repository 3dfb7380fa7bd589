"""Uniform draws without repeats inside a batch: CLIMB's (Martinez et al. 2023, section 3.2), and the default.

Two differences: scores are sorted once instead of ranked for every batch, and percentiles are of the whole corpus,
never of a process's shard. Cost: O(batch) read forward, 8 bytes a block (`python benchmarks/sampler.py`).
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import numpy.typing as npt

from climb.base.random_bits import RandomBits
from climb.curricula.difficulty import Difficulty
from climb.curricula.draw_base import Draw
from climb.curricula.plan import IntArray, RunPlan
from climb.curricula.pool import Pool


class Uniform(Draw):
    """Each batch is a random subset of the open blocks; a block may come back in the next batch."""

    name: ClassVar[str] = "uniform"

    def __init__(self, pool: Pool, plan: RunPlan, seed: int, goes_by: Difficulty) -> None:
        super().__init__(pool, plan, seed, goes_by)
        self._bits = RandomBits(seed, "order/pool")

    def ranks(self, numbers: npt.ArrayLike) -> IntArray:
        """Return the rank by difficulty of the block that each sample number is, int64 [n]."""
        steps, where = np.unique(self._plan.step_of(numbers), return_inverse=True)
        return self._bits.permuted(self._plan.place_of(numbers), self._sizes[steps][where], steps[where])
