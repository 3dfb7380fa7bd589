"""The counts of a finished corpus, made again from its training blocks, so that any text can be measured by them.

They equal the counts that the corpus' own scores come from. Made once per corpus and process and only for what is
asked; n-grams take 16 bytes per distinct trigram.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from climb.base.corpus import PreparedCorpus
from climb.data_prep.difficulty.ngram_model import bigram_votes, trigram_votes, weights_of
from climb.data_prep.difficulty.trigrams import (
    Counts,
    Keys,
    bigrams_from,
    count_keys,
    merge_counts,
    merge_stream,
    ngram_keys,
)
from climb.data_prep.metric import CorpusTables, TokenRuns
from climb.data_prep.shards import WorkFolder
from climb.data_prep.tokens.decoding import Decoder
from climb.data_prep.tokens.surface import respell
from climb.data_prep.tokens.tokenizer_training import Encoder, load_encoder
from climb.data_prep.tokens.words import Words, word_hash

_BLOCKS = 8192


class FinishedCorpus(CorpusTables):
    """`CorpusTables` of a corpus whose working folder is gone."""

    def __init__(self, corpus: PreparedCorpus) -> None:
        super().__init__(WorkFolder(corpus.folder), corpus.manifest.sources)
        self._corpus = corpus

    @cached_property
    def encoder(self) -> Encoder:
        """The tokenizer."""
        return load_encoder(self._corpus.folder / "tokenizer")

    def spelled(self, texts: Sequence[str]) -> list[str]:
        """Return texts as this corpus spells them: in lower case or without punctuation where it was so asked."""
        options = self._corpus.manifest.options
        return respell(list(texts), options.get("lowercase", False), options.get("drop_punctuation", False)).sequences

    @cached_property
    def token_counts(self) -> npt.NDArray[np.int64]:
        """Occurrences of each token id in the training blocks [V]."""
        return self._corpus.lexicon()["count"].astype(np.int64)

    @cached_property
    def _words(self) -> tuple[Keys, Counts]:
        return merge_stream(_counted(text) for text in self._texts())

    @cached_property
    def word_hashes(self) -> npt.NDArray[np.uint64]:
        """The word types of the training text, sorted."""
        return self._words[0]

    @cached_property
    def word_counts(self) -> npt.NDArray[np.int64]:
        """Occurrences of each of them."""
        return self._words[1]

    def load(self, name: str) -> npt.NDArray[Any]:
        """Return a table of n-gram counts by its name."""
        return self._ngrams[name]

    @cached_property
    def _ngrams(self) -> dict[str, npt.NDArray[Any]]:
        """The tables that `climb.data_prep.difficulty.ngram_counts` writes."""
        size = len(self.token_counts)
        bigrams, trigrams = (
            merge_stream(count_keys(ngram_keys(runs, order, size)[0]) for runs, _ in self._runs()) for order in (2, 3)
        )
        after_one = bigrams_from(bigrams, size)
        after_two = merge_counts([(trigrams[0] // np.uint64(size), trigrams[1])])
        pairs = {"bigram": bigrams, "trigram": trigrams, "after_two": after_two}
        return {
            "after_one": after_one,
            "bigram_weights": np.array(weights_of(bigram_votes(self.token_counts, bigrams, after_one))),
            "trigram_weights": np.array(
                weights_of(trigram_votes(self.token_counts, bigrams, after_one, trigrams, after_two))
            ),
            **{f"{name}_keys": pair[0] for name, pair in pairs.items()},
            **{f"{name}_counts": pair[1] for name, pair in pairs.items()},
        }

    def _runs(self) -> Iterator[tuple[TokenRuns, npt.NDArray[np.bool_]]]:
        """Yield the tokens of some training blocks at a time, and which of them begin a word."""
        blocks = self._corpus.train
        for first in range(0, len(blocks), _BLOCKS):
            rows = np.arange(first, min(first + _BLOCKS, len(blocks)))
            lengths = blocks.length[rows].astype(np.int64)
            inside = np.arange(blocks.block_size) < lengths[:, None]
            yield TokenRuns(blocks.tokens(rows)[inside], lengths), blocks.word_start(rows)[inside]

    def _texts(self) -> Iterator[str]:
        """Yield the training text with words parted by white space, cut between words and not between blocks."""
        decoder, part = Decoder(self.encoder), self.encoder.pad
        rest = np.zeros(0, dtype=np.int64)
        for runs, begins in self._runs():
            places = np.flatnonzero(begins)
            # A special token is decoded to a newline, so that words are parted where documents meet.
            ids = np.concatenate([rest, np.insert(runs.ids, places, part)])
            last = len(rest) + int(places[-1]) + len(places) - 1 if len(places) else 0
            yield decoder.texts(TokenRuns(ids[:last], np.array([last])))[0]
            rest = ids[last:]
        yield decoder.texts(TokenRuns(rest, np.array([len(rest)])))[0]


def _counted(text: str) -> tuple[Keys, Counts]:
    """Return the names of the words of a text, sorted, and how often each occurs."""
    words = Words.of([text])
    hashes = np.array([word_hash(name) for name in words.names], dtype=np.uint64)
    order = np.argsort(hashes)
    return hashes[order], np.bincount(words.types, minlength=len(hashes)).astype(np.int64)[order]
