"""Rows that are kept in a file of ours: those of a stream that can be read only once, or sorted by source.

A spooled file is JSON lines, a row's text under "text", and is there whole or not at all; its checksum is noted
beside it (`climb.data_prep.checksums`) and compared whenever a preparation begins. What could not be read as UTF-8
is kept as it was and dealt with, and counted, when the text is cleaned.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from climb.base.errors import UserError
from climb.data_prep.sources.reading import Tally, row_kind, row_text

COLUMN = "text"
"""The column of the text in spooled rows."""

MOST_SOURCES = 200
"""Values of a column of sources; a column with more of them is taken for something else."""

_LONGEST_LABEL = 100


def write_row(file: IO[Any], value: object, place: str, column: str, encoding_errors: str) -> None:
    """Append a row to an open text file.

    Args:
        file: where to, opened for text.
        value: the text, as str or bytes, or None where there is none.
        place: file and row, for errors.
        column: the column, for errors.
        encoding_errors: "strict" or "replace"; what is replaced is counted later, when the row is cleaned.

    Raises:
        UserError: the value is no text, or is not UTF-8 under "strict".
    """
    row_text(value, place, column, encoding_errors, Tally())
    text = value.decode("utf-8", errors="surrogateescape") if isinstance(value, bytes) else value
    # Escapes keep halves of surrogate pairs, which UTF-8 cannot write.
    file.write(json.dumps({COLUMN: text}) + "\n")


def label_of(value: object, place: str, column: str) -> str:
    """Return the source label that a row names.

    Raises:
        UserError: the row names none, or something that is no name.
    """
    name = value.decode("utf-8", errors="replace") if isinstance(value, bytes) else value
    label = " ".join(name.split()) if isinstance(name, str) else ""
    if not label or len(label) > _LONGEST_LABEL or not label.isprintable():
        held = row_kind(name) if name is not None and not isinstance(name, str) else "no name of a source"
        raise UserError(f"{place}, column {column!r} holds {held}: mend the row, or leave out --source-column.")
    return label


def split_rows(
    rows: Iterator[tuple[int, tuple[object, ...]]],
    name: str,
    columns: tuple[str, str],
    encoding_errors: str,
    folder: Path,
) -> list[str]:
    """Write rows into a folder, a file `<number>.jsonl` for each source in the order they come.

    Args:
        rows: (row number, (text, source)).
        name: the data, for errors.
        columns: the columns of text and source.
        encoding_errors: "strict" or "replace".
        folder: an empty folder.

    Returns:
        The labels of the sources.

    Raises:
        UserError: a value that is no text or no label, or is not UTF-8 under "strict"; more than
            `MOST_SOURCES` labels.
    """
    files: dict[str, IO[Any]] = {}
    with contextlib.ExitStack() as opened:
        for number, (text, source) in rows:
            place = f"{name}, row {number}"
            label = label_of(source, place, columns[1])
            if label not in files:
                if len(files) == MOST_SOURCES:
                    raise UserError(
                        f"{name}, column {columns[1]!r} holds more than {MOST_SOURCES} different values: name a "
                        "column of sources with --source-column."
                    )
                path = spooled_file(folder, len(files))
                files[label] = opened.enter_context(open(path, "w", encoding="utf-8", newline=""))
            write_row(files[label], text, place, columns[0], encoding_errors)
    return list(files)


def spooled_file(folder: Path, number: int) -> Path:
    """Return the file of a source."""
    return folder / f"{number:03d}.jsonl"
