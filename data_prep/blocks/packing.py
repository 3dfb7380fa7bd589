"""Tokens → blocks: where every token goes, and the columns of the blocks.

A sequence (a document with its special tokens, or a line under `--pack lines`) starts where the one before it
ended, rounded up to a whole block under `lines`; each source and split starts a new block, so that blocks
never mix them. The place of a token is thus a number, its *slot*: block × block size + column. No token is
dropped; padding fills what is left.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from climb.base.tags import UNTAGGED
from climb.data_prep.shards import Arrays

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Layout:
    """How sequences are laid into blocks."""

    block_size: int
    per_line: bool

    def place(self, sequence_tokens: IntArray, start: int) -> tuple[IntArray, int]:
        """Return the slot of every token of some sequences that follow slot `start`, and the slot after them."""
        unit = self.block_size if self.per_line else 1
        room = -(-sequence_tokens // unit) * unit
        starts = start + np.cumsum(room) - room
        within = np.arange(int(sequence_tokens.sum())) - np.repeat(
            np.cumsum(sequence_tokens) - sequence_tokens, sequence_tokens
        )
        return np.repeat(starts, sequence_tokens) + within, start + int(room.sum())

    def up(self, slot: int) -> int:
        """Return the next slot at which a block begins."""
        return -(-slot // self.block_size) * self.block_size


@dataclass(frozen=True)
class Piece:
    """The tokens of one shard that belong to one split, with their slots [N]."""

    source: int
    slots: IntArray
    arrays: Arrays
    """`ids`, `word_start`, `verbatim`, `words`, `bytes`, `upos`, `document`, all [N]."""


class BlockBuilder:
    """Fills blocks from pieces that come in the order of their slots, holding one unfinished block."""

    def __init__(self, layout: Layout, pad: int, vocab_size: int) -> None:
        self._size = layout.block_size
        ids = np.dtype(np.uint16 if vocab_size <= 65_536 else np.uint32)
        self._fill: dict[str, tuple[np.dtype[np.generic], int]] = {
            "input_ids": (ids, pad),
            "upos": (np.dtype(np.uint8), UNTAGGED),
            "word_start": (np.dtype(bool), 0),
            "verbatim": (np.dtype(bool), 0),
            "filled": (np.dtype(bool), 0),
            "words": (np.dtype(np.int32), 0),
            "bytes": (np.dtype(np.int32), 0),
            "document": (np.dtype(np.int64), 0),
        }

    def blocks(self, pieces: Iterable[Piece], start: int) -> Iterator[Arrays]:
        """Yield the columns of finished blocks, some at a time, of one source and split, from slot `start` on.

        Columns: `input_ids`, `upos`, `word_start`, `verbatim` [B, block_size]; `length`, `words`, `bytes`, `source`,
        `document` [B].
        """
        rest = self._empty(0)
        done, source = start, 0
        for piece in pieces:
            source = piece.source
            last = int(piece.slots[-1]) + 1
            end = -(-last // self._size) * self._size
            grown = self._empty(end - done)
            for name, values in rest.items():
                grown[name][: len(values)] = values
            self._put(grown, piece, done)
            finished = last // self._size * self._size - done
            if finished:
                yield self._columns({name: values[:finished] for name, values in grown.items()}, source)
            rest = {name: values[finished:] for name, values in grown.items()}
            done += finished
        if len(rest["filled"]):
            yield self._columns(rest, source)

    def _empty(self, slots: int) -> Arrays:
        return {name: np.full(slots, filler, dtype=kind) for name, (kind, filler) in self._fill.items()}

    def _put(self, columns: Arrays, piece: Piece, first: int) -> None:
        here = piece.slots - first
        columns["input_ids"][here] = piece.arrays["ids"]
        columns["filled"][here] = True
        for name in ("upos", "word_start", "verbatim", "words", "bytes", "document"):
            columns[name][here] = piece.arrays[name]

    def _columns(self, flat: Arrays, source: int) -> Arrays:
        rows = {name: values.reshape(-1, self._size) for name, values in flat.items()}
        return {
            "input_ids": rows["input_ids"],
            "upos": rows["upos"],
            "word_start": rows["word_start"],
            "verbatim": rows["verbatim"],
            "length": rows["filled"].sum(axis=1).astype(np.int32),
            "words": rows["words"].sum(axis=1).astype(np.int32),
            "bytes": rows["bytes"].sum(axis=1).astype(np.int32),
            "source": np.full(len(rows["words"]), source, dtype=np.int64),
            "document": rows["document"][:, 0].copy(),
        }


def block_means(values: npt.NDArray[np.float64], first: IntArray, last: IntArray, blocks: int) -> Arrays:
    """Return sum and count of the sentence values per block.

    Args:
        values: one number per sentence [S].
        first: the block of each sentence's first token [S].
        last: the block of its last token [S].
        blocks: how many blocks there are.
    """
    spans = last - first + 1
    ends = np.cumsum(spans)
    which = np.repeat(first, spans) + np.arange(int(spans.sum())) - np.repeat(ends - spans, spans)
    return {
        "sum": np.bincount(which, weights=np.repeat(values, spans), minlength=blocks),
        "count": np.bincount(which, minlength=blocks),
    }
