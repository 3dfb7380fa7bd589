"""Length in tokens."""

from __future__ import annotations

import numpy as np

from climb.data_prep.metric import BlockBatch, Metric, SentenceBatch, Values


class Tokens(Metric):
    """Number of tokens of the corpus' vocabulary; in a block its special tokens count, padding does not.

    Blocks are cut to one size, so that over blocks it differs only where padding is (`--pack lines`); over
    sentences it is length as the model meets it.
    """

    name = "tokens"
    unit = "tokens"
    description = "number of tokens"
    needs_tokens = True

    def sentences(self, batch: SentenceBatch) -> Values:
        """Return the tokens of each sentence."""
        return batch.tokens.lengths.astype(np.float64)

    def blocks(self, batch: BlockBatch) -> Values:
        """Return the tokens of each block."""
        return batch.tokens.lengths.astype(np.float64)
