"""Words as metrics count and compare them: cut at white space, lower case, without punctuation at their edges.

A word is compared with word lists and with other words by its *type*, a position in a list of names. Names are
normalised once per spelling, so that the cost per running word is one dictionary look-up.
"""

from __future__ import annotations

import hashlib
import string
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

EDGES = string.punctuation + "“”‘’«»…–—¡¿"
"""Characters that are taken off both ends of a word."""

IntArray = npt.NDArray[np.int64]


def normal_word(word: str) -> str:
    """Return the word in lower case without punctuation at its edges; punctuation alone stays as it is.

    Example:
        >>> normal_word("“Don’t!”"), normal_word("...")
        ('don’t', '...')
    """
    lower = word.lower()
    return lower.strip(EDGES) or lower


def word_hash(word: str) -> int:
    """Return the 64-bit name of a word type."""
    return int.from_bytes(hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


class _Numbers(dict[str, int]):
    """Spelling → number of its type; types are numbered in the order in which they are met."""

    def __init__(self) -> None:
        super().__init__()
        self.types: dict[str, int] = {}

    def __missing__(self, spelling: str) -> int:
        number = self.types.setdefault(spelling.strip(EDGES) or spelling, len(self.types))
        self[spelling] = number
        return number


@dataclass(frozen=True)
class Words:
    """The words of some runs (sentences or blocks), one run after the other."""

    counts: IntArray
    """Words per run [R]."""
    types: IntArray
    """Types of the words, positions in `names` [N]."""
    names: list[str]
    """The types in the order in which they are met [T]."""

    @classmethod
    def of(cls, texts: Iterable[str]) -> Words:
        """Return the words of texts; each text is a run."""
        numbers = _Numbers()
        types: list[int] = []
        counts: list[int] = []
        for text in texts:
            words = text.lower().split()
            counts.append(len(words))
            types += map(numbers.__getitem__, words)
        return cls(np.array(counts, dtype=np.int64), np.array(types, dtype=np.int64), list(numbers.types))

    @cached_property
    def runs(self) -> IntArray:
        """The run of each word [N]."""
        return np.repeat(np.arange(len(self.counts)), self.counts)

    @cached_property
    def spelled(self) -> Words:
        """The same runs without what is punctuation alone (a type without any letter or digit)."""
        keeps = np.array([any(map(str.isalnum, name)) for name in self.names], dtype=bool)
        kept = keeps[self.types]
        counts = np.bincount(self.runs[kept], minlength=len(self.counts))
        return Words(counts, self.types[kept], self.names)

    def sums(self, per_type: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return the sum over the words of every run of a value per type [R]."""
        values = per_type[self.types].astype(np.float64)
        return np.bincount(self.runs, weights=values, minlength=len(self.counts)).astype(np.float64)
