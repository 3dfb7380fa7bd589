"""Masked language modelling: which token stood under the mask."""

from __future__ import annotations

from typing import ClassVar

from climb.curricula.masking import BoolArray
from climb.curricula.objective_base import MaskedTokens, Rows, Setting


class MaskedLanguageModelling(MaskedTokens):
    """Masked tokens, read where they stand (Devlin et al. 2019).

    The masks are those of a run without an objective curriculum, so `objective_mlm` alone is that run.
    """

    name: ClassVar[str] = "mlm"
    summary: ClassVar[str] = "masked tokens, read where they stand"
    precedence: ClassVar[int] = 0

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting, setting.stream)

    def askable(self, rows: Rows) -> BoolArray:
        """Return which tokens are not special."""
        return ~rows.special
