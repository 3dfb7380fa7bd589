"""Dependency distance."""

from __future__ import annotations

import numpy as np

from climb.data_prep.metric import Metric, SentenceBatch, Values, run_means
from climb.data_prep.parsing.dependencies import without_punctuation


class Distance(Metric):
    """Mean distance in words between a word and its head (Liu 2008).

    Roots have no distance, and punctuation is neither a word nor a step between words; 0 for a sentence of one
    word. Without relations all pieces count as words.
    """

    name = "distance"
    unit = "words"
    description = "mean over sentences of the mean distance between a word and its head"
    needs_parser = True

    def sentences(self, batch: SentenceBatch) -> Values:
        """Return the mean dependency distance of each sentence."""
        if batch.heads is None or batch.pieces is None:
            raise ValueError("distance needs parsed sentences")
        words = without_punctuation(batch)
        position = np.cumsum(words)
        distance = np.abs(position[np.arange(len(words)) + batch.heads] - position)
        counted = (words & (batch.heads != 0)).astype(np.float64)
        share = run_means(counted, batch.pieces)
        return run_means(distance * counted, batch.pieces) / np.where(share > 0, share, 1.0)
