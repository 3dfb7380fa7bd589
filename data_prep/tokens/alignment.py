"""Token spans → words, bytes and tags, by character offsets, for a whole shard at once.

Everything here works on the characters of a shard: its sequences one after the other, without separators.
Offsets need not cover every character (some tokenizers leave spaces out) and may overlap (a character's bytes
may fall into several tokens); they must not decrease, which holds for all fast tokenizers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

_SPACES = np.array([code for code in range(0x3001) if chr(code).isspace()], dtype=np.uint32)


@dataclass(frozen=True)
class Characters:
    """The characters of a shard."""

    codes: npt.NDArray[np.uint32]
    """Unicode code points [C]."""
    base: IntArray
    """Where each sequence starts, and the end [sequences + 1]."""

    @property
    def spaces(self) -> BoolArray:
        """Whether each character is white space, as `str.isspace` says [C]."""
        small = self.codes < 0x3001
        table = np.zeros(0x3001, dtype=bool)
        table[_SPACES] = True
        result: BoolArray = small & table[np.where(small, self.codes, 0)]
        return result


def characters(sequences: list[str]) -> Characters:
    """Return the characters of some sequences."""
    codes = np.frombuffer("".join(sequences).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    base = np.concatenate([[0], np.cumsum([len(text) for text in sequences], dtype=np.int64)]).astype(np.int64)
    return Characters(codes, base)


@dataclass(frozen=True)
class TokenFacts:
    """What is known of each token [N]."""

    word_start: BoolArray
    """Whether it holds the first character of a word (a run without white space)."""
    words: IntArray
    """How many words end in it."""
    bytes: IntArray
    """UTF-8 bytes that count in it; over a shard they sum to all bytes of the text."""
    first_letter: IntArray
    """Position of its first character that is no white space, −1 when there is none."""


def token_facts(text: Characters, starts: IntArray, ends: IntArray) -> TokenFacts:
    """Align tokens with the words and bytes of the text.

    Args:
        text: the characters of the shard.
        starts: first character of each token in the shard [N], non-decreasing.
        ends: one past its last [N], non-decreasing.
    """
    count = len(starts)
    if not count:
        nothing = np.zeros(0, dtype=np.int64)
        return TokenFacts(nothing.astype(bool), nothing, nothing, nothing)
    spaces = text.spaces
    opens, closes = _word_edges(spaces, text.base)
    word_start = np.zeros(count, dtype=bool)
    word_start[np.minimum(np.searchsorted(ends, opens, side="right"), count - 1)] = True
    last = np.maximum(np.searchsorted(starts, closes, side="right") - 1, 0)
    owner = np.maximum(np.searchsorted(starts, np.arange(len(spaces)), side="right") - 1, 0)
    return TokenFacts(
        word_start=word_start,
        words=np.bincount(last, minlength=count).astype(np.int64),
        bytes=np.bincount(owner, weights=_utf8_bytes(text.codes), minlength=count).astype(np.int64),
        first_letter=_first_letters(spaces, starts, ends),
    )


def _word_edges(spaces: BoolArray, base: IntArray) -> tuple[IntArray, IntArray]:
    """Return the first and the last character of every word; words do not run on into the next sequence."""
    letters = ~spaces
    before = np.concatenate([[True], spaces[:-1]])
    after = np.concatenate([spaces[1:], [True]])
    inner = base[(base > 0) & (base < len(spaces))]
    before[inner] = True
    after[inner - 1] = True
    return np.flatnonzero(letters & before), np.flatnonzero(letters & after)


def _utf8_bytes(codes: npt.NDArray[np.uint32]) -> IntArray:
    """Return how many bytes UTF-8 takes for each character."""
    return 1 + (codes >= 0x80).astype(np.int64) + (codes >= 0x800) + (codes >= 0x10000)


def _first_letters(spaces: BoolArray, starts: IntArray, ends: IntArray) -> IntArray:
    """Return each token's first character that is no white space, −1 without one."""
    letters = np.flatnonzero(~spaces)
    if not len(letters):
        return np.full(len(starts), -1, dtype=np.int64)
    found = np.searchsorted(letters, starts)
    first = letters[np.minimum(found, len(letters) - 1)]
    return np.where((found < len(letters)) & (first < ends), first, -1)


def token_spans(
    starts: IntArray, ends: IntArray, span_starts: IntArray, span_ends: IntArray
) -> tuple[IntArray, IntArray]:
    """Return the first token of each character span and one past its last.

    Spans begin and end with a character that is no white space; a span without tokens gets an empty range.
    """
    first = np.searchsorted(ends, span_starts, side="right")
    last = np.searchsorted(starts, span_ends - 1, side="right")
    return first.astype(np.int64), np.maximum(first, last).astype(np.int64)


def tags_of_tokens(
    first_letter: IntArray, piece_starts: IntArray, piece_ends: IntArray, tags: npt.NDArray[np.uint8], untagged: int
) -> npt.NDArray[np.uint8]:
    """Give each token the tag of the tagged piece that holds its first letter.

    Args:
        first_letter: from `token_facts` [N].
        piece_starts: first character of each of the tagger's pieces [P], increasing.
        piece_ends: one past its last [P].
        tags: their tags, uint8 [P].
        untagged: the tag of tokens without a letter, or outside every piece.
    """
    result = np.full(len(first_letter), untagged, dtype=np.uint8)
    if len(piece_starts):
        piece = np.maximum(np.searchsorted(piece_starts, first_letter, side="right") - 1, 0)
        inside = (first_letter >= piece_starts[piece]) & (first_letter < piece_ends[piece]) & (first_letter >= 0)
        result[inside] = tags[piece[inside]]
    return result
