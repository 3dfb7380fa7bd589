"""Which rows go through the model together: nothing depends on it but time.

An optimiser step's rows are cut into pieces of similar length, so that the batch is the recipe's and next to nothing
is padded; the pieces' gradients add up to the batch's. What is evaluated is sorted by length under a token budget.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from climb.base.random_bits import RandomBits
from climb.eval.finetuning.encoding import Encoded, Ints


@dataclass(frozen=True)
class Piece:
    """Rows for one forward pass, padded on the right.

    Attributes:
        ids: [B, L].
        mask: [B, L], 1 on tokens; None where nothing is padded.
        types: [B, L]; None where the model has no segments.
        lengths: [B].
        rows: numbers of the rows in their set, int64 [B].
    """

    ids: Tensor
    mask: Tensor | None
    types: Tensor | None
    lengths: Tensor
    rows: Ints


def epoch_batches(rows: int, batch_size: int, drop_last: bool, bits: RandomBits, epoch: int) -> list[Ints]:
    """Return an epoch's batches of row numbers in an order drawn by (bits, epoch), each row once.

    Args:
        rows: number of rows.
        batch_size: rows of a batch.
        drop_last: leave out an incomplete last batch, unless it is the only one.
        bits: the seed's random bits.
        epoch: counted from 0.
    """
    order = bits.permuted(np.arange(rows), rows, epoch)
    batches = [order[first : first + batch_size] for first in range(0, rows, batch_size)]
    if drop_last and len(batches) > 1 and len(batches[-1]) < batch_size:
        batches.pop()
    return batches


def pieces_of(lengths: Ints, overhead: int, most: int) -> list[Ints]:
    """Cut a batch into pieces of similar length at the least cost.

    The cost of a piece of b rows, the longest of l tokens, is b·l + overhead, what a forward and backward pass costs
    beside its tokens; no piece of several rows is larger than `most` tokens. Exact, by dynamic programming over the
    rows sorted by length: 64 rows take half a millisecond.

    Args:
        lengths: tokens of each row, [n].
        overhead: in tokens.
        most: largest b·l.

    Returns:
        numbers of the rows of each piece; together each of range(n) once.
    """
    order = np.argsort(-lengths, kind="stable")
    longest = lengths[order].astype(np.float64)
    count = len(order)
    best = np.zeros(count + 1)
    start = np.zeros(count + 1, dtype=np.int64)
    for end in range(1, count + 1):
        size = end - np.arange(end)
        tokens = longest[:end] * size
        cost = best[:end] + tokens + overhead
        cost[(tokens > most) & (size > 1)] = np.inf
        start[end] = int(np.argmin(cost))
        best[end] = cost[start[end]]
    pieces: list[Ints] = []
    end = count
    while end:
        pieces.append(order[start[end] : end])
        end = int(start[end])
    return pieces[::-1]


def by_length(lengths: Ints, most: int) -> Iterator[Ints]:
    """Yield row numbers, longest first, as many at once as fit into `most` tokens with their padding."""
    order = np.argsort(-lengths, kind="stable")
    first = 0
    while first < len(order):
        size = max(1, most // int(lengths[order[first]]))
        yield order[first : first + size]
        first += size


def stacked(encoded: Encoded, rows: Ints, padding: int, device: torch.device) -> Piece:
    """Return rows of a set as tensors."""
    lengths = encoded.lengths[rows]
    width = int(lengths.max())
    ids = np.full((len(rows), width), padding, dtype=np.int64)
    types = None if encoded.types is None else np.zeros_like(ids)
    for line, row in enumerate(rows):
        ids[line, : lengths[line]] = encoded.ids[row]
        if types is not None and encoded.types is not None:
            types[line, : lengths[line]] = encoded.types[row]
    mask = None
    if (lengths < width).any():
        mask = torch.from_numpy((np.arange(width) < lengths[:, None]).astype(np.int64)).to(device)
    return Piece(
        ids=torch.from_numpy(ids).to(device),
        mask=mask,
        types=None if types is None else torch.from_numpy(types).to(device),
        lengths=torch.from_numpy(lengths).to(device),
        rows=rows,
    )
