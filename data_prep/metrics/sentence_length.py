"""Mean sentence length."""

from __future__ import annotations

import numpy as np

from climb.data_prep.metric import Metric, SentenceBatch, Values


class SentenceLength(Metric):
    """Mean number of words of the sentences in a block."""

    name = "sentence_length"
    unit = "words per sentence"
    description = "mean number of words per sentence"

    def sentences(self, batch: SentenceBatch) -> Values:
        """Return the words of each sentence."""
        return batch.words.astype(np.float64)
