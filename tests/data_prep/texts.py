"""What the tests of reading share: one text of a source, and the documents in it."""

from __future__ import annotations

from pathlib import Path

from climb.data_prep.cleaning import Cleaner
from climb.data_prep.documents import document_rule, read_documents
from climb.data_prep.finding import find_files
from climb.data_prep.formats.row_format import RowOptions
from climb.data_prep.gathering import group_sources
from climb.data_prep.reading import Tally
from climb.data_prep.sources import Source


def sources_of(*patterns: str | Path, spool: Path | None = None, **options: str) -> list[Source]:
    """Return the sources of what a command line names."""
    rows = RowOptions(**options)
    return group_sources(find_files([str(pattern) for pattern in patterns]), [], spool or Path("/nowhere"), rows)


def documents_of(
    source: Source, clean: bool = True, encoding_errors: str = "strict"
) -> tuple[list[list[str]], str, Tally]:
    """Return the cleaned documents of a source, its rule in words, and what was removed."""
    tally = Tally()
    rule = document_rule(source)
    cleaner = Cleaner(source.family, clean=clean, tally=tally)
    found = [
        lines
        for text in source.files
        for lines in read_documents(text, source, rule, cleaner, tally, encoding_errors)
    ]
    return found, rule.text, tally
