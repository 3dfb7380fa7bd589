"""What a control is: the same run with one thing taken away, so that a result can be put down to that thing.

A control is a prefix of a whole name and acts on every part of it: `random_data_length_linear+vocab_log`. One
small class per file in `climb.curricula.controls`. `Control` itself changes nothing.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from climb.curricula.pacing_base import Pacing
from climb.curricula.plan import Renumbering, RunPlan


class Control:
    """What is done to a curriculum; each method is one door, and shut unless a subclass opens it.

    Attributes:
        name: the prefix, without its underscore.
        needs_scores: whether it acts on difficulties only, so that a curriculum without any has no such control.
        moves_samples: whether samples change places, for which all of them must be known before the first step.
    """

    name: ClassVar[str] = ""
    needs_scores: ClassVar[bool] = False
    moves_samples: ClassVar[bool] = False

    def scores(self, scores: npt.NDArray[np.floating], seed: int) -> npt.NDArray[np.floating]:
        """Return the difficulties [N] that a data curriculum goes by, given those of one metric."""
        return scores

    def places(self, places: npt.NDArray[np.int64], seed: int, stream: str) -> npt.NDArray[np.int64]:
        """Return the order that a vocabulary curriculum goes by.

        Args:
            places: of tokens or tags in the order, a permutation of 0 … n − 1 [n].
            seed: of the run.
            stream: what the places are of.
        """
        return places

    def pacing(self, pacing: Pacing) -> Pacing:
        """Return the schedule of a curriculum that has a rate and no difficulties: mask, length, batch."""
        return pacing

    def steps(self, steps: npt.NDArray[np.int64], total_steps: int) -> npt.NDArray[np.int64]:
        """Return the step of the name's schedule that holds at each step of the run, for objective curricula."""
        return steps

    def renumbering(self, plan: RunPlan, seed: int, whole_steps: bool) -> Renumbering | None:
        """Return which sample of the curriculum stands at each sample number; None: they stay where they are.

        Args:
            plan: of the curriculum.
            seed: of the run.
            whole_steps: whether the rows of a step belong together, as rows of one length do.
        """
        return None

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), ()
