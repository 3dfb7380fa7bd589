"""The reading-time set (de Varda et al. 2023): 1,726 words of 205 sentences and what people did on them."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from climb.base.errors import UserError
from climb.base.files import sha256_file

Column = npt.NDArray[np.float64]

EYE = ("RTfirstfix", "RTfirstpass", "RTgopast", "RTrightbound")
SELF_PACED = "self_paced_reading_time"
_CONTROLS = ("Subtlex_log10", "length", "context_length", "prev_length")
_TEXTS = ("item", "word", "prev_item", "prev_word", "sent_id")
_MISSING = ("", "None", "NA", "NaN", "nan", "N/A", "NULL", "null", "n/a", "<NA>")
"""What the official reader, pandas, takes for a missing cell."""


@dataclass(frozen=True)
class ReadingWords:
    """The set, row by row.

    Attributes:
        contexts: what stands before each word.
        words: the words.
        previous: (context, word) of the word before; None for the first of a sentence.
        sentences: number of the sentence each word belongs to.
        columns: measures and controls, float64 [n], NaN where missing.
        sha256: of the file.
    """

    contexts: list[str]
    words: list[str]
    previous: list[tuple[str, str] | None]
    sentences: list[str]
    columns: dict[str, Column]
    sha256: str

    @classmethod
    def read(cls, path: Path) -> ReadingWords:
        """Read reading_data.csv.

        One sentence begins with the word "None", which the official reader takes for a missing cell: as a context it
        is put back, as the context of the word before it is not. Done alike here, because the published figures and
        the numbers of words behind them (1,696 and 1,496) depend on it.

        Raises:
            UserError: a column is missing, or a cell is no number.
        """
        try:
            with open(path, encoding="utf-8-sig", newline="") as file:
                reader = csv.DictReader(file)
                header, rows = reader.fieldnames or (), list(reader)
        except (UnicodeDecodeError, csv.Error) as error:
            raise UserError(f"{path} cannot be read as CSV ({error}): restore the file.") from None
        names = (*EYE, SELF_PACED, *_CONTROLS)
        absent = [name for name in (*names, *_TEXTS) if name not in header]
        if absent or not rows:
            what = f"has no column {absent[0]!r}" if absent else "holds no rows"
            raise UserError(f"{path} {what}: restore the file.")
        for number, row in enumerate(rows):
            # Cut off in the middle, a row lacks cells; a word of its own each row must have.
            if any(row[name] is None for name in (*_TEXTS, *names)) or not row["word"].strip():
                raise UserError(f"{path}, row {number + 1} is incomplete: restore the file.")
        return cls(
            contexts=["None" if row["item"] in _MISSING else row["item"] for row in rows],
            words=[row["word"] for row in rows],
            previous=[None if row["prev_item"] in _MISSING else (row["prev_item"], row["prev_word"]) for row in rows],
            sentences=[row["sent_id"] for row in rows],
            columns={name: _column(path, rows, name) for name in names},
            sha256=sha256_file(path),
        )


def _column(path: Path, rows: list[dict[str, str]], name: str) -> Column:
    values = np.full(len(rows), math.nan)
    for index, row in enumerate(rows):
        cell = row[name]
        if cell is None or cell in _MISSING:
            continue
        try:
            values[index] = float(cell)
        except ValueError:
            raise UserError(f"{path}, line {index + 2}: {name} is {cell!r}, no number; mend the line.") from None
    return values
