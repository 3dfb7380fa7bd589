"""Part-of-speech tags by NLTK's averaged perceptron, as CLIMB made the tags it called gold.

The sentence is cut into pieces by NLTK's Treebank tokenizer; each piece keeps its place in the text, so that tags
stay with their letters whatever the vocabulary. Penn Treebank tags become UD's seventeen by one table; through
`climb.base.tags` these give exactly Petrov, Das & McDonald's (2012) twelve, which CLIMB used: a preposition is ADP
even before a clause, `to` is PRT, `there` is DET. Cost: plain Python, a dozen
dictionary look-ups a word.

The model is NLTK's `averaged_perceptron_tagger_eng` (JSON, no pickle; NLTK 3.9 or newer). Neither NLTK nor the model
says what it was trained on; its tags are those of the Penn Treebank, and its author trained on the Wall Street
Journal. The manifest therefore counts all of that part of the treebank, about a million words, as supervision.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from climb.base.errors import UserError
from climb.base.tags import UD_ID, UNTAGGED
from climb.data_prep.parsing.spacy_parser import Parse, Tagging

RESOURCE = "averaged_perceptron_tagger_eng"
SUPERVISION_WORDS = 1_000_000
"""Words of the Wall Street Journal in the Penn Treebank: what the model was trained on, at most."""

_OLDEST = (3, 9)
_FILES = ("weights", "tagdict", "classes")
_PIECE = re.compile(r"\S+")

PTB_TO_UD = {
    "#": "PUNCT", "$": "PUNCT", "''": "PUNCT", "``": "PUNCT", "(": "PUNCT", ")": "PUNCT", ",": "PUNCT", ".": "PUNCT",
    ":": "PUNCT", "--": "PUNCT", "-LRB-": "PUNCT", "-RRB-": "PUNCT", "!": "PUNCT", "?": "PUNCT", "CC": "CCONJ",
    "CD": "NUM", "DT": "DET", "EX": "DET", "FW": "X", "IN": "ADP", "JJ": "ADJ", "JJR": "ADJ", "JJS": "ADJ", "LS": "X",
    "MD": "AUX", "NN": "NOUN", "NNS": "NOUN", "NNP": "PROPN", "NNPS": "PROPN", "PDT": "DET", "POS": "PART",
    "PRP": "PRON", "PRP$": "PRON", "RB": "ADV", "RBR": "ADV", "RBS": "ADV", "RP": "PART", "SYM": "SYM", "TO": "PART",
    "UH": "INTJ", "VB": "VERB", "VBD": "VERB", "VBG": "VERB", "VBN": "VERB", "VBP": "VERB", "VBZ": "VERB",
    "WDT": "DET", "WP": "PRON", "WP$": "PRON", "WRB": "ADV",
}  # fmt: skip
"""Penn Treebank tag → UD tag; a tag that is not here is X."""


@dataclass(frozen=True)
class TaggerFacts:
    """What the manifest says of the tagger."""

    name: str
    fingerprint: str
    """sha256 over NLTK's version, whose tokenizer cuts the pieces, and the model's files."""
    supervision_words: int


@lru_cache(maxsize=1)
def load_tagger() -> Any:
    """Load NLTK's tagger.

    Raises:
        UserError: NLTK is missing or too old, or its model is; the message names the command that gets it.
    """
    try:
        import nltk
        from nltk.tag.perceptron import PerceptronTagger
    except ImportError:
        raise UserError("--tagger nltk needs NLTK: install it with `pip install 'climb-lm[nltk]'`.") from None
    if tuple(int(part) for part in re.findall(r"\d+", nltk.__version__)[:2]) < _OLDEST:
        raise UserError(
            f"--tagger nltk needs NLTK 3.9 or newer, not {nltk.__version__}: update it with "
            "`pip install -U 'climb-lm[nltk]'`."
        )
    try:
        return PerceptronTagger()
    except LookupError:
        raise UserError(
            f"--tagger nltk needs NLTK's model {RESOURCE}: get it with `python -m nltk.downloader {RESOURCE}`."
        ) from None
    except (OSError, ValueError, KeyError) as error:
        reason = str(error).strip().split("\n")[0]
        raise UserError(
            f"NLTK's model {RESOURCE} cannot be read ({reason}): get it anew with `python -m nltk.downloader "
            f"--force {RESOURCE}`."
        ) from None


def inspect_tagger() -> TaggerFacts:
    """Load the tagger and return its name, its checksum and how many words it was trained on.

    Raises:
        UserError: see `load_tagger`.
    """
    import nltk

    load_tagger()
    folder = nltk.data.find(f"taggers/{RESOURCE}/")
    digest = hashlib.sha256(nltk.__version__.encode())
    for kind in _FILES:
        with folder.join(f"averaged_perceptron_tagger_eng.{kind}.json").open() as file:
            digest.update(hashlib.sha256(file.read()).digest())
    return TaggerFacts(f"nltk {RESOURCE}", digest.hexdigest(), SUPERVISION_WORDS)


def tag_sentences(sentences: Sequence[str]) -> Tagging:
    """Tag sentences.

    Args:
        sentences: the texts.

    Returns:
        Pieces, none of them empty or overlapping, with their UD tags.

    Raises:
        UserError: see `load_tagger`.
    """
    tagger = load_tagger()
    starts: list[int] = []
    ends: list[int] = []
    tags: list[int] = []
    counts: list[int] = []
    for sentence in sentences:
        spans = _spans(sentence)
        tagged = tagger.tag(_words(sentence, spans))
        starts.extend(start for start, _ in spans)
        ends.extend(end for _, end in spans)
        tags.extend(_UD_OF_PTB.get(tag, UNTAGGED) for _, tag in tagged)
        counts.append(len(spans))
    return Tagging(
        starts=np.array(starts, dtype=np.int64),
        ends=np.array(ends, dtype=np.int64),
        tags=np.array(tags, dtype=np.uint8),
        pieces=np.array(counts, dtype=np.int64),
    )


def retagged(parse: Parse, sentences: Sequence[str]) -> Parse:
    """Return a parse with NLTK's tags in place of its own: each piece takes the tag at its first character.

    Args:
        parse: the pieces of the sentences.
        sentences: the texts.
    """
    tagging = tag_sentences(sentences)
    lengths = np.array([len(sentence) + 1 for sentence in sentences], dtype=np.int64)
    base = np.cumsum(lengths) - lengths
    shift = np.repeat(base, tagging.pieces)
    starts, ends = tagging.starts + shift, tagging.ends + shift
    first = parse.starts + np.repeat(base, parse.pieces)
    owner = np.searchsorted(starts, first, side="right") - 1
    inside = owner >= 0
    inside[inside] = first[inside] < ends[owner[inside]]
    tags = np.full(len(first), UNTAGGED, dtype=np.uint8)
    tags[inside] = tagging.tags[owner[inside]]
    return replace(parse, tags=tags)


_UD_OF_PTB = {ptb: UD_ID[ud] for ptb, ud in PTB_TO_UD.items()}


@lru_cache(maxsize=1)
def _tokenizer() -> Any:
    from nltk.tokenize import TreebankWordTokenizer

    return TreebankWordTokenizer()


def _words(sentence: str, spans: list[tuple[int, int]]) -> list[str]:
    """Return the pieces as the model knows them: plain quotes as the Treebank's opening and closing ones."""
    words = [sentence[start:end] for start, end in spans]
    opened = False
    for place, word in enumerate(words):
        if word == '"':
            words[place] = "''" if opened else "``"
            opened = not opened
    return words


def _spans(sentence: str) -> list[tuple[int, int]]:
    """Return the places of a sentence's pieces.

    The Treebank tokenizer rewrites quotes, and loses its place where they are mixed; such a sentence is cut at
    white space.
    """
    try:
        spans = list(_tokenizer().span_tokenize(sentence))
    except ValueError:
        return [match.span() for match in _PIECE.finditer(sentence)]
    return [span for span in spans if span[0] < span[1]]
