"""Nouns first, then verbs, and so on through the parts of speech."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from climb.curricula.pacing_base import FloatArray
from climb.curricula.token_order_base import LAST_TAG, BoolArray, IntArray, TokenOrder


class Pos(TokenOrder):
    """Hidden when t > 11·p, t the tag in context from NOUN 0 to X 11 in CLIMB's order (its pos_tags)."""

    name: ClassVar[str] = "pos"
    summary: ClassVar[str] = "nouns first, then verbs, adjectives …, by the tag in context"
    needs_tags: ClassVar[bool] = True

    def beyond(self, ranks: IntArray, tags: IntArray, share: FloatArray) -> BoolArray:
        """Return whether a token lies beyond the open share; see `TokenOrder.beyond`."""
        return np.asarray(tags > LAST_TAG * share)
