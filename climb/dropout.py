"""Dropout whose mask is cheap to draw on a CPU.

`torch.nn.Dropout` draws one double per element from a serial generator, however many cores there are. Here sixteen
bits of the same generator decide an element: a quarter of the bits.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

_LEVELS = 2**16


class CheapDropout(nn.Dropout):
    """`nn.Dropout` with its probability rounded to a multiple of 2⁻¹⁶ on a CPU; elsewhere `nn.Dropout` itself.

    Survivors are scaled by the inverse of the rounded probability, so that the expectation is exact.
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return `input` with each element zeroed with probability p and the others scaled by 1 / (1 − p)."""
        dropped = round(self.p * _LEVELS)
        if not self.training or dropped == 0 or dropped == _LEVELS or input.device.type != "cpu":
            return super().forward(input)
        # Full-range 64-bit draws: the default range of random_ leaves the sign bit of each word zero.
        words = torch.empty((input.numel() + 3) // 4, dtype=torch.int64).random_(-(2**63), None)
        levels = words.view(torch.int16)[: input.numel()].view(input.shape)
        kept = levels >= dropped - _LEVELS // 2
        return input * kept.to(input.dtype).mul_(_LEVELS / (_LEVELS - dropped))


def make_dropout_cheap(model: nn.Module) -> None:
    """Replace every `nn.Dropout` of the model by a `CheapDropout`; they hold no weights, nothing else changes."""
    for parent in model.modules():
        for name, child in parent.named_children():
            if type(child) is nn.Dropout:
                setattr(parent, name, CheapDropout(child.p, child.inplace))
