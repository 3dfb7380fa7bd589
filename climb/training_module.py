"""The module that the trainer wraps: language model and loss in one forward pass.

Distributed wrappers, compilers and autocast act on the forward pass of the module they wrap; whatever is
computed outside it leaves gradients unsynchronised without an error. So the loss is computed in here.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from climb.base.lm_head import body_and_head
from climb.config import LossConfig
from climb.losses import pick_targets, summed_loss


class TrainingModule(nn.Module):
    """A Hugging Face language model whose forward pass returns summed losses.

    Attributes:
        model: the Hugging Face model, untouched: saved and loaded as any other.
    """

    def __init__(self, model: Any, loss: LossConfig) -> None:
        super().__init__()
        self.model = model
        self.loss = loss
        self._body, self._head = body_and_head(model)

    def forward(self, input_ids: Tensor, labels: Tensor, attention_mask: Tensor | None = None) -> Tensor:
        """Return the token loss summed over this batch's targets.

        Args:
            input_ids: int64 [batch, length], corrupted as the objective wants.
            labels: int64 [batch, length]: what each position predicts, −100 for nothing. Already shifted for
                causal models.
            attention_mask: [batch, length], 0 at padding; None when nothing is padded, which is faster.

        Returns:
            float32 scalar, nats; a batch without targets gives 0 with zero gradients.
        """
        hidden = self._body(input_ids, attention_mask)
        rows, targets = pick_targets(hidden, labels)
        return summed_loss(self._head(rows), targets, self.loss)

    def token_losses(self, input_ids: Tensor, labels: Tensor, attention_mask: Tensor | None = None) -> Tensor:
        """Return the plain cross-entropy of each target, float32 [targets], in row-major order of `labels`."""
        rows, targets = pick_targets(self._body(input_ids, attention_mask), labels)
        return nn.functional.cross_entropy(self._head(rows).float(), targets, reduction="none")
