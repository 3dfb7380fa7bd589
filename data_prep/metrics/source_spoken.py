"""Source rank, speech first."""

from __future__ import annotations

from collections.abc import Mapping

from climb.data_prep.difficulty.source_ranks import missing_ranks, ranks_of
from climb.data_prep.metric import Metric, SentenceBatch, Values

RANKS: dict[str, float] = {
    "aochildes": 1, "childes": 1, "child_directed": 1,
    "bnc_spoken": 2, "switchboard": 2, "spoken": 2,
    "open_subtitles": 3, "qed": 3,
    "cbt": 4, "children_stories": 4, "story": 4,
    "simple_wikipedia": 5,
    "wikipedia": 6, "gutenberg": 6, "encyclopedic": 6,
}  # fmt: skip


class SpokenFirst(Metric):
    """CLIMB's order from speech to writing: child-directed, spoken, scripted, stories, simple and full articles."""

    name = "source_spoken"
    unit = "rank"
    needs_source = True
    description = "rank of the source, from child-directed speech (1) to encyclopedias and books (6)"

    @classmethod
    def missing(cls, families: Mapping[str, str]) -> str | None:
        """Return which sources have no place in the order."""
        return missing_ranks(families, RANKS)

    def sentences(self, batch: SentenceBatch) -> Values:
        """Return the rank of the sentences' source."""
        return ranks_of(batch, self.tables.families, RANKS)
