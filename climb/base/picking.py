"""Pick rows of a matrix of hidden states, with a backward pass that is exact and deterministic.

The backward pass of plain indexing adds into indexed rows, which PyTorch computes in an order that depends on thread
timing; here every row is picked at most once, so it is a plain copy: the same numbers each time, and cheaper.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


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
