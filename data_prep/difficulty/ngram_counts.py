"""The n-gram tables of a corpus: merged from the runs' counts in parts of the key range, in bounded memory.

Each run of blocks holds its keys sorted, so a part of the key range is one slice of each. Parts end between first
tokens, so that all trigrams of a context fall into the same part. Memory: a few times the largest part, or the
bigrams of the corpus (16 bytes each) where they are more.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from climb.base.files import atomic_file, said_plainly
from climb.data_prep import checksums
from climb.data_prep.difficulty.ngram_model import bigram_votes, trigram_votes, weights_of
from climb.data_prep.difficulty.trigrams import Counts, Keys, bigrams_from, merge_counts, merge_stream
from climb.data_prep.shards import WorkFolder, read_arrays, write_table

NGRAM_TABLES = (
    "bigram_keys", "bigram_counts", "after_one", "bigram_weights", "trigram_keys", "trigram_counts", "after_two_keys",
    "after_two_counts", "trigram_weights",
)  # fmt: skip
"""What `merge_ngrams` writes."""

PART_TOKENS = 1 << 21
"""Occurrences in a part, about."""


def merge_ngrams(work: WorkFolder, runs: int) -> None:
    """Write the tables of `NgramModel.from_tables`.

    Args:
        work: the working folder; the task "trigrams" of every run is done.
        runs: how many runs there are.
    """
    unigrams = np.load(work.table("token_counts"))
    size = len(unigrams)
    bigrams = merge_stream(_run_bigrams(work, run) for run in range(runs))
    after_one = bigrams_from(bigrams, size)
    write_table(work.table("bigram_keys"), bigrams[0])
    write_table(work.table("bigram_counts"), bigrams[1])
    write_table(work.table("after_one"), after_one)
    write_table(work.table("bigram_weights"), np.array(weights_of(bigram_votes(unigrams, bigrams, after_one))))
    files = [
        (np.load(keys, mmap_mode="r"), np.load(counts, mmap_mode="r"))
        for keys, counts in (run_files(work, run) for run in range(runs))
    ]
    votes = np.zeros(3, dtype=np.int64)
    trigrams, contexts = _Table(work, "trigram"), _Table(work, "after_two")
    for low, high in _parts(unigrams):
        part = merge_counts([_slice(file, low * size * size, high * size * size) for file in files])
        after_two = merge_counts([(part[0] // np.uint64(size), part[1])])
        votes += trigram_votes(unigrams, bigrams, after_one, part, after_two)
        trigrams.append(part)
        contexts.append(after_two)
    trigrams.close()
    contexts.close()
    write_table(work.table("trigram_weights"), np.array(weights_of(votes)))


def _parts(unigrams: Counts) -> Iterator[tuple[int, int]]:
    """Yield ranges [low, high) of first tokens that hold about `PART_TOKENS` occurrences each."""
    before = np.cumsum(unigrams) - unigrams
    part = before // PART_TOKENS
    edges = np.flatnonzero(np.concatenate([[True], part[1:] != part[:-1]])).tolist()
    yield from zip(edges, [*edges[1:], len(unigrams)], strict=True)


def write_run(work: WorkFolder, run: int, trigrams: tuple[Keys, Counts]) -> None:
    """Write the trigram counts of a run so that they can be mapped."""
    for path, values in zip(run_files(work, run), trigrams, strict=True):
        write_table(path, values)


def run_files(work: WorkFolder, run: int) -> tuple[Path, Path]:
    """Return the files of the sorted trigrams of a run and of their counts."""
    stage = work.stage("trigrams")
    return stage / f"{run:06d}-keys.npy", stage / f"{run:06d}-counts.npy"


def _run_bigrams(work: WorkFolder, run: int) -> tuple[Keys, Counts]:
    arrays = read_arrays(work.arrays("trigrams", f"{run:06d}"))
    return arrays["bigram_keys"], arrays["bigram_counts"]


def _slice(file: tuple[Keys, Counts], low: int, high: int) -> tuple[Keys, Counts]:
    """Return the counts whose keys lie in [low, high)."""
    first, last = np.searchsorted(file[0], np.array([low, high], dtype=np.uint64))
    return file[0][first:last], file[1][first:last]


class _Table:
    """Keys and counts that grow on the disk, part by part, and become two `.npy` files at the end."""

    def __init__(self, work: WorkFolder, name: str) -> None:
        self._work = work
        self._name = name
        self._size = 0
        self._kinds: tuple[np.dtype[Any], ...] = (np.dtype(np.uint64), np.dtype(np.int64))
        for column in ("keys", "counts"):
            self._raw(column).unlink(missing_ok=True)

    def _raw(self, column: str) -> Path:
        return self._work.table(f"{self._name}_{column}").with_suffix(".raw")

    def append(self, part: tuple[Keys, Counts]) -> None:
        """Append sorted counts whose keys lie above all before."""
        for column, values, kind in zip(("keys", "counts"), part, self._kinds, strict=True):
            with said_plainly(self._raw(column)), open(self._raw(column), "ab") as file:
                file.write(np.ascontiguousarray(values, dtype=kind).tobytes())
        self._size += len(part[0])

    def close(self) -> None:
        """Turn what was appended into tables."""
        for column, kind in zip(("keys", "counts"), self._kinds, strict=True):
            header = {"descr": kind.str, "fortran_order": False, "shape": (self._size,)}
            path = self._work.table(f"{self._name}_{column}")
            with atomic_file(path, "wb") as file:
                np.lib.format.write_array_header_1_0(file, header)
                with open(self._raw(column), "rb") as raw:
                    shutil.copyfileobj(raw, file)
                checksums.note(path, file)
            self._raw(column).unlink()
