"""Frequent tokens first."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from climb.curricula.pacing_base import FloatArray
from climb.curricula.token_order_base import BoolArray, IntArray, TokenOrder


class Token(TokenOrder):
    """Hidden when r > p·V, r the rank by count in the training text (CLIMB's token_ids, by count, not merge)."""

    name: ClassVar[str] = "token"
    summary: ClassVar[str] = "frequent tokens first"

    def beyond(self, ranks: IntArray, tags: IntArray, share: FloatArray) -> BoolArray:
        """Return whether a token lies beyond the open share; see `TokenOrder.beyond`."""
        return np.asarray(ranks > share * self.size)
