"""Masked next-token prediction: which token stands under the mask, read one position before it."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from climb.curricula.masking import BoolArray
from climb.curricula.objective_base import MaskedTokens, Rows, Setting


class MaskedNextToken(MaskedTokens):
    """Masked tokens, read one position before, so that the head learns what a causal one does.

    The masked half of GPT-BERT (Charpentier & Samuel 2024, arXiv 2410.24159) and LLM2Vec's first step (BehnamGhader
    et al. 2024, arXiv 2404.05961): attention is bidirectional, the labels are shifted. Nothing stands before the
    first token of a row, so it is no target.
    """

    name: ClassVar[str] = "mntp"
    summary: ClassVar[str] = "masked tokens, read one position before them"
    precedence: ClassVar[int] = 1
    before: bool = True

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting, f"{setting.stream}/mntp")

    def askable(self, rows: Rows) -> BoolArray:
        """Return which tokens are not special and have one before them in their row."""
        return ~rows.special & (np.arange(rows.tokens.shape[1])[None, :] % rows.piece > 0)
