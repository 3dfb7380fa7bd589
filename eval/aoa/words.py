"""The age-of-acquisition set: words in contexts of speech to children, and how many children say them at which age.

The contexts are those of the BabyLM challenge, the ages those of the MacArthur–Bates inventories (Wordbank, Frank et
al. 2017): for each word the share of children who say it at 16 to 30 months.
"""

from __future__ import annotations

import csv
import hashlib
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from climb.base.errors import UserError
from climb.base.files import read_json

Column = npt.NDArray[np.float64]
MONTHS = np.arange(16.0, 31.0)


@dataclass(frozen=True)
class AcquiredWords:
    """The set.

    Attributes:
        contexts: word → texts that it follows, in the order of the file. Words without any are left out, and words
            of one letter, as by the BabyLM pipelines.
        children: word → share of children who say it, float64 [15], by months 16 to 30.
        sha256: over both.
    """

    contexts: dict[str, list[str]]
    children: dict[str, Column]
    sha256: str

    @classmethod
    def read(cls, contexts: Path, children: Path) -> AcquiredWords:
        """Read both files.

        Raises:
            UserError: one is malformed; the sentence says where.
        """
        texts = _contexts(contexts)
        shares = _children(children)
        digest = hashlib.sha256(repr((texts, [(word, own.tolist()) for word, own in shares.items()])).encode())
        return cls(texts, shares, digest.hexdigest())


def _contexts(path: Path) -> dict[str, list[str]]:
    value = read_json(path)
    cure = "an object {word: [{context: …}, …]} is expected; restore the file."
    if not isinstance(value, dict):
        raise UserError(f"{path}: {cure}")
    found: dict[str, list[str]] = {}
    for word, entries in value.items():
        listed = entries if isinstance(entries, list) else [entries]
        texts = [entry.get("context") if isinstance(entry, dict) else None for entry in listed]
        # JSON may escape half a surrogate pair, which no tokenizer takes.
        if not all(isinstance(text, str) and not any("\ud800" <= c <= "\udfff" for c in text) for text in texts):
            raise UserError(f"{path}, {word!r}: {cure}")
        if texts and len(word) > 1:
            found[word] = [str(text).strip() for text in texts]
    if not found:
        raise UserError(f"{path} holds no words: restore the file.")
    return found


def _children(path: Path) -> dict[str, Column]:
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            header, rows = reader.fieldnames or (), [(reader.line_num, row) for row in reader]
    except (UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{path} cannot be read as CSV ({error}): restore the file.") from None
    names = [f"{month:g}" for month in MONTHS]
    absent = [name for name in ("word", *names) if name not in header]
    if absent or not rows:
        what = f"has no column {absent[0]!r}" if absent else "holds no rows"
        raise UserError(f"{path} {what}: restore the file.")
    found: dict[str, Column] = {}
    for line, row in rows:
        try:
            shares = np.array([float(row[name]) for name in names])
        except (TypeError, ValueError):
            shares = np.array([math.nan])
        if not ((shares >= 0) & (shares <= 1)).all():
            raise UserError(f"{path}, line {line}: the shares are no numbers from 0 to 1; mend the line.")
        if not row["word"].strip() or row["word"] in found or None in row:
            raise UserError(f"{path}, line {line}: a word of its own and fifteen shares are expected; mend the line.")
        found[row["word"]] = shares
    return found
