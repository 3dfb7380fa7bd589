"""Frequent nouns first, then the other nouns, frequent verbs, and so on."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from climb.curricula.pacing_base import FloatArray
from climb.curricula.token_order_base import LAST_TAG, BoolArray, IntArray, TokenOrder


class PosToken(TokenOrder):
    """Hidden when r + V·t > 11·p·V, with rank r and tag t (CLIMB's pos_tags_and_token_ids)."""

    name: ClassVar[str] = "pos_token"
    summary: ClassVar[str] = "by part of speech, and within one frequent tokens first"
    needs_tags: ClassVar[bool] = True

    def beyond(self, ranks: IntArray, tags: IntArray, share: FloatArray) -> BoolArray:
        """Return whether a token lies beyond the open share; see `TokenOrder.beyond`."""
        return np.asarray(ranks + self.size * tags > LAST_TAG * share * self.size)
