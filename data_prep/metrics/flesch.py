"""Flesch reading ease, turned."""

from __future__ import annotations

from climb.data_prep.difficulty.readability import Passages
from climb.data_prep.difficulty.syllables import count_syllables
from climb.data_prep.metric import BlockBatch, CorpusTables, Metric, SentenceBatch, Values


class Flesch(Metric):
    """100 − reading ease = 1.015 · words per sentence + 84.6 · syllables per word − 106.835 (Flesch 1948).

    About 0 to 10 for the easiest prose, 70 to 100 for scholarly text; the formula is for English. A block is
    scored as one passage, its own words over its own sentences. Punctuation alone is no word; text without words
    scores as one word of one syllable, the easiest there is.
    """

    name = "flesch"
    unit = "100 − reading ease"
    description = "Flesch reading ease subtracted from 100, so that higher is harder"

    def __init__(self, tables: CorpusTables) -> None:
        super().__init__(tables)
        self._syllables: dict[str, float] = {}

    def sentences(self, batch: SentenceBatch) -> Values:
        """Return the score of each sentence."""
        return self._score(Passages.of(batch))

    def blocks(self, batch: BlockBatch) -> Values:
        """Return the score of each block."""
        return self._score(Passages.of(batch))

    def _score(self, passages: Passages) -> Values:
        syllables = passages.per_word(count_syllables, self._syllables)
        return 1.015 * passages.words_per_sentence.clip(1.0) + 84.6 * syllables.clip(1.0) - 106.835
