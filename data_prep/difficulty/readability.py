"""What the readability formulas share: sentences, words, and sums over words of what is known of their types."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from climb.data_prep.metric import BlockBatch, SentenceBatch, Values
from climb.data_prep.tokens.words import Words


@dataclass(frozen=True)
class Passages:
    """Sentences, each a passage of its own, or blocks, as a readability formula sees them."""

    words: Words
    """Words with a letter or digit in them."""
    sentences: npt.NDArray[np.int64]
    """Sentences per passage, at least one."""

    @classmethod
    def of(cls, batch: SentenceBatch | BlockBatch) -> Passages:
        """Return the passages of a batch."""
        words = batch.vocabulary.spelled
        if isinstance(batch, BlockBatch):
            return cls(words, np.maximum(batch.sentences, 1))
        return cls(words, np.ones(len(words.counts), dtype=np.int64))

    @property
    def words_per_sentence(self) -> Values:
        """Mean sentence length [R]."""
        return np.asarray(self.words.counts / self.sentences)

    def per_word(self, of_type: Callable[[str], float], known: dict[str, float]) -> Values:
        """Return the mean over words of a value per type, 0 without words [R].

        Args:
            of_type: called once per type of the whole process.
            known: what it gave so far.
        """
        for name in self.words.names:
            if name not in known:
                known[name] = of_type(name)
        per_type = np.array([known[name] for name in self.words.names], dtype=np.float64)
        return self.words.sums(per_type) / np.maximum(self.words.counts, 1)
