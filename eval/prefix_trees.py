"""Texts that begin alike share their beginning: a causal model reads each distinct prefix of a pack once.

The texts are sorted, so that those that begin alike stand together, and laid into packs: sequences of at most `width`
tokens in which each token sees its own ancestors only (an attention mask) and stands at its own depth (its position).
What a token's hidden state depends on is the same as in the text read alone, so the scores are too, up to rounding.
Five answers to one question are read after one reading of the question; texts with nothing in common lie side by side
without padding. Valid for attention with absolute or rotary positions; the engine tries it on a probe first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from climb.eval.requests import Ints, Item


@dataclass(frozen=True, slots=True)
class Pack:
    """A forest of texts.

    Attributes:
        ids: token of each node, int64 [n].
        depth: how many tokens stand before it, int64 [n].
        visible: bool [n, n]; whether node i sees node j: j is i or one of its ancestors.
        read, targets, places: as in `climb.eval.rows.Row`.
    """

    ids: Ints
    depth: Ints
    visible: npt.NDArray[np.bool_]
    read: Ints
    targets: Ints
    places: Ints

    @property
    def length(self) -> int:
        """Number of nodes."""
        return len(self.ids)


@dataclass(frozen=True)
class Forest:
    """Items in the order in which they share most.

    Attributes:
        items: the items.
        order: numbers of the items that have something to score, int64 [m].
        sizes: tokens of each that are read, int64 [m]: up to the one before the last scored.
        shared: tokens that each shares with the one before it, int64 [m]; 0 for the first.
    """

    items: Sequence[Item]
    order: Ints
    sizes: Ints
    shared: Ints

    @classmethod
    def of(cls, items: Sequence[Item]) -> Forest:
        """Sort the items and count what neighbours share."""
        used = [number for number, item in enumerate(items) if len(item.scored)]
        order = sorted(used, key=lambda number: items[number].ids.astype(">u4").tobytes())
        sizes = np.array([int(items[number].scored[-1]) for number in order], dtype=np.int64)
        shared = np.zeros(len(order), dtype=np.int64)
        for i in range(1, len(order)):
            shared[i] = _common(items[order[i - 1]].ids[: sizes[i - 1]], items[order[i]].ids[: sizes[i]])
        return cls(items, np.array(order, dtype=np.int64), sizes, shared)

    def tokens(self, width: int) -> int:
        """Return how many tokens all packs of this width hold together."""
        return sum(self._fills(width))

    def _fills(self, width: int) -> Iterator[int]:
        filled = 0
        for size, shared in zip(self.sizes.tolist(), self.shared.tolist(), strict=True):
            if filled and filled + size - shared > width:
                yield filled
                filled = 0
            filled += size - (shared if filled else 0)
        if filled:
            yield filled

    def packs(self, width: int, first: Ints) -> Iterator[Pack]:
        """Yield packs of at most `width` tokens, or of one longer text.

        Args:
            width: tokens of a pack.
            first: place of each item's first answer, by the item's number.
        """
        begin, filled = 0, 0
        for i in range(len(self.order)):
            new = int(self.sizes[i] - self.shared[i])
            if filled and filled + new > width:
                yield self._pack(begin, i, first)
                begin, filled = i, 0
            filled += new if filled else int(self.sizes[i])
        if filled:
            yield self._pack(begin, len(self.order), first)

    def _pack(self, begin: int, end: int, first: Ints) -> Pack:
        """Return the pack of the items order[begin:end]."""
        shared = self.shared[begin:end].copy()
        shared[0] = 0
        size = int((self.sizes[begin:end] - shared).sum())
        ids, depth = np.empty(size, dtype=np.int64), np.empty(size, dtype=np.int64)
        visible = np.zeros((size, size), dtype=np.bool_)
        read, targets, places = [], [], []
        path = np.empty(0, dtype=np.int64)
        filled = 0
        for number, length, common in zip(self.order[begin:end], self.sizes[begin:end], shared, strict=True):
            item, new = self.items[number], np.arange(filled, filled + length - common)
            path = np.concatenate([path[:common], new])
            ids[new], depth[new] = item.ids[common:length], np.arange(common, length)
            visible[new[:, None], path[:common]] = True
            visible[new[:, None], new] = np.tri(len(new), dtype=np.bool_)
            filled += len(new)
            read.append(path[item.scored - 1])
            targets.append(item.ids[item.scored])
            places.append(np.arange(first[number], first[number] + len(item.scored)))
        return Pack(ids, depth, visible, np.concatenate(read), np.concatenate(targets), np.concatenate(places))


def _common(one: Ints, other: Ints) -> int:
    """Return how many tokens two texts have in common at their beginnings."""
    shorter = min(len(one), len(other))
    different = np.flatnonzero(one[:shorter] != other[:shorter])
    return int(different[0]) if len(different) else shorter
