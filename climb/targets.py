"""Targets of a batch: the positions where something is predicted, and their hidden states.

Logits exist only at targets. Picking the target rows of the hidden states has a backward pass that adds into
indexed rows, which PyTorch computes in an order that depends on thread timing; here every row is picked at
most once, so the backward pass is a plain copy: exact, deterministic and cheaper.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

IGNORED = -100


class _PickRows(torch.autograd.Function):
    """`rows[index]` for an index without repeats."""

    @staticmethod
    def forward(ctx: Any, rows: Tensor, index: Tensor) -> Tensor:
        ctx.save_for_backward(index)
        ctx.size = rows.shape[0]
        return rows.index_select(0, index)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        (gradient,) = gradients
        (index,) = ctx.saved_tensors
        whole = gradient.new_zeros(ctx.size, gradient.shape[1])
        return whole.index_copy_(0, index, gradient), None


def pick_rows(rows: Tensor, index: Tensor) -> Tensor:
    """Return `rows[index]` [picked, width] of rows [n, width], for an index without repeats."""
    picked: Tensor = _PickRows.apply(rows, index)  # type: ignore[no-untyped-call]
    return picked


def pick_targets(hidden: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Return the hidden states and labels of the positions that have a target.

    Args:
        hidden: [batch, length, width].
        labels: int64 [batch, length], −100 where nothing is predicted.

    Returns:
        (float [targets, width], int64 [targets]).
    """
    flat = labels.reshape(-1)
    index = (flat != IGNORED).nonzero().squeeze(1)
    return pick_rows(hidden.reshape(-1, hidden.shape[-1]), index), flat[index]
