"""Causal language modelling: which token comes next."""

from __future__ import annotations

from typing import ClassVar

from climb.curricula.masking import BoolArray, IntArray
from climb.curricula.objective_base import ObjectiveUnit, Rows


class CausalLanguageModelling(ObjectiveUnit):
    """The next token at every position, nothing masked; a masked model is given a causal attention mask."""

    name: ClassVar[str] = "clm"
    summary: ClassVar[str] = "the next token, seeing only what stands before it"
    precedence: ClassVar[int] = 2
    masks: bool = False
    causal: bool = True
    before: bool = True

    def askable(self, rows: Rows) -> BoolArray:
        """Return which tokens, specials too, have one before them."""
        return rows.real() & rows.later()

    def choose(self, rows: Rows) -> tuple[IntArray, BoolArray]:
        """Return (inputs, asked); see `ObjectiveUnit.choose`."""
        return rows.tokens.copy(), self.askable(rows)
