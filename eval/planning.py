"""Which sequences are read together: sorted by length, or sharing prefixes, whichever costs a model less."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import nn

from climb.eval.prefix_trees import Forest, Pack
from climb.eval.requests import Ints, Item, Kind
from climb.eval.rows import Pll, Row, rows_of

WIDTHS = (128, 256, 512, 1024, 2048)
_MASKED_ATTENTION = 3.0
"""Attention under a mask costs about this many times its arithmetic, measured on a processor."""


@dataclass(frozen=True)
class Cost:
    """What a token costs a model: `body` multiplications, and `attention` for each token it may look at."""

    body: float
    attention: float

    @classmethod
    def of(cls, model: nn.Module) -> Cost:
        """Count the matrices of a model, embeddings and the head over the vocabulary left out."""
        config: Any = model.config
        embedded = {id(m.weight) for m in model.modules() if isinstance(m, nn.Embedding)}
        vocabulary = int(getattr(config, "vocab_size", 0))
        embedded |= {id(p) for p in model.parameters() if p.ndim == 2 and p.shape[0] == vocabulary}
        body = sum(p.numel() for p in model.parameters() if p.ndim > 1 and id(p) not in embedded)
        layers = int(getattr(config, "num_hidden_layers", 1))
        return cls(float(body), 2.0 * layers * int(getattr(config, "hidden_size", 1)))


@dataclass(frozen=True)
class Order:
    """In which order items are read, and how.

    Attributes:
        numbers: of the items, longest first: what will not fit into memory is met at once. For rows.
        forest: of items that share beginnings, where packs cost less than rows.
        width: tokens of a pack.
    """

    numbers: list[int]
    forest: Forest | None = None
    width: int = 0

    def units(
        self, kind: Kind, items: Sequence[Item], first: Ints, mask: int, pll: Pll = "original", start: int = 0
    ) -> Iterator[Row] | Iterator[Pack]:
        """Yield what is to be forwarded; `first` is the place of each item's first answer."""
        if self.forest is not None:
            return self.forest.packs(self.width, first)
        return (
            row
            for number in self.numbers
            for row in rows_of(kind, items[number], int(first[number]), mask, pll, start)
        )


def order_of(items: Sequence[Item], cost: Cost | None, widest: int) -> Order:
    """Choose the order in which items are read.

    Args:
        items: the items.
        cost: of a token, for causal models that may be given packs: they are, where packs cost less than rows. None
            for all others.
        widest: tokens that one forward pass may hold.
    """
    plain = Order(sorted(range(len(items)), key=lambda number: -items[number].length))
    if cost is None:
        return plain
    forest = Forest.of(items)
    if not len(forest.order):
        return plain
    longest = int(forest.sizes.max())
    apart = np.array([len(items[number].ids) for number in forest.order], dtype=np.float64)
    best = float((apart * (cost.body + cost.attention * apart)).sum())
    chosen = 0
    for width in sorted({max(width, longest) for width in WIDTHS if width <= max(widest, longest)} | {longest}):
        tokens = forest.tokens(width)
        price = tokens * (cost.body + cost.attention * _MASKED_ATTENTION * min(width, tokens))
        if price < best:
            best, chosen = price, width
    return Order([], forest, chosen) if chosen else plain


def batches(units: Iterator[Row] | Iterator[Pack], tokens: Callable[[], int]) -> Iterator[list[Any]]:
    """Yield runs of units whose number × longest is at most `tokens()`; a longer unit stands alone."""
    batch: list[Any] = []
    longest = 0
    for unit in units:
        if batch and (len(batch) + 1) * max(longest, unit.length) > tokens():
            yield batch
            batch, longest = [], 0
        batch.append(unit)
        longest = max(longest, unit.length)
    if batch:
        yield batch
