"""A shard of cleaned text → arrays: tokens, words, sentences, and tags and heads where there is a parser.

This is where nearly all the time of a preparation goes: about 1 MB/s and core without a parser, a third of it
in the tokenizer. A *sequence* is what gets its own special tokens: a document, or a line under `--pack lines`.
"""

from __future__ import annotations

import hashlib
import string
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Any

import numpy as np
import numpy.typing as npt

from climb.base.tags import UNTAGGED
from climb.data_prep.alignment import Characters, IntArray, characters, tags_of_tokens, token_facts, token_spans
from climb.data_prep.parsing import parse_sentences
from climb.data_prep.sentences import sentence_spans
from climb.data_prep.shards import Arrays
from climb.data_prep.tokenizer_training import Encoder

_EDGES = string.punctuation + "“”‘’«»…–—¡¿"


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


def encode_shard(
    documents: Sequence[list[str]], first_document: int, per_line: bool, encoder: Encoder, nlp: Any | None
) -> Arrays:
    """Return everything that later stages need of a shard.

    Args:
        documents: lists of lines.
        first_document: the number of the first document in the corpus.
        per_line: whether every line is a sequence of its own.
        encoder: the tokenizer.
        nlp: a spaCy pipeline, or None.

    Returns:
        Token columns [N, specials included]: `ids`, `word_start`, `words`, `bytes`, `upos`. Sequence columns:
        `sequence_tokens`, `sequence_document`. Sentence columns [S]: `document`, `start`, `end` (tokens of the
        shard), `sentence_words`, and `word_types`, the sentences' words one after the other as numbers of
        types; `type_hashes` names the types. With a pipeline: `heads` [P] and `pieces` [S].
    """
    text = cut_text(documents, per_line)
    letters = characters(text.sequences)
    ids, starts, ends, counts = _tokenise(text.sequences, letters, encoder)
    facts = token_facts(letters, starts, ends)
    sentence_ends = text.sentence_starts + np.array([len(s) for s in text.sentences], dtype=np.int64)
    first, last = token_spans(starts, ends, text.sentence_starts, sentence_ends)
    arrays, upos = _parsed(text, facts.first_letter, nlp)
    slots = _slots(counts, encoder)
    size = len(ids) + len(counts) * (len(encoder.prefix) + len(encoder.suffix))
    arrays |= {
        "ids": _with_specials(ids, slots, size, counts, encoder),
        "word_start": _spread(facts.word_start, slots, size, False),
        "words": _spread(facts.words.astype(np.int32), slots, size, 0),
        "bytes": _spread(facts.bytes.astype(np.int32), slots, size, 0),
        "upos": _spread(upos, slots, size, UNTAGGED),
        "sequence_tokens": counts + len(encoder.prefix) + len(encoder.suffix),
        "sequence_document": np.array(text.sequence_document, dtype=np.int64) + first_document,
        "document": np.array(text.sentence_document, dtype=np.int64) + first_document,
    }
    # `slots` of one past the last token is one past that token, not the slot of the next sequence's first.
    empty = last <= first
    safe = np.append(slots, size)
    arrays["start"] = safe[first]
    arrays["end"] = np.where(empty, safe[first], safe[np.maximum(last - 1, 0)] + 1)
    return arrays | _words(text.sentences)


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


def _parsed(text: Text, first_letter: IntArray, nlp: Any | None) -> tuple[Arrays, npt.NDArray[np.uint8]]:
    """Return heads and pieces, and the tag of each token; no arrays and X everywhere without a pipeline."""
    if nlp is None:
        return {}, np.full(len(first_letter), UNTAGGED, dtype=np.uint8)
    parse = parse_sentences(nlp, text.sentences)
    base = np.repeat(text.sentence_starts, parse.pieces)
    upos = tags_of_tokens(first_letter, parse.starts + base, parse.ends + base, parse.tags, UNTAGGED)
    return {"heads": parse.heads, "pieces": parse.pieces}, upos


def _words(sentences: Sequence[str]) -> Arrays:
    """Return the words of the sentences as types: lower case, without punctuation at their edges.

    A word of punctuation alone is its own type. Types are named by 64-bit hashes, so that a corpus of any size
    keeps 8 bytes of each.
    """
    numbers: dict[str, int] = {}
    types: list[int] = []
    counts = np.zeros(len(sentences), dtype=np.int32)
    for index, sentence in enumerate(sentences):
        words = sentence.lower().split()
        counts[index] = len(words)
        types += [numbers.setdefault(word.strip(_EDGES) or word, len(numbers)) for word in words]
    hashes = np.array([word_hash(word) for word in numbers], dtype=np.uint64)
    return {"sentence_words": counts, "word_types": np.array(types, dtype=np.uint32), "type_hashes": hashes}


def word_hash(word: str) -> int:
    """Return the 64-bit name of a word type."""
    return int.from_bytes(hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")
