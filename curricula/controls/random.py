"""Random scores: the same pacing over an order that means nothing."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import numpy.typing as npt

from climb.base.random_bits import RandomBits
from climb.curricula.control_base import Control


class Random(Control):
    """Permute the scores: as many blocks or tokens are open at each step, any of them instead of the easy ones.

    Data: one permutation of the blocks' scores, the same for all metrics. Vocabulary: one of the ranks of
    ordinary tokens and one of the twelve tags, so that a type opens when another one would have. Masking, length,
    batch size and objectives have no scores and stay as they are. The permutation follows from the seed of the run.
    """

    name: ClassVar[str] = "random"
    needs_scores: ClassVar[bool] = True

    def scores(self, scores: npt.NDArray[np.floating], seed: int) -> npt.NDArray[np.floating]:
        """Return the scores [N] in another order."""
        return scores[_permutation(len(scores), seed, "blocks")]

    def places(self, places: npt.NDArray[np.int64], seed: int, stream: str) -> npt.NDArray[np.int64]:
        """Return the places [n] in another order."""
        return places[_permutation(len(places), seed, stream)]


def _permutation(size: int, seed: int, stream: str) -> npt.NDArray[np.int64]:
    return RandomBits(seed, f"control/random/{stream}").permuted(np.arange(size), max(size, 1))
