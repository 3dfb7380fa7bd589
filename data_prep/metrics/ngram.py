"""Unigram perplexity over token ids, CLIMB's n-gram difficulty at its shipped n = 1 (arXiv 2311.08886)."""

from __future__ import annotations

import numpy as np

from climb.data_prep.metric import BlockBatch, Metric, SentenceBatch, TokenRuns, Values


class UnigramPerplexity(Metric):
    """2^{−(1/L) Σ log2(c(x)/C)}: the geometric mean of C/c(x) over the L tokens.

    Counts c, of sum C, are over the training blocks, special tokens included and padding left out. With k
    equally frequent types it is k for every block. A token that training lacks is taken as seen once.
    """

    name = "ngram"
    unit = "perplexity"
    description = "unigram perplexity of the tokens under their counts in the training blocks"

    def sentences(self, batch: SentenceBatch) -> Values:
        """Return the perplexity of each sentence's tokens."""
        return self._perplexity(batch.tokens)

    def blocks(self, batch: BlockBatch) -> Values:
        """Return the perplexity of each block's own tokens."""
        return self._perplexity(batch.tokens)

    def _perplexity(self, runs: TokenRuns) -> Values:
        counts = self.tables.token_counts
        bits = np.log2(counts.sum()) - np.log2(np.maximum(counts, 1))
        return np.asarray(np.exp2(runs.mean(bits[runs.ids])))
