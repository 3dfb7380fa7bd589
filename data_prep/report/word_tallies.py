"""Words counted by a hash of their pieces, in bounded memory: the corpus keeps no list of its words."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from climb.data_prep.report.vocabulary_facts import Vocabulary

IntArray = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]


class Tally:
    """Counts 64-bit keys, some at a time."""

    def __init__(self) -> None:
        self._keys: list[Keys] = []
        self._counts: list[IntArray] = []

    def add(self, keys: Keys) -> None:
        """Count some keys."""
        unique, counts = np.unique(keys, return_counts=True)
        self._keys.append(unique)
        self._counts.append(counts.astype(np.int64))

    def counts(self) -> tuple[Keys, IntArray]:
        """Return the keys, sorted, and how often each was counted."""
        if not self._keys:
            return np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int64)
        keys, place = np.unique(np.concatenate(self._keys), return_inverse=True)
        weights = np.bincount(place, weights=np.concatenate(self._counts), minlength=len(keys))
        return keys, weights.astype(np.int64)

    def commonest(self, number: int) -> list[tuple[int, int]]:
        """Return the (key, count) counted most often, ties by key."""
        keys, counts = self.counts()
        order = np.lexsort((keys, -counts))[:number]
        return [(int(keys[place]), int(counts[place])) for place in order]


class LongestWords:
    """Keeps the different words of most pieces, earlier ones first among equals.

    Attributes:
        words: their pieces, the longest first.
    """

    def __init__(self, kept: int) -> None:
        self.words: list[IntArray] = []
        self._kept = kept

    def add(self, ids: IntArray, first: IntArray, pieces: IntArray) -> None:
        """Look at the words of a run."""
        # More candidates than are kept, because some will be the same word.
        candidates = np.argsort(-pieces, kind="stable")[: 20 * self._kept]
        found = {tuple(word.tolist()): word for word in self.words}
        for place in candidates:
            word = ids[first[place] : first[place] + pieces[place]]
            found.setdefault(tuple(word.tolist()), word)
        self.words = sorted(found.values(), key=len, reverse=True)[: self._kept]


def word_hashes(ids: IntArray, pieces: IntArray, vocabulary: Vocabulary) -> Keys:
    """Return a name for every word that is spelled: a hash of the spellings of its pieces in order."""
    spelled = vocabulary.spelled[ids]
    word = np.repeat(np.arange(len(pieces)), pieces)[spelled]
    if not len(word):
        return np.zeros(0, dtype=np.uint64)
    first = np.flatnonzero(np.concatenate([[True], word[1:] != word[:-1]]))
    place = np.arange(len(word)) - np.repeat(first, np.diff(np.append(first, len(word))))
    terms = _scrambled(
        vocabulary.spelling[ids[spelled]].astype(np.uint64) + (place.astype(np.uint64) << np.uint64(32))
    )
    return np.asarray(np.add.reduceat(terms, first), dtype=np.uint64)


def _scrambled(values: Keys) -> Keys:
    """Return the numbers scrambled by the finaliser of SplitMix64, one to one."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9) + np.uint64(0x9E3779B97F4A7C15)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def halves(ids: IntArray, first: IntArray, pieces: IntArray, vocabulary: Vocabulary) -> Keys:
    """Return first × V + second for every word of two spelled pieces."""
    two = first[pieces == 2]
    one, other = ids[two], ids[two + 1]
    both = vocabulary.spelled[one] & vocabulary.spelled[other]
    return np.asarray(one[both] * len(vocabulary.texts) + other[both], dtype=np.uint64)
