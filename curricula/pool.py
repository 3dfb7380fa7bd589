"""The blocks in the order of their difficulty, and how many of them are open at each step.

Two arrays of N blocks, 4 bytes each, and one of 8 bytes a step; all draws (`climb.curricula.draws`) share it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from climb.base.errors import UserError
from climb.base.random_bits import RandomBits
from climb.curricula.difficulty import Difficulty
from climb.curricula.pacing_base import Pacing
from climb.curricula.plan import IntArray, RunPlan


class Pool:
    """Blocks from easy to hard, a growing share of them open.

    Attributes:
        size: blocks of the corpus, N.
        order: the blocks from easy to hard, uint32 [N] (int64 beyond 2^32 blocks).
        difficulty: of the blocks in that order, float32 [N]; under a control the real one, not what it goes by.
        pacing: the share that is open.
        sizes: how many blocks are open at each step, int64 [steps].
        breaks: steps with which the blocks are sorted anew, because their difficulties change, int64.
    """

    def __init__(
        self,
        goes_by: Difficulty,
        pacing: Pacing,
        plan: RunPlan,
        name: str = "data",
        real: Difficulty | None = None,
        tie_seed: int | None = None,
        breaks: IntArray | None = None,
    ) -> None:
        """Sort the blocks.

        Args:
            goes_by: what they are sorted by.
            pacing: the share that is open.
            plan: the steps of the run.
            name: of the curriculum, for the error.
            real: the difficulty to report, where it is not what the blocks are sorted by.
            tie_seed: equal difficulties stand in the order of their numbers if None, else shuffled by this seed.
            breaks: steps with which another pool takes the place of this one; None: it holds for the whole run.

        Raises:
            UserError: at some step the pool is smaller than the batch, or there are no blocks.
        """
        self.size = len(goes_by.keys)
        if not self.size:
            raise UserError("The corpus has no training blocks: prepare it again with more text.")
        self.pacing = pacing
        self.breaks = np.zeros(0, dtype=np.int64) if breaks is None else breaks
        order = _sorted(goes_by.keys, tie_seed)
        self.order = order.astype(np.uint32 if self.size < 2**32 else np.int64)
        self.difficulty = (real or goes_by).told[order].astype(np.float32)
        shares = pacing.value(np.arange(plan.steps), plan.steps)
        self.sizes = goes_by.open_counts(goes_by.keys[order], shares)
        self._refuse_small(plan, name)

    def _refuse_small(self, plan: RunPlan, name: str) -> None:
        batches = plan.sizes()
        step = int(np.argmin(self.sizes - batches))
        pool, batch = int(self.sizes[step]), int(batches[step])
        if pool < batch:
            raise UserError(
                f"The curriculum {name!r} opens {pool} of {self.size} blocks at step {step}, fewer than the batch of "
                f"{batch}: raise its {self._opener()}, lower --batch-size or prepare more text."
            )

    def _opener(self) -> str:
        """Return the parameter that decides how much is open where least is."""
        names = self.pacing.parameter_names()
        edge = "end" if self.sizes[-1] < self.sizes[0] else "start"
        return edge if edge in names else next(iter(names), "pacing function")


def _sorted(keys: npt.NDArray[np.generic], tie_seed: int | None) -> npt.NDArray[np.int64]:
    """Return the positions of the keys in rising order, int64 [N]."""
    if tie_seed is None:
        return np.argsort(keys, kind="stable")
    shuffled = RandomBits(tie_seed, "order/ties").permuted(np.arange(len(keys)), len(keys))
    return shuffled[np.argsort(keys[shuffled], kind="stable")]
