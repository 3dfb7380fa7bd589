"""Word rarity: how surprising the words of a sentence are by their frequency alone."""

from __future__ import annotations

import numpy as np

from climb.data_prep.metric import Metric, SentenceBatch, Values, run_means


class Rarity(Metric):
    """Mean −log2 of the words' relative frequency in the training text.

    Words are compared in lower case and without punctuation at their edges. A word that the training text
    lacks (in held-out text) is taken as seen once, so that every value is finite.
    """

    name = "rarity"
    unit = "bits per word"
    description = "mean −log2 relative frequency of the words in the training text"
    needs_corpus = True

    def sentences(self, batch: SentenceBatch) -> Values:
        """Return the mean rarity of the words of each sentence."""
        hashes, counts = self.tables.word_hashes, self.tables.word_counts
        place = np.minimum(np.searchsorted(hashes, batch.type_hashes), len(hashes) - 1)
        seen = np.where(hashes[place] == batch.type_hashes, counts[place], 1)
        bits = np.log2(counts.sum()) - np.log2(seen)
        return run_means(bits[batch.word_types], batch.words)
