"""What a token loss is: a sum over targets, from what the output layer made of their hidden states.

One small class per file in `climb.losses`; `make_loss` finds them by that folder. The trainer divides the sum
by the number of targets of the whole optimiser step and tells the loss which step it is, so that a paced loss
depends on the step alone and a resumed run goes on exactly.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from torch import Tensor, nn

from climb import losses
from climb.base.corpus import PreparedCorpus
from climb.base.registry import discover
from climb.config import LossConfig


@dataclass(frozen=True)
class Predictions:
    """What the output layer, logits = features · weightᵀ + bias, says at T targets.

    Attributes:
        logits: [T, V], in the precision of the forward pass.
        features: [T, H], the input of the output layer.
        weight: the output embeddings [V, H], a parameter.
        bias: [V], a parameter, or None.
    """

    logits: Tensor
    features: Tensor
    weight: Tensor
    bias: Tensor | None


class TokenLoss(nn.Module, ABC):
    """A loss over targets. Buffers move with the module and are never saved: they are made from the corpus."""

    name: ClassVar[str]
    summary: str = ""
    """One sentence to say when a run starts."""

    @classmethod
    @abstractmethod
    def from_config(cls, config: LossConfig, corpus: PreparedCorpus, steps: int) -> Self:
        """Build the loss of a run of so many steps.

        Raises:
            UserError: the corpus lacks what the loss needs, or a setting is wrong.
        """

    @abstractmethod
    def forward(self, predictions: Predictions, targets: Tensor) -> Tensor:
        """Return the loss summed over targets, in nats: a float32 scalar, 0 without targets.

        Args:
            predictions: at T targets.
            targets: int64 [T], the true tokens.
        """

    def at_step(self, step: int) -> None:
        """Take note of the step that is about to be trained, 0 being the first."""

    def facts(self) -> dict[str, float]:
        """Return what the run's manifest should hold of this loss."""
        return {}

    def flops(self, targets: int, width: int) -> float:
        """Return the operations of forward and backward passes beyond those of the logits.

        Args:
            targets: of one step.
            width: of the hidden states.
        """
        return 0.0


def make_loss(config: LossConfig, corpus: PreparedCorpus, steps: int) -> TokenLoss:
    """Return the loss that a configuration names.

    Raises:
        UserError: the corpus lacks what the loss needs, or a setting is wrong.
    """
    kinds = discover(losses, TokenLoss)  # type: ignore[type-abstract]
    return kinds[config.name].from_config(config, corpus, steps)


class OutputLayer:
    """The last linear layer of a language model, with what goes into it.

    Raises:
        TypeError: the model's last layer is not linear.
    """

    def __init__(self, model: Any, head: Callable[[Tensor], Tensor]) -> None:
        self._layer = model.get_output_embeddings()
        self._head = head
        if not isinstance(self._layer, nn.Linear) or getattr(model.config, "final_logit_softcapping", None):
            raise TypeError(f"{type(model).__name__}: the output layer is not linear")

    def __call__(self, rows: Tensor) -> Predictions:
        """Return the predictions at hidden states [T, H]."""
        seen: list[Tensor] = []
        handle = self._layer.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
        try:
            logits = self._head(rows)
        finally:
            handle.remove()
        return Predictions(logits, seen[-1], self._layer.weight, self._layer.bias)
