"""One pass from the easiest block to the hardest, and again: what people do who sort a file and read it in order.

Blocks of equal difficulty are shuffled, or a corpus scored by source would be read in the order of its files. There
is no pool and no pacing: the name is `data_length_sorted`. Cost: O(batch), 8 bytes a block.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import numpy.typing as npt

from climb.curricula.draw_base import Draw
from climb.curricula.plan import IntArray


class Sorted(Draw):
    """Sample number n is the block of rank n modulo N."""

    name: ClassVar[str] = "sorted"
    paced: ClassVar[bool] = False
    shuffles_ties: ClassVar[bool] = True

    def ranks(self, numbers: npt.ArrayLike) -> IntArray:
        """Return the rank by difficulty of the block that each sample number is, int64 [n]."""
        return np.asarray(numbers, dtype=np.int64) % self.size

    def shares(self, step: int) -> dict[str, float]:
        """Return how much of the corpus the run has reached by the end of the step."""
        return {"data_unlocked": min(self._plan.numbers_of(step).stop / self.size, 1.0)}
