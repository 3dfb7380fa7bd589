"""Plain cross-entropy."""

from __future__ import annotations

from typing import ClassVar, Self

from torch import Tensor
from torch.nn import functional as F

from climb.base.corpus import PreparedCorpus
from climb.config import LossConfig
from climb.losses.token_loss import Predictions, TokenLoss


class Plain(TokenLoss):
    """−log p(true token)."""

    name: ClassVar[str] = "plain"

    @classmethod
    def from_config(cls, config: LossConfig, corpus: PreparedCorpus, steps: int) -> Self:
        """Build the loss; it has no setting."""
        return cls()

    def forward(self, predictions: Predictions, targets: Tensor) -> Tensor:
        """Return the loss summed over targets; see `TokenLoss.forward`."""
        return F.cross_entropy(predictions.logits.float(), targets, reduction="sum")
