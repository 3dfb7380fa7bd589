"""Parts of speech: CLIMB's twelve tags, by source, over tokens."""

from __future__ import annotations

from climb.base.charts import Page, heat_table
from climb.base.tags import CLIMB_TAGS
from climb.data_prep.report.evidence import Evidence


def add_tags(page: Page, evidence: Evidence) -> None:
    """Add the share of every tag in every source; a sentence where there was no tagger."""
    page.section("Parts of speech")
    if not evidence.manifest.tagger:
        page.add("<p>The corpus was prepared without a tagger, so every token's part of speech is X (unknown).</p>")
        return
    page.note(f"Per cent of each source's tokens, special tokens and line ends left out; {evidence.manifest.tagger}.")
    rows = tag_shares(evidence)
    top = max((share for shares in rows.values() for share in shares if share is not None), default=0.0) or 1.0
    title = "Share of the twelve tags (%)"
    page.add(
        heat_table("source", CLIMB_TAGS, rows, title, lambda share: share / top, lambda share: f"{100 * share:.1f}")
    )


def tag_shares(evidence: Evidence) -> dict[str, list[float | None]]:
    """Return source → the share of its tokens that bears each of the twelve tags."""
    tags = evidence.tokens.tags
    rows: dict[str, list[float | None]] = {}
    for number, label in evidence.present:
        total = max(int(tags[number].sum()), 1)
        rows[label] = [int(count) / total for count in tags[number]]
    if len(rows) > 1:
        rows["all"] = [int(count) / max(int(tags.sum()), 1) for count in tags.sum(axis=0)]
    return rows
