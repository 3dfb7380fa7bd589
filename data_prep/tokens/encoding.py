"""A shard of cleaned text → arrays: tokens, words, lines, sentences, and tags where there is a tagger.

Without a parser nearly all the time of a preparation goes here. A *sequence* is what gets its own special tokens: a
document, or a line under `--pack lines`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Any

import numpy as np
import numpy.typing as npt

from climb.base.tags import UNTAGGED
from climb.data_prep.shards import Arrays
from climb.data_prep.tokens.alignment import (
    Characters,
    IntArray,
    characters,
    tags_of_tokens,
    token_facts,
    token_spans,
)
from climb.data_prep.tokens.sentences import sentence_spans
from climb.data_prep.tokens.surface import Surface, respell
from climb.data_prep.tokens.tokenizer_training import Encoder
from climb.data_prep.tokens.words import Words, word_hash


@dataclass(frozen=True)
class Text:
    """The text of a shard, cut three ways."""

    sequences: list[str]
    sequence_document: list[int]
    """The document of each sequence, counted from the shard's first."""
    sentences: list[str]
    sentence_document: list[int]
    sentence_starts: IntArray
    """First character of each sentence in the shard [S]; sequences follow one another without separator."""


def cut_text(documents: Sequence[list[str]], per_line: bool) -> Text:
    """Cut documents into sequences and sentences."""
    sequences: list[str] = []
    owners: list[int] = []
    sentences: list[str] = []
    sentence_owners: list[int] = []
    starts: list[int] = []
    base = 0
    for number, lines in enumerate(documents):
        for line in lines:
            for start, end in sentence_spans(line):
                sentences.append(line[start:end])
                starts.append(base + start)
                sentence_owners.append(number)
            base += len(line) + (not per_line)
        # No newline stands behind the last line of a document.
        base -= not per_line
        sequences.extend(lines if per_line else ["\n".join(lines)])
        owners.extend(repeat(number, len(lines) if per_line else 1))
    return Text(sequences, owners, sentences, sentence_owners, np.array(starts, dtype=np.int64))


@dataclass(frozen=True)
class Spelling:
    """How text is cut and spelled for the tokenizer."""

    per_line: bool
    """Whether every line is a sequence of its own."""
    lowercase: bool = False
    drop_punctuation: bool = False


def spelled_sentences(documents: Sequence[list[str]], spelling: Spelling) -> list[str]:
    """Return the sentences of documents as they are tokenised; one of punctuation alone may be empty."""
    text = cut_text(documents, spelling.per_line)
    return _spell(text, spelling)[2].sentences


def encode_shard(
    documents: Sequence[list[str]], first_document: int, spelling: Spelling, encoder: Encoder, parse: Arrays | None
) -> Arrays:
    """Return everything that later stages need of a shard.

    Args:
        documents: lists of lines.
        first_document: the number of the first document in the corpus.
        spelling: how the text is cut and spelled.
        encoder: the tokenizer.
        parse: what `parse_sentences` gave for the sentences as written, or None.

    Returns:
        Token columns [N, specials included]: `ids`, `word_start`, `words`, `bytes`, `upos`. Sequence columns:
        `sequence_tokens`, `sequence_document`. Line columns [L]: `line_hash`, `line_document`, `line_start`,
        `line_end` (tokens of the shard). Sentence columns [S]: `document`, `start`, `end`, `sentence_words`, and
        `word_types`, the sentences' words one after the other as numbers of types; `type_hashes` names the types.
    """
    text = cut_text(documents, spelling.per_line)
    surface, letters, spans = _spell(text, spelling)
    ids, starts, ends, counts = _tokenise(surface.sequences, letters, encoder)
    facts = token_facts(letters, starts, ends)
    slots = _slots(counts, encoder)
    size = len(ids) + len(counts) * (len(encoder.prefix) + len(encoder.suffix))
    arrays: Arrays = {
        "ids": _with_specials(ids, slots, size, counts, encoder),
        "word_start": _spread(facts.word_start, slots, size, False),
        "words": _spread(facts.words.astype(np.int32), slots, size, 0),
        "bytes": _spread(facts.bytes.astype(np.int32), slots, size, 0),
        "upos": _spread(_tags(text, surface, facts.first_letter, parse), slots, size, UNTAGGED),
        "sequence_tokens": counts + len(encoder.prefix) + len(encoder.suffix),
        "sequence_document": np.array(text.sequence_document, dtype=np.int64) + first_document,
        "document": np.array(text.sentence_document, dtype=np.int64) + first_document,
    }
    arrays["start"], arrays["end"] = _token_range(spans.starts, spans.ends, starts, ends, slots, size)
    lines = _lines(surface, letters, text, first_document)
    arrays |= {"line_hash": lines.hashes, "line_document": lines.document}
    arrays["line_start"], arrays["line_end"] = _token_range(lines.starts, lines.ends, starts, ends, slots, size)
    return arrays | word_types(spans.sentences)


@dataclass(frozen=True)
class _Spans:
    """The sentences of a shard as they are tokenised; characters of the shard [S]."""

    sentences: list[str]
    starts: IntArray
    ends: IntArray


