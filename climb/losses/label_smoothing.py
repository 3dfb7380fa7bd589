"""Label smoothing (Szegedy et al. 2016): some mass of every target goes evenly to the whole vocabulary."""

from __future__ import annotations

from typing import ClassVar, Self

from torch import Tensor
from torch.nn import functional as F

from climb.base.corpus import PreparedCorpus
from climb.config import LossConfig
from climb.losses.token_loss import Predictions, TokenLoss


class LabelSmoothing(TokenLoss):
    """Cross-entropy with 1 − α on the true token plus α / V on every token."""

    name: ClassVar[str] = "label_smoothing"

    def __init__(self, smoothing: float) -> None:
        super().__init__()
        self._smoothing = smoothing

    @classmethod
    def from_config(cls, config: LossConfig, corpus: PreparedCorpus, steps: int) -> Self:
        """Build the loss from `loss.smoothing`."""
        return cls(config.smoothing)

    def forward(self, predictions: Predictions, targets: Tensor) -> Tensor:
        """Return the loss summed over targets; see `TokenLoss.forward`."""
        logits = predictions.logits.float()
        return F.cross_entropy(logits, targets, reduction="sum", label_smoothing=self._smoothing)
