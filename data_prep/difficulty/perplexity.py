"""N-gram perplexity as a metric, whatever the order."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import numpy.typing as npt

from climb.data_prep.difficulty.ngram_model import NgramModel
from climb.data_prep.metric import BlockBatch, Metric, SentenceBatch, TokenRuns, Values, with_options
from climb.data_prep.options import PrepConfig


class NgramPerplexity(Metric):
    """Perplexity exp(−mean log p) of tokens under their counts in the training blocks; `order` says which model.

    Counts are over the training blocks, special tokens included and padding left out, n-grams within a block.
    `--ngram-leave-out` scores every training sentence and block without its own n-grams.
    """

    unit = "perplexity"
    needs_corpus = True
    needs_tokens = True
    order: ClassVar[int]

    _model: NgramModel | None = None

    @classmethod
    def configured(cls, config: PrepConfig) -> type[Metric]:
        """Return the metric, with the text scored left out of its counts on wish."""
        if not config.ngram_leave_out:
            return cls
        description = f"{cls.description}, the text scored left out"
        return with_options(cls, options={"leave_out": True}, description=description)

    def sentences(self, batch: SentenceBatch) -> Values:
        """Return the perplexity of each sentence's tokens."""
        return self._perplexity(batch.tokens, None if batch.held_out is None else ~batch.held_out)

    def blocks(self, batch: BlockBatch) -> Values:
        """Return the perplexity of each block's own tokens."""
        return self._perplexity(batch.tokens, np.ones(len(batch.words), dtype=bool))

    def _perplexity(self, runs: TokenRuns, counted: npt.NDArray[np.bool_] | None) -> Values:
        if self._model is None:
            self._model = NgramModel.from_tables(self.tables, self.order)
        return self._model.perplexities(runs, counted if self.options.get("leave_out") else None)
