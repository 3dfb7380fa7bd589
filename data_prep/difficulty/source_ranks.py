"""What the source orders share: a rank per family or label, and the refusal of sources without one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from climb.base.errors import UserError
from climb.data_prep.metric import SentenceBatch, Values
from climb.data_prep.sources.families import family_of


def missing_ranks(families: Mapping[str, str], ranks: Mapping[str, float]) -> str | None:
    """Return which of the sources ({label: family}) have no rank, None when all have one."""
    unknown = [label for label, family in families.items() if family not in ranks]
    if not unknown:
        return None
    return f"{', '.join(unknown)} has no place in the order: name the files as one of {', '.join(sorted(ranks))}."


def ranks_of(batch: SentenceBatch, families: Sequence[str], ranks: Mapping[str, float]) -> Values:
    """Return the rank of the batch's source, once per sentence [S]."""
    return np.full(len(batch.words), float(ranks[families[batch.source]]))


def given_ranks(entries: Sequence[str]) -> dict[str, float]:
    """Return {label or family: rank} of `label=rank` entries and of files with such lines.

    A line of a file is `label=rank`, `label,rank` or `label rank`; what follows `#` is a remark.

    Raises:
        UserError: an entry that is neither, a rank that is no number, or a label with two ranks.
    """
    ranks: dict[str, float] = {}
    for entry in entries:
        path = Path(entry)
        lines = [entry] if not path.is_file() else _lines(path)
        for number, line in enumerate(lines, 1):
            place = f"--source-ranks {entry}" + (f", line {number}" if path.is_file() else "")
            label, rank = _pair(place, line)
            if label and ranks.setdefault(label, rank) != rank:
                raise UserError(f"{place}: {label} has two ranks, {ranks[label]:g} and {rank:g}: give one.")
    return ranks


def _lines(path: Path) -> list[str]:
    """Return the lines of a file."""
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"--source-ranks {path} cannot be read ({error}): give a text file.") from None


def _pair(place: str, line: str) -> tuple[str, float]:
    """Return label and rank of a line; an empty label for a blank line."""
    text = line.partition("#")[0].strip()
    if not text:
        return "", 0.0
    found = re.fullmatch(r"(.+?)\s*[=,;:\s]\s*([+-]?\d+(?:\.\d+)?)", text)
    if not found:
        raise UserError(f"{place}: {text!r} is no LABEL=RANK (a rank is a number), and no file.")
    return found[1].strip(), float(found[2])


def rank_of(label: str, ranks: Mapping[str, float]) -> float | None:
    """Return the rank of a source by its label, else by its family; None without one."""
    by_family = {family_of(name): rank for name, rank in ranks.items()}
    return ranks.get(label, by_family.get(family_of(label)))
