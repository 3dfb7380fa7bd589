"""Σ over targets of strength × (expected logit under the smoothing row − logit of the true token).

The output layer is linear, so both are products of the target's features h with rows of its weights W:

    Σ_w r_w·logit_w − logit_v = h · (factor_v·Σ_k e_k Σ_{w∈k} a_w W_w − (1 + share_v)·W_v),

with e the row by class, which alike targets share, and a the tokens' amounts (`syntax_classes`). No logit is touched
and no target is ever spread out over the vocabulary. The sum is bilinear, Σ_u M_u · D_u over the distinct targets
u, with M_u the sum of their features and D = L(W): so its gradients, D for the features and Lᵀ(M) for the weights,
fall out of the forward pass, and the adjoint Lᵀ reads every row once: exact and deterministic on any number of
threads.

Cost: 4·R·K·H operations for R distinct rows of the targets, K classes and width H, two readings of W, one
gradient of its size.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from climb.losses.syntax_classes import SyntaxClasses

_ENTRIES = 2**21
"""Entries of smoothing rows made at once."""


@dataclass(frozen=True)
class Distinct:
    """The distinct tokens among T targets, those with one row side by side.

    Attributes:
        tokens: int64 [U].
        place: int64 [T], the place of each target in `tokens`.
        order: int64 [T], targets sorted by token.
        starts: int64 [U], where each token's targets start in `order`.
        rows: int64 [R], the distinct rows of the tokens.
        row_place: int64 [U], the place of each token's row in `rows`.
        row_starts: int64 [R], where each row's tokens start in `tokens`.
    """

    tokens: Tensor
    place: Tensor
    order: Tensor
    starts: Tensor
    rows: Tensor
    row_place: Tensor
    row_starts: Tensor

    @classmethod
    def of(cls, targets: Tensor, row_of: Tensor) -> Distinct:
        """Return the distinct tokens of targets, int64 [T], whose rows are numbered in `row_of` [V]."""
        keys, place, counts = torch.unique(
            row_of[targets] * len(row_of) + targets, return_inverse=True, return_counts=True
        )
        rows, row_place, in_row = torch.unique_consecutive(
            keys // len(row_of), return_inverse=True, return_counts=True
        )
        return cls(
            tokens=keys % len(row_of),
            place=place,
            order=torch.argsort(place, stable=True),
            starts=counts.cumsum(0) - counts,
            rows=rows,
            row_place=row_place,
            row_starts=in_row.cumsum(0) - in_row,
        )

    def sums(self, values: Tensor) -> Tensor:
        """Return the sum of the rows of each token's targets, [U, H] of [T, H], always in the same order."""
        return F.embedding_bag(self.order, values, self.starts, mode="sum")


class _ExpectedLogits(torch.autograd.Function):
    """The sum of the module's docstring; features, weight and bias get gradients.

    A bias is one more column of the weights, at features of 1.
    """

    @staticmethod
    def forward(
        ctx: Any,
        features: Tensor,
        weight: Tensor,
        bias: Tensor | None,
        strength: Tensor,
        classes: SyntaxClasses,
        distinct: Distinct,
    ) -> Tensor:
        columns = [weight] if bias is None else [weight, bias[:, None]]
        inputs = [features] if bias is None else [features, torch.ones_like(features[:, :1])]
        strength = strength.to(features.dtype)
        pooled = torch.cat([distinct.sums(column) for column in inputs], dim=1) * strength[:, None]
        of_class = torch.cat([classes.sums(column) for column in columns], dim=1)
        to_class = torch.zeros_like(of_class)
        directions = torch.empty_like(pooled)
        removed = torch.empty_like(strength[:, None])
        step = max(_ENTRIES // classes.size, 1)
        borders = [*distinct.row_starts[::step].tolist(), len(distinct.tokens)]
        for number, (first, last) in enumerate(pairwise(borders)):
            part, here = slice(number * step, (number + 1) * step), slice(first, last)
            rows, tokens = classes.rows(distinct.rows[part]), distinct.tokens[here]
            by_class = rows.by_class.to(features.dtype)
            place = distinct.row_place[here] - number * step
            factor, share = (
                value.to(features.dtype)[:, None] for value in classes.without_itself(tokens, rows.own[place])
            )
            removed[here] = 1.0 + share
            true = torch.cat([column.index_select(0, tokens) for column in columns], dim=1)
            directions[here] = (by_class @ of_class).index_select(0, place) * factor - true * removed[here]
            every = torch.arange(len(tokens), device=tokens.device)
            of_row = F.embedding_bag(every, pooled[here] * factor, distinct.row_starts[part] - first, mode="sum")
            to_class += by_class.T @ of_row
        ctx.save_for_backward(pooled, directions, to_class, removed, strength)
        ctx.classes, ctx.distinct, ctx.width, ctx.has_bias = classes, distinct, weight.shape[1], bias is not None
        return (pooled * directions).sum()

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, Tensor | None, None, None, None]:
        (gradient,) = gradients
        pooled, directions, to_class, removed, strength = ctx.saved_tensors
        classes, distinct, width = ctx.classes, ctx.distinct, ctx.width
        for_features = (directions[:, :width] * (strength * gradient)[:, None]).index_select(0, distinct.place)
        to_class, true = to_class * gradient, pooled * (removed * gradient)
        for_weight = _to_tokens(to_class[:, :width], true[:, :width], classes, distinct)
        for_bias = _to_tokens(to_class[:, width:], true[:, width:], classes, distinct) if ctx.has_bias else None
        return for_features, for_weight, None if for_bias is None else for_bias.squeeze(1), None, None, None


def _to_tokens(to_class: Tensor, true: Tensor, classes: SyntaxClasses, distinct: Distinct) -> Tensor:
    """Return what the tokens get from their classes, less what the distinct targets lose, [V, H]."""
    whole = to_class.index_select(0, classes.class_of)
    whole.mul_(classes.amount.to(whole.dtype)[:, None])
    return whole.index_copy_(0, distinct.tokens, whole.index_select(0, distinct.tokens) - true)


def expected_logits(
    features: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    strength: Tensor,
    classes: SyntaxClasses,
    distinct: Distinct,
) -> Tensor:
    """Return Σ_t strength_t · (Σ_w r_w·logit_w − logit of the true token), a scalar.

    Args:
        features: [T, H], what goes into the output layer.
        weight: [V, H], of the output layer.
        bias: [V] or None.
        strength: [U], of each distinct target.
        classes: of the vocabulary.
        distinct: the distinct ones of the T targets; all of them eligible.
    """
    summed: Tensor = _ExpectedLogits.apply(features, weight, bias, strength, classes, distinct)  # type: ignore[no-untyped-call]
    return summed
