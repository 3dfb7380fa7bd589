"""report.html: the sections in their order, on one self-contained page."""

from __future__ import annotations

from pathlib import Path

from climb.base.charts import Page
from climb.base.files import write_text
from climb.data_prep.report.difficulty import add_difficulty
from climb.data_prep.report.evidence import Evidence
from climb.data_prep.report.flow import add_flow
from climb.data_prep.report.glance import add_glance, lead
from climb.data_prep.report.parts_of_speech import add_tags
from climb.data_prep.report.provenance import add_provenance
from climb.data_prep.report.removals import add_removals
from climb.data_prep.report.sentence_lengths import add_sentence_lengths
from climb.data_prep.report.vocabulary_use import add_tokenizer
from climb.data_prep.report.zipf import add_zipf


def write_report(folder: Path) -> None:
    """Write report.html into the folder of a prepared corpus.

    Args:
        folder: it; nothing but its own files is read.

    Raises:
        UserError: it is no prepared corpus, or damaged.
    """
    write_text(folder / "report.html", report_page(Evidence(folder)))


def report_page(evidence: Evidence) -> str:
    """Return the page."""
    manifest = evidence.manifest
    page = Page(
        f"Corpus {manifest.name}",
        lead(evidence.corpus.manifest),
        "Made by climb prep. The numbers of every picture are in the CSV link beside it.",
    )
    for add in (
        add_glance,
        add_flow,
        add_removals,
        add_difficulty,
        add_tokenizer,
        add_zipf,
        add_tags,
        add_sentence_lengths,
        add_provenance,
    ):
        add(page, evidence)
    return page.html()
