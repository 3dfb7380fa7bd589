"""Interpolated bigram perplexity."""

from __future__ import annotations

from climb.data_prep.difficulty.perplexity import NgramPerplexity


class BigramPerplexity(NgramPerplexity):
    """Perplexity under a bigram model of the training blocks, interpolated with unigrams (Jelinek & Mercer 1980).

    The first token of a sentence or block is scored by its frequency, the rest by the bigram; see
    `climb.data_prep.difficulty.ngram_model` for the formula.
    """

    name = "ngram2"
    description = "interpolated bigram perplexity of the tokens under their counts in the training blocks"
    needs_ngrams = True
    order = 2
