"""Compression ratio: how little of a text repeats itself."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

import numpy as np

from climb.data_prep.metric import BlockBatch, Metric, SentenceBatch, Values

_LEVEL = 6
_EMPTY = len(zlib.compress(b"", _LEVEL, -15))


class Compression(Metric):
    """Compressed ÷ raw bytes of UTF-8 under DEFLATE: an upper bound of the text's redundancy (Juola 1998).

    The stream has neither zlib's header nor its checksum (six bytes), and what an empty stream takes (two bytes)
    is subtracted, so that a text without repetition has a ratio of about 1 however short it is; without that a
    sentence of ten letters would look twice as hard as one of a hundred. A longer text repeats more: compare
    texts of one length, as blocks are. Nothing compressed is 0.
    """

    name = "compression"
    unit = "compressed ÷ raw bytes"
    description = f"size of the text under DEFLATE relative to its own (zlib {zlib.ZLIB_RUNTIME_VERSION})"
    options = {"zlib": zlib.ZLIB_RUNTIME_VERSION}  # noqa: RUF012 (a constant: other versions give other sizes)

    def sentences(self, batch: SentenceBatch) -> Values:
        """Return the ratio of each sentence."""
        return _ratios(batch.texts)

    def blocks(self, batch: BlockBatch) -> Values:
        """Return the ratio of each block's text."""
        return _ratios(batch.texts)


def _ratios(texts: Iterable[str]) -> Values:
    """Return compressed ÷ raw bytes of every text."""
    raw = [text.encode("utf-8", "surrogatepass") for text in texts]
    sizes = np.array([len(zlib.compress(text, _LEVEL, -15)) - _EMPTY for text in raw], dtype=np.float64)
    return sizes / np.maximum([len(text) for text in raw], 1)
