"""Scores of a pipeline against a treebank: shares of words, punctuation included, as the CoNLL shared tasks count.

UPOS: the part of speech is right; UAS: the head is; LAS: head and relation (with its subtype) are. The gold words
are given, so that the three depend on no tokenizer.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from climb.data_prep.parsing.training.architecture import plain_doc
from climb.data_prep.parsing.training.conllu import Tree

_BATCH = 256


@dataclass(frozen=True)
class Scores:
    """Percentages of words."""

    words: int
    upos: float
    uas: float
    las: float


@dataclass(frozen=True)
class Analysis:
    """What a pipeline says of a sentence of W words: heads as positions, a root's its own."""

    tags: Sequence[str]
    heads: Sequence[int]
    relations: Sequence[str]


def score_pipeline(nlp: Any, trees: Sequence[Tree]) -> Scores:
    """Score a pipeline on sentences given as gold words."""
    docs = nlp.pipe((plain_doc(nlp, tree) for tree in trees), batch_size=_BATCH)
    return score(trees, [_analysis(doc) for doc in docs])


def _analysis(doc: Any) -> Analysis:
    relations = ["root" if token.head.i == token.i else token.dep_ for token in doc]
    return Analysis([token.pos_ for token in doc], [token.head.i for token in doc], relations)


def score(trees: Sequence[Tree], found: Sequence[Analysis]) -> Scores:
    """Compare analyses with gold trees."""
    words = tags = heads = relations = 0
    for tree, analysis in zip(trees, found, strict=True):
        right = [one == two for one, two in zip(tree.heads, analysis.heads, strict=True)]
        same = [one == two for one, two in zip(tree.relations, analysis.relations, strict=True)]
        words += len(right)
        tags += sum(one == two for one, two in zip(tree.tags, analysis.tags, strict=True))
        heads += sum(right)
        relations += sum(one and two for one, two in zip(right, same, strict=True))
    share = 100.0 / max(words, 1)
    return Scores(words, tags * share, heads * share, relations * share)


def words_per_second(nlp: Any, trees: Sequence[Tree]) -> float:
    """Return the speed on raw text, with tokenising, tagging and parsing: words of the tokenizer per second."""
    texts = [_text(tree) for tree in trees]
    started = time.perf_counter()
    words = sum(len(doc) for doc in nlp.pipe(texts, batch_size=_BATCH))
    return words / (time.perf_counter() - started)


def _text(tree: Tree) -> str:
    return "".join(word + " " * space for word, space in zip(tree.words, tree.spaces, strict=True)).strip()
