"""Passes over what is open, each block once a pass: no block is left out and none comes too often.

A pass begins with the pool of its first step and shows each of its blocks once, shuffled; what opens meanwhile
waits for the next pass, so the number of times two blocks were shown differs by the passes that began before the
later one opened, and by one. If the pool shrinks or is sorted anew, the pass ends with the step before. All passes
are planned before the first: 16 bytes a pass. Cost: O(batch) read forward, 8 bytes a block
(`python benchmarks/sampler.py`).
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


class Epochs(Draw):
    """Every open block once per pass; a batch that straddles two passes may hold a block twice."""

    name: ClassVar[str] = "epochs"

    def __init__(self, pool: Pool, plan: RunPlan, seed: int, goes_by: Difficulty) -> None:
        super().__init__(pool, plan, seed, goes_by)
        self._bits = RandomBits(seed, "order/passes")
        self._starts, self._pass_sizes = passes(pool.sizes, plan, pool.breaks)

    def ranks(self, numbers: npt.ArrayLike) -> IntArray:
        """Return the rank by difficulty of the block that each sample number is, int64 [n]."""
        asked = np.asarray(numbers, dtype=np.int64)
        turn = np.searchsorted(self._starts, asked, side="right") - 1
        return self._bits.permuted(asked - self._starts[turn], self._pass_sizes[turn], turn)


def passes(sizes: IntArray, plan: RunPlan, breaks: npt.ArrayLike = ()) -> tuple[IntArray, IntArray]:
    """Return the first sample number of each pass and how many blocks it goes over, int64 [passes] each.

    Args:
        sizes: how many blocks are open at each step [steps].
        plan: the steps of the run.
        breaks: steps with which a pass must begin, because the blocks are sorted anew.
    """
    # The first later step at which the pool has shrunk below any earlier size: its passes must end there.
    shrinks = np.union1d(np.flatnonzero(np.diff(sizes) < 0) + 1, np.asarray(breaks, dtype=np.int64))
    borders = np.append(plan.first_of(shrinks), plan.total_samples)
    starts, counts, number, border = [], [], 0, 0
    while number < plan.total_samples:
        while borders[border] <= number:
            border += 1
        size = int(sizes[int(plan.step_of(number))])
        starts.append(number)
        counts.append(size)
        number = min(number + size, int(borders[border]))
    return np.array(starts, dtype=np.int64), np.array(counts, dtype=np.int64)
