"""Mean syntactic depth."""

from __future__ import annotations

import numpy as np

from climb.data_prep.metric import Metric, SentenceBatch, Values, run_means
from climb.data_prep.parsing.dependencies import arcs_to_root, without_punctuation


class MeanDepth(Metric):
    """Mean number of dependency arcs between a word and the root of its sentence, punctuation left out.

    The mean hierarchical distance of Jing & Liu (2015); the root itself has 0.
    """

    name = "depth_mean"
    unit = "arcs"
    description = "mean over sentences of the mean distance of words from the root of the dependency tree"
    needs_parser = True

    def sentences(self, batch: SentenceBatch) -> Values:
        """Return the mean depth of each sentence's words."""
        if batch.heads is None or batch.pieces is None:
            raise ValueError("depth_mean needs parsed sentences")
        counted = without_punctuation(batch).astype(np.float64)
        share = run_means(counted, batch.pieces)
        return run_means(arcs_to_root(batch.heads) * counted, batch.pieces) / np.where(share > 0, share, 1.0)
