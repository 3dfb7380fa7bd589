"""Unigram perplexity over token ids, CLIMB's n-gram difficulty at its shipped n = 1 (arXiv 2311.08886)."""

from __future__ import annotations

from climb.data_prep.difficulty.perplexity import NgramPerplexity


class UnigramPerplexity(NgramPerplexity):
    """2^{−(1/L) Σ log2(c(x)/C)}: the geometric mean of C/c(x) over the L tokens.

    With k equally frequent types it is k for every block. A token that training lacks is taken as seen once.
    """

    name = "ngram"
    description = "unigram perplexity of the tokens under their counts in the training blocks"
    order = 1
