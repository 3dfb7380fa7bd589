"""Interpolated trigram perplexity."""

from __future__ import annotations

from climb.data_prep.difficulty.perplexity import NgramPerplexity


class TrigramPerplexity(NgramPerplexity):
    """Perplexity under a trigram model of the training blocks, the three orders interpolated (Brants 2000).

    The first token of a sentence or block is scored by its frequency, the second by the bigram, the rest by
    the trigram; see `climb.data_prep.difficulty.ngram_model` for the formula.
    """

    name = "ngram3"
    description = "interpolated trigram perplexity of the tokens under their counts in the training blocks"
    needs_ngrams = True
    order = 3
