"""What a draw is: how sample numbers become blocks of the pool that is open at their step.

One small class per file in `climb.curricula.draws`; `draw=NAME` of a data curriculum finds it by that folder. A
draw that needs no pool, such as the single sorted pass, says so with `paced`, and its name stands where the
pacing function else does.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from climb.curricula.difficulty import Difficulty
from climb.curricula.order import Order
from climb.curricula.plan import IntArray, RunPlan
from climb.curricula.pool import Pool


class Draw(Order):
    """Blocks drawn from a pool.

    Attributes:
        name: as in draw=NAME, or in data_METRIC_NAME.
        paced: whether a pacing function opens the pool.
        shuffles_ties: whether blocks of equal difficulty are shuffled when the pool is sorted; where blocks are
            drawn at random anyway, that changes nothing.
        size: blocks of the corpus.
    """

    name: ClassVar[str]
    paced: ClassVar[bool] = True
    shuffles_ties: ClassVar[bool] = False

    def __init__(self, pool: Pool, plan: RunPlan, seed: int, goes_by: Difficulty) -> None:
        """Keep what the draw needs.

        Args:
            pool: the blocks by difficulty.
            plan: the steps of the run.
            seed: of the draws.
            goes_by: what the pool was sorted by; an array [N] is too large to keep, so only subclasses use it.
        """
        self.size = pool.size
        self._order = pool.order
        self._difficulty = pool.difficulty
        self._pacing = pool.pacing
        self._sizes = pool.sizes
        self._plan = plan

    @abstractmethod
    def ranks(self, numbers: npt.ArrayLike) -> IntArray:
        """Return the rank by difficulty of the block that each sample number is, int64 [n]."""

    def examples(self, numbers: npt.ArrayLike) -> IntArray:
        """Return the training block of each sample number, int64 [n]."""
        return np.asarray(self._order[self.ranks(numbers)], dtype=np.int64)

    def difficulties(self, numbers: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Return the difficulty of the block that each sample number is, float64 [n]."""
        return self._difficulty[self.ranks(numbers)].astype(np.float64)

    def told(self) -> npt.NDArray[np.float32]:
        """Return the real difficulty of every block, float32 [N], in the order of the corpus: a new array."""
        by_block = np.empty_like(self._difficulty)
        by_block[self._order] = self._difficulty
        return by_block

    def pool_size(self, step: npt.ArrayLike) -> IntArray:
        """Return how many blocks are open at each step, int64."""
        return np.asarray(self._sizes[np.asarray(step, dtype=np.int64)])

    def shares(self, step: int) -> dict[str, float]:
        """Return the pacing value and the share of blocks open."""
        return {
            "data_pacing": float(self._pacing.value(step, self._plan.steps)),
            "data_unlocked": float(self._sizes[step]) / self.size,
        }
