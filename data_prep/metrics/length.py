"""Length in words."""

from __future__ import annotations

import numpy as np

from climb.data_prep.metric import BlockBatch, Metric, SentenceBatch, Values


class Length(Metric):
    """Number of words; a word counts in the block that holds its last token."""

    name = "length"
    unit = "words"
    description = "number of words"

    def sentences(self, batch: SentenceBatch) -> Values:
        """Return the words of each sentence."""
        return batch.words.astype(np.float64)

    def blocks(self, batch: BlockBatch) -> Values:
        """Return the words of each block."""
        return batch.words.astype(np.float64)
