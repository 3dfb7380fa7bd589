"""Which training block a sample number is.

An order is a pure function of the sample number, so it needs no state, no resume and no agreement between
processes. `ShuffledEpochs` is the baseline; data curricula draw from a pool (`climb.curricula.draws`). Read
forward (see `Chunked`) a batch costs the same at 10^4 and at 10^7 blocks (`python benchmarks/sampler.py`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
import numpy.typing as npt

from climb.base.errors import UserError
from climb.base.random_bits import RandomBits
from climb.curricula.plan import IntArray


class Order(ABC):
    """A map from sample numbers to training blocks."""

    @abstractmethod
    def examples(self, numbers: npt.ArrayLike) -> IntArray:
        """Return the training block of each sample number, int64 [n]."""

    @abstractmethod
    def shares(self, step: int) -> dict[str, float]:
        """Return what is open at a step: plain numbers, `data_unlocked` always among them."""

    def difficulties(self, numbers: npt.ArrayLike) -> npt.NDArray[np.float64] | None:
        """Return the difficulty of the block that each sample number is, float64 [n]; None without difficulties."""
        return None


class ShuffledEpochs(Order):
    """Every block once per epoch, in another order each time: what `none` means.

    A batch that straddles two epochs may hold a block twice; no other batch does.
    """

    def __init__(self, size: int, seed: int) -> None:
        if size < 1:
            raise UserError("The corpus has no training blocks: prepare it again with more text.")
        self.size = size
        self._bits = RandomBits(seed, "order/epochs")

    def examples(self, numbers: npt.ArrayLike) -> IntArray:
        """Return the training block of each sample number, int64 [n]."""
        epoch, place = np.divmod(np.asarray(numbers, dtype=np.int64), self.size)
        return self._bits.permuted(place, self.size, epoch)

    def shares(self, step: int) -> dict[str, float]:
        """Return that everything is open."""
        return {"data_unlocked": 1.0}


class Chunked(Order):
    """An order whose numbers are computed some thousands at a time, for readers that go forward.

    A batch of 128 numbers has as much overhead in numpy as 16,384 have. A
    chunk is computed when it is asked for twice in a row, so that scattered access seldom pays for one. It is
    kept for speed alone: the answers are those of the order. Not for several threads at once.
    """

    def __init__(self, order: Order, total: int, chunk: int = 16_384) -> None:
        """Wrap an order of `total` sample numbers."""
        self._order = order
        self._total = total
        self._chunk = chunk
        self._asked = -1
        self._kept = -1
        self._drawn = np.zeros(0, dtype=np.int64)

    def examples(self, numbers: npt.ArrayLike) -> IntArray:
        """Return the training block of each sample number, int64 [n]."""
        asked = np.asarray(numbers, dtype=np.int64)
        if not asked.size:
            return asked
        first, last = int(asked.min()) // self._chunk, int(asked.max()) // self._chunk
        if first == last == self._kept:
            return self._drawn[asked - first * self._chunk]
        if first == last == self._asked:
            self._keep(first)
            return self._drawn[asked - first * self._chunk]
        self._asked = last
        return self._order.examples(asked)

    def shares(self, step: int) -> dict[str, float]:
        """Return what the wrapped order says of the step."""
        return self._order.shares(step)

    def difficulties(self, numbers: npt.ArrayLike) -> npt.NDArray[np.float64] | None:
        """Return what the wrapped order says of the numbers."""
        return self._order.difficulties(numbers)

    def _keep(self, chunk: int) -> None:
        first = chunk * self._chunk
        numbers = np.arange(first, min(first + self._chunk, self._total), dtype=np.int64)
        self._drawn = self._order.examples(numbers)
        self._kept = chunk
