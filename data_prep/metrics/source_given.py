"""Source rank in an order of one's own."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from climb.data_prep.difficulty.source_ranks import given_ranks, rank_of
from climb.data_prep.metric import Metric, SentenceBatch, Values, with_options
from climb.data_prep.options import PrepConfig


class GivenOrder(Metric):
    """The rank that `--source-ranks` gives a sentence's source, by its label or else its family."""

    name = "source_given"
    unit = "rank"
    description = "rank of the source in the given order"
    needs_source = True
    needs_option = "--source-ranks LABEL=RANK,…"

    @classmethod
    def configured(cls, config: PrepConfig) -> type[Metric]:
        """Return the metric with the ranks of the options."""
        ranks = given_ranks(config.source_ranks)
        return with_options(cls, options={"ranks": ranks}) if ranks else cls

    @classmethod
    def missing(cls, families: Mapping[str, str]) -> str | None:
        """Return which sources have no rank."""
        ranks = cls.options["ranks"]
        unknown = [label for label in families if rank_of(label, ranks) is None]
        if not unknown:
            return None
        return f"--source-ranks has no {', '.join(unknown)}: it gives ranks to {', '.join(sorted(ranks))}."

    def sentences(self, batch: SentenceBatch) -> Values:
        """Return the rank of the sentences' source."""
        rank = rank_of(self.tables.labels[batch.source], self.options["ranks"])
        if rank is None:
            raise ValueError(f"no rank for {self.tables.labels[batch.source]}")
        return np.full(len(batch.words), rank)
