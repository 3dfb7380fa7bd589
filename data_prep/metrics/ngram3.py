"""Interpolated trigram perplexity."""

from __future__ import annotations

import numpy as np

from climb.data_prep.metric import BlockBatch, Metric, SentenceBatch, TokenRuns, Values
from climb.data_prep.trigrams import TrigramModel


class TrigramPerplexity(Metric):
    """Perplexity under a trigram model of the training blocks, the three orders mixed by deleted interpolation.

    The first token of a sentence or block is scored by its frequency, the second by the bigram, the rest by
    the trigram; see `climb.data_prep.trigrams` for the formula (Brants 2000).
    """

    name = "ngram3"
    unit = "perplexity"
    description = "interpolated trigram perplexity of the tokens under their counts in the training blocks"
    needs_ngrams = True

    _model: TrigramModel | None = None

    def sentences(self, batch: SentenceBatch) -> Values:
        """Return the perplexity of each sentence's tokens."""
        return self._perplexity(batch.tokens)

    def blocks(self, batch: BlockBatch) -> Values:
        """Return the perplexity of each block's own tokens."""
        return self._perplexity(batch.tokens)

    def _perplexity(self, runs: TokenRuns) -> Values:
        if self._model is None:
            self._model = TrigramModel.from_tables(self.tables)
        return np.asarray(np.exp(-runs.mean(self._model.log_probabilities(runs))))
