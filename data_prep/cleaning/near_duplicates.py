"""Documents that are nearly equal: MinHash finds the candidates, the exact Jaccard similarity decides.

A document is the set of its runs of five words (letter case aside). MinHash signatures (Broder 1997; here the
R-MinHash of `rensa`) are cut into bands such that a pair at the threshold meets in some band with a probability
of 0.995; each candidate is compared exactly with the earlier documents it meets, so that nothing is removed that
is not near. Memory: 4 bytes per document and band (84 bytes at 0.8), 8 for its place, and about 100 for each band
in which it meets another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import lru_cache
from importlib import metadata
from typing import Any

import numpy as np
import numpy.typing as npt

from climb.base.errors import UserError
from climb.base.progress_bar import Advance
from climb.data_prep.shards import ShardId, WorkFolder

SHINGLE_WORDS = 5
PERMUTATIONS = 128
RECALL = 0.995
MOST_COMPARED = 64
"""Kept documents of one band that a document is compared with: bounds the time on texts from one template."""

_SEED = 1
_HELD = 4096
"""Documents whose shingles are kept at hand."""

Shingles = npt.NDArray[np.uint64]


def load_library() -> Any:
    """Return the library that computes MinHash signatures.

    Raises:
        UserError: it is not installed.
    """
    try:
        import rensa
    except ImportError:
        raise UserError(
            "--dedup near needs the package rensa: install it with `pip install 'climb-lm[dedup]'`, or take "
            "--dedup exact."
        ) from None
    return rensa


def library_version() -> str:
    """Return name and version of the library, which decide the candidates.

    Raises:
        UserError: it is not installed.
    """
    load_library()
    return f"rensa {metadata.version('rensa')}"


def banding(threshold: float) -> tuple[int, int]:
    """Return (bands, rows): the most selective cut of a signature that finds pairs at the threshold.

    A pair of similarity s meets in some band with probability 1 − (1 − s^rows)^bands (Leskovec et al., Mining of
    Massive Datasets, section 3.4).

    Example:
        >>> banding(0.8)
        (21, 6)
    """
    for rows in range(PERMUTATIONS, 1, -1):
        bands = PERMUTATIONS // rows
        if 1 - (1 - threshold**rows) ** bands >= RECALL:
            return bands, rows
    return PERMUTATIONS, 1


class NearIndex:
    """Finds, among the documents that are kept, one that a document is near to.

    Args:
        work: the cleaned text.
        shards: all its shards, in order.
        threshold: Jaccard similarity from which documents are near.
        advance: moves the progress bar, once per shard.

    Raises:
        UserError: the library is missing.
    """

    def __init__(self, work: WorkFolder, shards: list[ShardId], threshold: float, advance: Advance) -> None:
        self._work, self._shards, self._threshold = work, shards, threshold
        self._first = np.array([shard.first_document for shard in shards], dtype=np.int64)
        bands, places = _band_values(work, shards, *banding(threshold), advance)
        self._places = places
        self._meetings = _meetings(bands)
        self._kept: dict[int, list[int]] = {}
        self._shingles = lru_cache(maxsize=_HELD)(self._read)

    def keep(self, number: int) -> None:
        """Take note that a document is kept."""
        for meeting in self._meetings.get(number, ()):
            others = self._kept.setdefault(meeting, [])
            if len(others) < MOST_COMPARED:
                others.append(number)

    def is_near_kept(self, number: int) -> bool:
        """Return whether a kept document is near to this one."""
        meetings = self._meetings.get(number, ())
        candidates = sorted({other for meeting in meetings for other in self._kept.get(meeting, ())})
        return any(jaccard(self._shingles(number), self._shingles(other)) >= self._threshold for other in candidates)

    def _read(self, number: int) -> Shingles:
        """Return the distinct shingles of a document, read from its shard."""
        shard = self._shards[int(np.searchsorted(self._first, number, side="right")) - 1]
        with open(self._work.text(shard.source, shard.number), "rb") as file:
            file.seek(int(self._places[number]))
            lines = list(iter(file.readline, b"\n"))
        return np.unique(shingles(b"".join(lines).decode().casefold().split()))


def jaccard(left: Shingles, right: Shingles) -> float:
    """Return the Jaccard similarity of two sets of distinct shingles, 0 when one is empty."""
    if not len(left) or not len(right):
        return 0.0
    common = len(np.intersect1d(left, right, assume_unique=True))
    return common / (len(left) + len(right) - common)


def shingles(words: list[str]) -> Shingles:
    """Return a hash of every run of `SHINGLE_WORDS` words, uint64 [max(0, words − 4)]."""
    if len(words) < SHINGLE_WORDS:
        return np.zeros(0, dtype=np.uint64)
    hashes = np.fromiter(map(_word_hash, words), dtype=np.uint64, count=len(words))
    runs = np.zeros(len(words) - SHINGLE_WORDS + 1, dtype=np.uint64)
    for place in range(SHINGLE_WORDS):
        runs = runs * np.uint64(0x9E3779B97F4A7C15) + hashes[place : place + len(runs)]
    runs ^= runs >> np.uint64(32)
    return runs * np.uint64(0xD6E8FEB86659FD93)


@lru_cache(maxsize=1 << 17)
def _word_hash(word: str) -> int:
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "little")


def _band_values(
    work: WorkFolder, shards: list[ShardId], bands: int, rows: int, advance: Advance
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int64]]:
    """Return the bands of every document, uint32 [D, bands], and its byte offset in its shard, int64 [D]."""
    total = sum(shard.documents for shard in shards)
    values = np.zeros((total, bands), dtype=np.uint32)
    places = np.zeros(total, dtype=np.int64)
    signatures = load_library().RMinHash.digest_matrix_from_flat_token_hashes
    for shard in shards:
        parts: list[Shingles] = []
        offset = 0
        own = slice(shard.first_document, shard.first_document + shard.documents)
        for number, raw in enumerate(_raw_documents(work, shard), start=shard.first_document):
            places[number] = offset
            offset += len(raw) + 2
            parts.append(shingles(raw.decode().casefold().split()))
        if shard.documents:
            ends = np.cumsum([0, *map(len, parts)], dtype=np.uint64)
            matrix = signatures(np.concatenate(parts), ends, bands * rows, _SEED).to_rows()
            values[own] = _folded(np.array(matrix, dtype=np.uint64).reshape(-1, bands, rows))
            # Documents without shingles must not meet.
            values[own][[not len(part) for part in parts]] = 0
        advance()
    return values, places


def _folded(signatures: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint32]:
    """Return one number for each band, uint32 [D, bands] of [D, bands, rows]; never 0, which stands for none."""
    folded = np.zeros(signatures.shape[:2], dtype=np.uint64)
    for row in range(signatures.shape[2]):
        folded = (folded ^ signatures[:, :, row]) * np.uint64(0x9E3779B97F4A7C15)
        folded ^= folded >> np.uint64(29)
    return np.maximum((folded >> np.uint64(32)).astype(np.uint32), np.uint32(1))


def _meetings(values: npt.NDArray[np.uint32]) -> dict[int, list[int]]:
    """Return {document: numbers of the places (band and value) where it meets others}."""
    found: dict[int, list[int]] = {}
    for band in range(values.shape[1]):
        column = values[:, band]
        kinds, counts = np.unique(column, return_counts=True)
        shared = kinds[(counts > 1) & (kinds > 0)]
        documents = np.flatnonzero(np.isin(column, shared))
        for document, value in zip(documents.tolist(), column[documents].tolist(), strict=True):
            found.setdefault(document, []).append(band << 32 | value)
    return found


def _raw_documents(work: WorkFolder, shard: ShardId) -> Iterator[bytes]:
    """Yield the documents of a shard as bytes."""
    yield from work.text(shard.source, shard.number).read_bytes().split(b"\n\n")[:-1]
