"""Dependency distance (Liu 2008)."""

from __future__ import annotations

import numpy as np

from climb.data_prep.metric import Metric, SentenceBatch, Values, run_means


class Distance(Metric):
    """Mean distance in words between a word and its head, roots left out; 0 for a sentence of one word."""

    name = "distance"
    unit = "words"
    description = "mean over sentences of the mean distance between a word and its head"
    needs_parser = True

    def sentences(self, batch: SentenceBatch) -> Values:
        """Return the mean dependency distance of each sentence."""
        if batch.heads is None or batch.pieces is None:
            raise ValueError("distance needs parsed sentences")
        attached = (batch.heads != 0).astype(np.float64)
        share = run_means(attached, batch.pieces)
        return run_means(np.abs(batch.heads).astype(np.float64), batch.pieces) / np.where(share > 0, share, 1.0)
