"""What a format with rows must do; each row is a document."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import ClassVar

from climb.base.registry import discover
from climb.data_prep.sources.formats.compressed import compression_of, inner_suffix

LONGEST_ROW = 1 << 25
"""Bytes: a longer row is refused, which bounds the memory. The longest novels have a fifth of that."""

SAMPLED_ROWS = 100
"""Rows that are looked at to find the column with the text."""


class RowFormat(ABC):
    """A format whose rows are documents, with the text in one of its columns."""

    name: ClassVar[str]
    """What people call it."""
    suffix: ClassVar[str] = ""
    """The ending of its files; empty when it is not known by that."""
    compressible: ClassVar[bool] = False
    """Whether its files may also end in .gz or .zst."""

    def claims(self, path: Path) -> bool:
        """Return whether a path is of this format."""
        right = self.suffix != "" and inner_suffix(path) == self.suffix
        return right and (self.compressible or compression_of(path) is None) and path.is_file()

    def files(self, path: Path) -> list[Path]:
        """Return the files that hold the rows, in order."""
        return [path]

    @abstractmethod
    def columns(self, path: Path) -> dict[str, float | None]:
        """Return {column: mean length of its text in the first rows, or None where it holds no text}.

        Nothing is returned when there is no row.

        Raises:
            UserError: the file cannot be read.
        """

    @abstractmethod
    def rows(self, path: Path, columns: Sequence[str]) -> Iterator[tuple[int, tuple[object, ...]]]:
        """Yield (row number from 1, values of the columns), in bounded memory.

        Text is a str or, where it may not be UTF-8, bytes; what is missing is None.

        Raises:
            UserError: the file cannot be read, or a row is longer than `LONGEST_ROW`.
        """


@cache
def row_formats() -> dict[str, RowFormat]:
    """Return {name: format} of every format with rows."""
    from climb.data_prep.sources import formats

    return {name: kind() for name, kind in discover(formats, RowFormat).items()}  # type: ignore[type-abstract]


def format_of(path: Path) -> RowFormat | None:
    """Return the format with rows that claims a path; None for plain text and what is unknown."""
    return next((kind for kind in row_formats().values() if kind.claims(path)), None)


@dataclass(frozen=True)
class RowOptions:
    """What the user says about rows."""

    text_column: str | None = None
    """The column with the text; None: guessed and said."""
    source_column: str | None = None
    """The column that names each row's source; None: a file is one source."""
    encoding_errors: str = "strict"
    """"strict" or "replace"."""
