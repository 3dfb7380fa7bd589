"""Length curricula: blocks cut into equal pieces, short at first (as OLMo-core's grow_p2, Pouransari et al. 2024).

With a pacing value p and blocks of L tokens, rows of a step have the largest length that divides L and is at most
p·L. A block becomes L / length rows, so every step has the same tokens, words and targets as without the curriculum,
in more and shorter rows; what changes is how far a token can look back. Positions and masks are those of the block.
Attention costs less on short rows; cutting a batch is a change of shape.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from climb.base.errors import UserError
from climb.curricula.pacing_base import Pacing
from climb.curricula.plan import IntArray, RunPlan

Batch = dict[str, Any]
"""Arrays by name; under an objective curriculum `objectives` holds such a batch for each unit."""
SHORTEST = 4
"""Tokens of the shortest piece: below that there is nothing to learn from."""


class LengthCurriculum:
    """The length of rows at each step.

    Attributes:
        table: tokens of a row at each step, int64 [steps].
    """

    def __init__(self, pacing: Pacing, plan: RunPlan, block_size: int) -> None:
        """Make the table.

        Raises:
            UserError: blocks that cannot be cut, or pieces shorter than `SHORTEST` at some step.
        """
        lengths = [length for length in range(SHORTEST, block_size + 1) if block_size % length == 0]
        if len(lengths) < 2:
            raise UserError(
                f"Blocks of {block_size} tokens cannot be cut into equal pieces of {SHORTEST} or more: prepare the "
                "corpus with --block-size 128, say."
            )
        limit = pacing.value(np.arange(plan.steps), plan.steps) * block_size
        place = np.searchsorted(lengths, limit, side="right") - 1
        if place.min() < 0:
            step = int(np.argmin(limit))
            raise UserError(
                f"The length curriculum asks for rows of {limit[step]:.1f} tokens at step {step}; the shortest "
                f"pieces of a block of {block_size} are {lengths[0]}: let it start at {lengths[0] / block_size:.3g}."
            )
        self.table = np.array(lengths, dtype=np.int64)[place]

    def of_steps(self, steps: IntArray) -> int:
        """Return the length of the rows of these steps; whole blocks where there are none.

        Raises:
            ValueError: they differ; a batch has rows of one length.
        """
        lengths = np.unique(self.table[steps])
        if len(lengths) > 1:
            raise ValueError(f"these samples have rows of {lengths.tolist()} tokens: ask for the samples of one step")
        return int(lengths[0]) if lengths.size else int(self.table[-1])


def cut(batch: Batch, length: int, real: npt.NDArray[np.bool_]) -> Batch:
    """Return a batch of blocks as rows of pieces, in order; pieces of padding alone are left out.

    Args:
        batch: arrays [n, L] and [n]; the latter are repeated for every piece.
        length: of a piece; divides L.
        real: whether a position is no padding [n, L].
    """
    pieces = real.shape[1] // length
    kept = real.reshape(-1, length).any(axis=1)
    return {
        name: (values.reshape(-1, length) if values.ndim == 2 else np.repeat(values, pieces))[kept]
        for name, values in batch.items()
    }
