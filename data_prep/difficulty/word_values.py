"""Word → number, looked up for all word types of a shard at once through their 64-bit names.

English writes some words together that lists hold apart: *dog's*, *they'll*, *didn't*. Such a form takes the
number of the word before the apostrophe unless the list holds the form itself; ’ and ' are the same. Memory:
24 bytes per entry and form.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from climb.data_prep.metric import Values
from climb.data_prep.tokens.words import normal_word, word_hash

_AFTER_PRONOUNS = ("'ll", "'re", "'ve", "'d", "'m")
_PRONOUNS = frozenset((
    "i", "you", "he", "she", "it", "we", "they", "who", "what", "where", "when", "why", "how", "that", "this",
    "there", "here", "these", "those", "everybody", "everyone", "somebody", "someone", "nobody",
))  # fmt: skip
_BEFORE_NOT = frozenset((
    "do", "does", "did", "is", "are", "was", "were", "has", "have", "had", "could", "should", "would", "might",
    "must", "need", "ought", "dare", "may",
))  # fmt: skip
_IRREGULAR = {"can": "can't", "will": "won't", "shall": "shan't", "am": "ain't"}


@dataclass(frozen=True)
class WordValues:
    """Numbers of words, sorted by the words' 64-bit names."""

    hashes: npt.NDArray[np.uint64]
    values: Values

    @classmethod
    def of(cls, entries: Mapping[str, float]) -> WordValues:
        """Return the table of some words, given as `normal_word` leaves them, and of the forms made of them."""
        forms = {form: value for word, value in entries.items() for form in forms_of(word)}
        forms |= {spelling: value for word, value in entries.items() for spelling in _both_apostrophes(word)}
        hashes = np.array([word_hash(form) for form in forms], dtype=np.uint64)
        order = np.argsort(hashes, kind="stable")
        return cls(hashes[order], np.array(list(forms.values()), dtype=np.float64)[order])

    def find(self, hashes: npt.NDArray[np.uint64]) -> tuple[Values, npt.NDArray[np.bool_]]:
        """Return the number of every type, 0 where there is none, and whether there is one [T]."""
        if not len(self.hashes):
            return np.zeros(len(hashes)), np.zeros(len(hashes), dtype=bool)
        place = np.minimum(np.searchsorted(self.hashes, hashes), len(self.hashes) - 1)
        found = self.hashes[place] == hashes
        return np.where(found, self.values[place], 0.0), found


def forms_of(word: str) -> list[str]:
    """Return the forms with an apostrophe that take a word's number when a list lacks them.

    Example:
        >>> forms_of("did")[:3], forms_of("cat")
        (["did's", 'did’s', "didn't"], ["cat's", 'cat’s'])
    """
    if "'" in word or "’" in word:
        return []
    forms = [word + "'s"]
    if word in _BEFORE_NOT:
        forms.append(word + "n't")
    if word in _IRREGULAR:
        forms.append(_IRREGULAR[word])
    if word in _PRONOUNS:
        forms += [word + ending for ending in _AFTER_PRONOUNS]
    return [spelling for form in forms for spelling in _both_apostrophes(form)]


def _both_apostrophes(word: str) -> tuple[str, ...]:
    straight = word.replace("’", "'")
    return (straight, straight.replace("'", "’")) if "'" in straight else (straight,)


def summed(words: Iterable[str], numbers: Iterable[float]) -> dict[str, float]:
    """Return the sum of the numbers of every word, as metrics compare words ("Look" and "look" are one)."""
    sums: dict[str, float] = {}
    for word, number in zip(words, numbers, strict=True):
        name = normal_word(word.strip())
        sums[name] = sums.get(name, 0.0) + number
    sums.pop("", None)
    return sums


def averaged(words: Iterable[str], numbers: Iterable[float]) -> dict[str, float]:
    """Return the mean of the numbers of every word, as metrics compare words."""
    pairs = list(zip(words, numbers, strict=True))
    sums = summed((word for word, _ in pairs), (number for _, number in pairs))
    counts = summed((word for word, _ in pairs), (1.0 for _ in pairs))
    return {word: total / counts[word] for word, total in sums.items()}
