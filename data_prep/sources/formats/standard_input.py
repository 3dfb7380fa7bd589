"""Text from standard input (`-`): kept in a file before anything else, since it comes only once."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from climb.base.errors import UserError
from climb.base.files import atomic_file
from climb.data_prep import checksums

ADDRESS = "-"
LABEL = "stdin"


def spool_standard_input(folder: Path) -> Path:
    """Copy standard input into a file, once, and return it.

    A later call on a terminal, or with nothing to read, takes what an earlier one kept.

    Raises:
        UserError: nothing is piped in, and nothing was kept, or what was is damaged.
    """
    path = folder / f"{LABEL}.txt"
    stream = getattr(sys.stdin, "buffer", None)
    if stream is not None and not sys.stdin.isatty():
        start = stream.read(1 << 16)
        if start:
            with atomic_file(path, "wb") as file:
                file.write(start)
                shutil.copyfileobj(stream, file, 1 << 20)
                checksums.note(path, file)
            return path
    if not checksums.all_whole([path]):
        raise UserError("No text comes from standard input: pipe some in, as in `zcat a.gz | climb prep -`.")
    return path
