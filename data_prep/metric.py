"""What a difficulty metric is: one small class that scores sentences, and blocks where that is another matter.

A metric is added by writing one file in `metrics/`; the folder listing is the registry. A metric sees all
sentences of a shard (or many blocks) at once and returns one number for each, higher meaning harder.
A block's score is the mean over the sentences with a token in it, unless the metric scores blocks itself.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from climb.data_prep.shards import WorkFolder
from climb.data_prep.sources import family_of

Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class TokenRuns:
    """Token ids of some runs (sentences or blocks), one after the other."""

    ids: npt.NDArray[np.int64]
    lengths: npt.NDArray[np.int64]

    def mean(self, per_token: Values) -> Values:
        """Return the mean of a value per token over every run; 0 for a run without tokens."""
        return run_means(per_token, self.lengths)


@dataclass(frozen=True)
class SentenceBatch:
    """The sentences of a shard [S]."""

    texts: Sequence[str]
    source: int
    words: npt.NDArray[np.int64]
    tokens: TokenRuns
    word_types: npt.NDArray[np.int64]
    """Word types of all sentences one after the other, positions in `type_hashes`."""
    type_hashes: npt.NDArray[np.uint64]
    heads: npt.NDArray[np.int64] | None
    """Head minus own position for every parsed piece; None without a parser."""
    pieces: npt.NDArray[np.int64] | None
    """Parsed pieces per sentence."""


@dataclass(frozen=True)
class BlockBatch:
    """Some training blocks [B]: their own tokens, special tokens included, padding left out."""

    tokens: TokenRuns
    words: npt.NDArray[np.int64]


class CorpusTables:
    """Counts over the training text, loaded when a metric first asks for them.

    Attributes:
        labels: source labels; a batch's `source` is a position in this list.
    """

    def __init__(self, work: WorkFolder, labels: Sequence[str]) -> None:
        self._work = work
        self.labels = list(labels)

    @property
    def families(self) -> list[str]:
        """The family of each source."""
        return [family_of(label) for label in self.labels]

    @cached_property
    def token_counts(self) -> npt.NDArray[np.int64]:
        """Occurrences of each token id in the training blocks [V]."""
        return self.load("token_counts")

    @cached_property
    def word_hashes(self) -> npt.NDArray[np.uint64]:
        """The word types of the training text, sorted."""
        return self.load("word_hashes")

    @cached_property
    def word_counts(self) -> npt.NDArray[np.int64]:
        """Occurrences of each of them."""
        return self.load("word_counts")

    def load(self, name: str) -> npt.NDArray[Any]:
        """Return a table by its name, mapped from its file."""
        return np.asarray(np.load(self._work.table(name), mmap_mode="r"))


class Metric(ABC):
    """A measure of difficulty. Subclasses are found by the file they stand in."""

    name: ClassVar[str]
    unit: ClassVar[str]
    description: ClassVar[str]
    needs_parser: ClassVar[bool] = False
    needs_ngrams: ClassVar[bool] = False
    """Whether trigram counts are read; they are made only when some metric does."""

    def __init__(self, tables: CorpusTables) -> None:
        self.tables = tables

    @classmethod
    def missing(cls, families: dict[str, str]) -> str | None:
        """Return why the metric cannot score these sources ({label: family}) and the cure; None when it can."""
        return None

    @abstractmethod
    def sentences(self, batch: SentenceBatch) -> Values:
        """Return one finite number per sentence [S]."""

    def blocks(self, batch: BlockBatch) -> Values | None:
        """Return one finite number per block [B]; None: take the mean over the block's sentences."""
        return None


def run_means(values: Values, lengths: npt.NDArray[np.int64]) -> Values:
    """Return the mean of every run of consecutive values; 0 for an empty run."""
    sums = np.zeros(len(lengths))
    filled = lengths > 0
    if filled.any():
        starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
        sums[filled] = np.add.reduceat(values, starts[filled])
    return sums / np.maximum(lengths, 1)