def _spell(text: Text, spelling: Spelling) -> tuple[Surface, Characters, _Spans]:
    """Return the respelled sequences, their characters, and where the sentences are in them."""
    surface = respell(text.sequences, spelling.lowercase, spelling.drop_punctuation)
    letters = characters(surface.sequences)
    written_ends = text.sentence_starts + np.array([len(s) for s in text.sentences], dtype=np.int64)
    if not spelling.lowercase and not spelling.drop_punctuation:
        return surface, letters, _Spans(text.sentences, text.sentence_starts, written_ends)
    starts, ends = surface.place(text.sentence_starts), surface.place(written_ends)
    if len(letters.codes):
        # What parts two sentences may have taken the place of a mark inside one of them.
        starts = starts + (letters.spaces[np.minimum(starts, len(letters.codes) - 1)] & (starts < ends))
        ends = ends - (letters.spaces[np.maximum(ends - 1, 0)] & (starts < ends))
    whole = "".join(surface.sequences)
    sentences = [whole[a:b] for a, b in zip(starts.tolist(), ends.tolist(), strict=True)]
    return surface, letters, _Spans(sentences, starts, ends)


def _tags(text: Text, surface: Surface, first_letter: IntArray, parse: Arrays | None) -> npt.NDArray[np.uint8]:
    """Return the tag of each token; X everywhere without a tagger."""
    if parse is None:
        return np.full(len(first_letter), UNTAGGED, dtype=np.uint8)
    base = np.repeat(text.sentence_starts, parse["pieces"])
    starts, ends = surface.place(parse["starts"] + base), surface.place(parse["ends"] + base)
    left = ends > starts
    return tags_of_tokens(first_letter, starts[left], ends[left], parse["tags"][left], UNTAGGED)


def _token_range(
    span_starts: IntArray, span_ends: IntArray, starts: IntArray, ends: IntArray, slots: IntArray, size: int
) -> tuple[IntArray, IntArray]:
    """Return the slot of the first token of each character span and one past its last."""
    first, last = token_spans(starts, ends, span_starts, span_ends)
    empty = (last <= first) | (span_ends <= span_starts)
    # `slots` of one past the last token is one past that token, not the slot of the next sequence's first.
    safe = np.append(slots, size)
    return safe[first], np.where(empty, safe[first], safe[np.maximum(last - 1, 0)] + 1)


@dataclass(frozen=True)
class _Lines:
    """The lines of a shard that hold a word [L]."""

    hashes: npt.NDArray[np.uint64]
    document: IntArray
    starts: IntArray
    ends: IntArray


def _lines(surface: Surface, letters: Characters, text: Text, first_document: int) -> _Lines:
    """Return the lines as they are tokenised."""
    hashes: list[int] = []
    owners: list[int] = []
    starts: list[int] = []
    ends: list[int] = []
    for sequence, owner, base in zip(
        surface.sequences, text.sequence_document, letters.base.tolist()[:-1], strict=True
    ):
        place = base
        for line in sequence.split("\n"):
            if line:
                hashes.append(word_hash(line))
                owners.append(owner + first_document)
                starts.append(place)
                ends.append(place + len(line))
            place += len(line) + 1
    document, first, last = (np.array(values, dtype=np.int64) for values in (owners, starts, ends))
    return _Lines(np.array(hashes, dtype=np.uint64), document, first, last)


def _tokenise(
    sequences: list[str], letters: Characters, encoder: Encoder
) -> tuple[npt.NDArray[np.uint32], IntArray, IntArray, IntArray]:
    """Return ids, character starts and ends in the shard, and the number of tokens per sequence."""
    encodings = encoder.tokenizer.encode_batch(sequences, add_special_tokens=False)
    counts = np.array([len(encoding) for encoding in encodings], dtype=np.int64)
    total = int(counts.sum())
    ids = np.fromiter(chain.from_iterable(e.ids for e in encodings), dtype=np.uint32, count=total)
    flat = chain.from_iterable(chain.from_iterable(e.offsets for e in encodings))
    offsets = np.fromiter(flat, dtype=np.int64, count=2 * total).reshape(-1, 2)
    base = np.repeat(letters.base[:-1], counts)
    # A byte of a character may be given the character's span twice; spans never run backwards.
    starts = np.maximum.accumulate(offsets[:, 0] + base) if total else base
    ends = np.maximum.accumulate(offsets[:, 1] + base) if total else base
    return ids, starts, ends, counts


def _slots(counts: IntArray, encoder: Encoder) -> IntArray:
    """Return the position of each token once every sequence has its special tokens."""
    around = len(encoder.prefix) + len(encoder.suffix)
    sequence = np.repeat(np.arange(len(counts)), counts)
    return np.arange(len(sequence)) + sequence * around + len(encoder.prefix)


def _spread(values: npt.NDArray[Any], slots: IntArray, size: int, filler: int) -> npt.NDArray[Any]:
    """Put values at their slots, a filler at the special tokens."""
    result = np.full(size, filler, dtype=values.dtype)
    result[slots] = values
    return result


def _with_specials(
    ids: npt.NDArray[np.uint32], slots: IntArray, size: int, counts: IntArray, encoder: Encoder
) -> npt.NDArray[np.uint32]:
    """Return the ids with the special tokens around every sequence."""
    result = _spread(ids, slots, size, 0)
    ends = np.cumsum(counts + len(encoder.prefix) + len(encoder.suffix))
    starts = ends - counts - len(encoder.prefix) - len(encoder.suffix)
    for place, token in enumerate(encoder.prefix):
        result[starts + place] = token
    for place, token in enumerate(encoder.suffix):
        result[ends - len(encoder.suffix) + place] = token
    return result


def word_types(sentences: Sequence[str]) -> Arrays:
    """Return the words of the sentences as types (see `Words`).

    Types are named by 64-bit hashes, so that a corpus of any size keeps 8 bytes of each.
    """
    words = Words.of(sentences)
    return {
        "sentence_words": words.counts.astype(np.int32),
        "word_types": words.types.astype(np.uint32),
        "type_hashes": np.array([word_hash(name) for name in words.names], dtype=np.uint64),
    }
