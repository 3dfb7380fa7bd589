"""The spelling that the model sees: lower case, or no punctuation, with every tag where it was.

Tagger and parser read the text as it was written; only what is tokenised is respelled, character by character,
so that a tag finds the letters it belongs to. CLIMB respells the text but not its tags.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from climb.data_prep.tokens.alignment import Characters, characters

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

_SPACE, _NEWLINE = 32, 10
_INNER = np.array([ord(mark) for mark in "'’-‐‑"], dtype=np.uint32)
"""Marks that stay between letters: don't, well-known."""
_INNER_OF_NUMBERS = np.array([ord(mark) for mark in ".,:"], dtype=np.uint32)
"""Marks that stay between digits: 3.5, 1,000, 12:30."""


@dataclass(frozen=True)
class Surface:
    """The respelled sequences of a shard."""

    sequences: list[str]
    kept_before: IntArray | None
    """For every character of the text as written, and its end, how many before it were kept [C + 1]; None: all."""

    def place(self, positions: IntArray) -> IntArray:
        """Return where characters of the written text stand in the respelled one."""
        return positions if self.kept_before is None else self.kept_before[positions]


def respell(sequences: list[str], lowercase: bool, drop_punctuation: bool) -> Surface:
    """Return the sequences as they are tokenised.

    Without punctuation, what Unicode calls punctuation or a symbol vanishes, but for the marks inside words and
    numbers above; between what is left stands one space, or a newline where there was one. Lower case maps
    characters one to one (İ to i).
    """
    if lowercase:
        sequences = [_lowered(text) for text in sequences]
    if not drop_punctuation:
        return Surface(sequences, None)
    letters = characters(sequences)
    codes, keep = _without_marks(letters)
    before = np.concatenate([[0], np.cumsum(keep)])
    text = codes[keep].astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")
    base = before[letters.base].tolist()
    return Surface([text[a:b] for a, b in pairwise(base)], before)


def _lowered(text: str) -> str:
    """Return the text in lower case, as many characters long as it was."""
    lowered = text.lower()
    return lowered if len(lowered) == len(text) else "".join(letter.lower()[0] for letter in text)


@lru_cache(maxsize=1)
def _marks() -> BoolArray:
    """Return for each code point whether Unicode calls it punctuation or a symbol."""
    table = np.zeros(0x110000, dtype=bool)
    table[[code for code in range(0x110000) if unicodedata.category(chr(code))[0] in "PS"]] = True
    return table


def _without_marks(letters: Characters) -> tuple[npt.NDArray[np.uint32], BoolArray]:
    """Return the codes, separators among them, and which characters stay [C]."""
    codes = letters.codes.copy()
    marks = _marks()[codes] & ~_inner(letters)
    keep = ~marks & ~letters.spaces
    words = np.flatnonzero(keep)
    sequence = np.searchsorted(letters.base, words, side="right")
    apart = (np.diff(words) > 1) & (sequence[1:] == sequence[:-1])
    left, right = words[:-1][apart], words[1:][apart]
    newlines = np.append(np.flatnonzero(codes == _NEWLINE), len(codes))
    next_newline = newlines[np.searchsorted(newlines, left)]
    at_newline = next_newline < right
    between = np.where(at_newline, next_newline, left + 1)
    codes[between] = np.where(at_newline, _NEWLINE, _SPACE)
    keep[between] = True
    return codes, keep


def _inner(letters: Characters) -> BoolArray:
    """Return which characters are marks inside a word or a number [C]."""
    codes = letters.codes
    edge = np.zeros(len(codes) + 1, dtype=bool)
    edge[letters.base] = True

    def between(kind: BoolArray) -> BoolArray:
        before = np.concatenate([[False], kind[:-1]]) & ~edge[:-1]
        after = np.concatenate([kind[1:], [False]]) & ~edge[1:]
        return before & after

    solid = ~_marks()[codes] & ~letters.spaces
    digits = (codes >= ord("0")) & (codes <= ord("9"))
    return (np.isin(codes, _INNER) & between(solid)) | (np.isin(codes, _INNER_OF_NUMBERS) & between(digits))
