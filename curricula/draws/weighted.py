"""Draws weighted by difficulty without repeats inside a batch: CLIMB's other sampler (weights = scores).

Each batch is an exact successive sample: block after block, every open one that is not in the batch yet with
probability proportional to its difficulty, so harder ones are likelier. Read forward it costs
O(batch · log N), and 16 bytes a block (`python benchmarks/sampler.py`).

The trick: draws WITH repeats, of which all but the first occurrence are dropped, are a successive sample. Rows of
such draws are made at once for many steps. Where twice the batch is not enough, because a few blocks hold most of
the weight or the pool is hardly larger than the batch, the rest is drawn one by one from what is left.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import numpy.typing as npt

from climb.base.errors import UserError
from climb.base.random_bits import RandomBits
from climb.curricula.difficulty import Difficulty
from climb.curricula.draw_base import Draw
from climb.curricula.pacing_base import FloatArray
from climb.curricula.plan import IntArray, RunPlan
from climb.curricula.pool import Pool

_SPARE = 16
_STEPS_AT_ONCE = 64
"""Steps whose draws are made together: few enough for these to stay in the cache."""


class Weighted(Draw):
    """Harder blocks of the pool likelier."""

    name: ClassVar[str] = "weighted"

    def __init__(self, pool: Pool, plan: RunPlan, seed: int, goes_by: Difficulty) -> None:
        """Add up the weights.

        Raises:
            UserError: a difficulty is negative, or at some step fewer open blocks than the batch have one above 0.
        """
        super().__init__(pool, plan, seed, goes_by)
        self._bits = RandomBits(seed, "order/weighted")
        weights = goes_by.told.astype(np.float64)[pool.order]
        _refuse_weights(weights, pool.sizes, plan)
        self._sums = np.cumsum(weights, out=weights)
        self._columns = 2 * plan.largest_batch() + _SPARE

    def ranks(self, numbers: npt.ArrayLike) -> IntArray:
        """Return the rank by difficulty of the block that each sample number is, int64 [n]."""
        steps, where = np.unique(self._plan.step_of(numbers), return_inverse=True)
        places = self._plan.place_of(numbers)
        wanted = np.zeros(len(steps), dtype=np.int64)
        np.maximum.at(wanted, where, places + 1)
        batches = self._ragged(steps, wanted)
        return np.asarray(batches[(np.cumsum(wanted) - wanted)[where] + places])

    def _ragged(self, steps: IntArray, wanted: IntArray) -> IntArray:
        """Return the ranks of the first `wanted` draws of each step, one step after the other, int64 [Σ wanted]."""
        result = np.empty(int(wanted.sum()), dtype=np.int64)
        starts = np.cumsum(wanted) - wanted
        # Steps of which as much is wanted go together, for as many draws are made of all that go together.
        by_size = np.argsort(wanted, kind="stable")
        for first in range(0, len(steps), _STEPS_AT_ONCE):
            part = by_size[first : first + _STEPS_AT_ONCE]
            width = int(wanted[part[-1]])
            batches = self._batches(steps[part], wanted[part], min(width + width // 4 + _SPARE, self._columns))
            kept = np.arange(width)[None, :] < wanted[part, None]
            result[(starts[part, None] + np.arange(width)[None, :])[kept]] = batches[kept]
        return result

    def _batches(self, steps: IntArray, wanted: IntArray, columns: int) -> IntArray:
        """Return the ranks of the first `wanted` draws of each step, int64 [steps, the most wanted].

        Args:
            steps: of the run.
            wanted: draws without repeats to return of each.
            columns: draws with repeats to begin with.
        """
        drawn = self._with_repeats(steps, columns)
        first = _first_occurrences(drawn)
        place = np.cumsum(first, axis=1) - 1
        result = np.zeros((len(steps), int(wanted.max())), dtype=np.int64)
        row, column = np.nonzero(first & (place < wanted[:, None]))
        result[row, place[row, column]] = drawn[row, column]
        short = np.flatnonzero(place[:, -1] + 1 < wanted)
        if short.size and columns < self._columns:
            more = self._batches(steps[short], wanted[short], self._columns)
            result[short, : more.shape[1]] = more
        elif short.size:
            for one in short:
                self._complete(result[one, : wanted[one]], int(place[one, -1]) + 1, int(steps[one]))
        return result

    def _with_repeats(self, steps: IntArray, columns: int) -> IntArray:
        """Return the ranks of the first draws with repeats of each step, int64 [steps, columns]."""
        totals = self._sums[self._sizes[steps] - 1]
        targets = self._bits.uniform(steps[:, None], np.arange(columns)[None, :]) * totals[:, None]
        # Looked up in rising order: neighbours lie in the same lines of the cache.
        rising = np.argsort(targets, axis=None)
        drawn = np.empty(targets.size, dtype=np.int64)
        drawn[rising] = np.searchsorted(self._sums, targets.ravel()[rising], side="right")
        # Should rounding lead beyond the pool: its last block with a weight.
        last = np.searchsorted(self._sums, totals, side="left")
        return np.asarray(np.minimum(drawn.reshape(targets.shape), last[:, None]))

    def _complete(self, batch: IntArray, have: int, step: int) -> None:
        """Fill a batch of which `have` ranks are drawn, one by one, from what lies between those drawn."""
        total = self._sums[self._sizes[step] - 1]
        uniform = self._bits.uniform(step, self._columns + np.arange(len(batch)))
        for place in range(have, len(batch)):
            taken = np.sort(batch[:place])
            begins = np.append(0.0, self._sums[taken])
            ends = np.append(np.where(taken > 0, self._sums[taken - 1], 0.0), total)
            masses = np.cumsum(ends - begins)
            target = uniform[place] * masses[-1]
            gap = min(np.searchsorted(masses, target, "right"), np.searchsorted(masses, masses[-1], "left"))
            into = begins[gap] + (target - (masses[gap - 1] if gap else 0.0))
            rank = np.searchsorted(self._sums, into, side="right")
            lowest = taken[gap - 1] + 1 if gap else 0
            batch[place] = np.clip(rank, lowest, np.searchsorted(self._sums, ends[gap], side="left"))


def _first_occurrences(drawn: IntArray) -> npt.NDArray[np.bool_]:
    """Return whether each element is the first of its value in its row, bool [rows, columns]."""
    order = np.argsort(drawn, axis=1, kind="stable")
    ordered = np.take_along_axis(drawn, order, axis=1)
    first = np.ones(drawn.shape, dtype=np.bool_)
    np.put_along_axis(first, order[:, 1:], ordered[:, 1:] != ordered[:, :-1], axis=1)
    return first


def _refuse_weights(weights: FloatArray, sizes: IntArray, plan: RunPlan) -> None:
    """Refuse weights, in rising order, that cannot fill every batch."""
    if weights[0] < 0:
        raise UserError(
            f"draw=weighted draws in proportion to the difficulty, which is {weights[0]:g} for the easiest block: "
            "add join=ranks, which weights by rank, or draw another way."
        )
    nothing = int(np.searchsorted(weights, 0.0, side="right"))
    batches = plan.sizes()
    step = int(np.argmin(sizes - batches))
    if sizes[step] - nothing < batches[step]:
        raise UserError(
            f"draw=weighted has {max(sizes[step] - nothing, 0)} open blocks of a difficulty above 0 at step {step}, "
            f"fewer than the batch of {batches[step]}: add join=ranks, raise the start, or lower --batch-size."
        )
