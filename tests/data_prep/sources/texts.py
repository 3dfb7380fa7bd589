"""What the tests of reading share: one text of a source, and the documents in it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from climb.data_prep.cleaning.cleaner import Cleaner
from climb.data_prep.sources.documents import document_rule, read_documents
from climb.data_prep.sources.finding import find_files
from climb.data_prep.sources.formats.row_format import RowOptions, format_of
from climb.data_prep.sources.gathering import group_sources
from climb.data_prep.sources.reading import Tally
from climb.data_prep.sources.source import Source


def sources_of(*patterns: str | Path, spool: Path | None = None, **options: str) -> list[Source]:
    """Return the sources of what a command line names."""
    rows = RowOptions(**options)
    return group_sources(find_files([str(pattern) for pattern in patterns]), [], spool or Path("/nowhere"), rows)


def documents_of(
    source: Source, clean: bool = True, encoding_errors: str = "strict"
) -> tuple[list[list[str]], str, Tally]:
    """Return the cleaned documents of a source, its rule in words, and what was removed."""
    tally = Tally()
    return list(stream(source, clean, encoding_errors, tally)), document_rule(source).text, tally


def stream(
    source: Source, clean: bool = True, encoding_errors: str = "strict", tally: Tally | None = None
) -> Iterator[list[str]]:
    """Yield the cleaned documents of a source."""
    tally = Tally() if tally is None else tally
    rule = document_rule(source)
    cleaner = Cleaner(source.family, clean=clean, tally=tally)
    for text in source.files:
        yield from read_documents(text, source, rule, cleaner, tally, encoding_errors)


_LIMITED = """
import resource, sys
from pathlib import Path
limit = int(sys.argv[1]) << 20
resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
from climb.base.errors import UserError
from tests.data_prep.sources.texts import characters, characters_of_rows
try:
    print("characters:", (characters_of_rows if sys.argv[3] == "rows" else characters)(Path(sys.argv[2])))
except UserError as error:
    print("UserError:", error)
"""


def read_with_little_memory(path: Path, megabytes: int, what: str = "documents") -> str:
    """Read a file in a process that may use so much memory; return what it says at the end."""
    command = [sys.executable, "-c", _LIMITED, str(megabytes), str(path), what]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "ARROW_DEFAULT_MEMORY_POOL": "system"}
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run(command, capture_output=True, text=True, cwd=root, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def characters(path: Path) -> int:
    """Return how many characters the documents of a file hold."""
    return sum(len(line) for source in sources_of(path) for lines in stream(source) for line in lines)


def characters_of_rows(path: Path) -> int:
    """Return how many characters stand in the column `text`."""
    kind = format_of(path)
    assert kind
    return sum(len(value) for _, (value,) in kind.rows(path, ["text"]))
