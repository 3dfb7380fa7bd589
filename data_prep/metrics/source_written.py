"""Source rank, grammatical writing first."""

from __future__ import annotations

from collections.abc import Mapping

from climb.data_prep.difficulty.source_ranks import missing_ranks, ranks_of
from climb.data_prep.metric import Metric, SentenceBatch, Values

RANKS: dict[str, float] = {
    "cbt": 1, "children_stories": 1, "story": 1,
    "simple_wikipedia": 2,
    "wikipedia": 3, "gutenberg": 3, "encyclopedic": 3,
    "open_subtitles": 4,
    "bnc_spoken": 5, "switchboard": 5, "spoken": 5,
    "qed": 6, "aochildes": 6, "childes": 6, "child_directed": 6,
}  # fmt: skip


class WrittenFirst(Metric):
    """CLIMB's order from well-formed writing to fragmentary speech."""

    name = "source_written"
    unit = "rank"
    needs_source = True
    description = "rank of the source, from children's books (1) to child-directed speech (6)"

    @classmethod
    def missing(cls, families: Mapping[str, str]) -> str | None:
        """Return which sources have no place in the order."""
        return missing_ranks(families, RANKS)

    def sentences(self, batch: SentenceBatch) -> Values:
        """Return the rank of the sentences' source."""
        return ranks_of(batch, self.tables.families, RANKS)
