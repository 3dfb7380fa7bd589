"""What the tests of reading share: one text of a source, and the documents in it."""

from __future__ import annotations

import os
import subprocess
import sys
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


LIMITED = """
import resource, sys
limit = int(sys.argv[1]) << 20
resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
from pathlib import Path
from climb.base.errors import UserError
from tests.data_prep.texts import documents_of, sources_of
total = longest = 0
try:
    for source in sources_of(sys.argv[2]):
        from climb.data_prep.reading import Tally
        from climb.data_prep.cleaning import Cleaner
        from climb.data_prep.documents import document_rule, read_documents
        tally = Tally()
        cleaner = Cleaner(source.family, clean=True, tally=tally)
        rule = document_rule(source)
        for text in source.files:
            for lines in read_documents(text, source, rule, cleaner, tally, "strict"):
                total += sum(map(len, lines))
except UserError as error:
    print("UserError:", error)
else:
    print("characters:", total)
"""


def read_with_little_memory(path: Path, megabytes: int) -> str:
    """Read all documents of a file in a process that may use so much memory; return what it says at the end."""
    command = [sys.executable, "-c", LIMITED, str(megabytes), str(path)]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "ARROW_DEFAULT_MEMORY_POOL": "system"}
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(command, capture_output=True, text=True, cwd=root, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
