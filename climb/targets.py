"""Targets of a batch: the positions where something is predicted, and their hidden states."""

from __future__ import annotations

from torch import Tensor

from climb.base.picking import pick_rows

IGNORED = -100


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
