"""Syntactic depth."""

from __future__ import annotations

import numpy as np

from climb.data_prep.metric import Metric, SentenceBatch, Values
from climb.data_prep.parsing.dependencies import arcs_to_root, sentence_maxima


class Depth(Metric):
    """Dependency arcs between a sentence's root and its deepest word, over all its words."""

    name = "depth"
    unit = "arcs"
    description = "mean over sentences of the longest path from the root of the dependency tree"
    needs_parser = True

    def sentences(self, batch: SentenceBatch) -> Values:
        """Return the depth of each sentence's tree."""
        if batch.heads is None or batch.pieces is None:
            raise ValueError("depth needs parsed sentences")
        return sentence_maxima(arcs_to_root(batch.heads), batch.pieces).astype(np.float64)
