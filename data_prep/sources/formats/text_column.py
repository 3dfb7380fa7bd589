"""Which column holds the text: the one that was named, else a guess, and the guess is said."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from climb.base.console import say
from climb.base.errors import UserError

USUAL_NAMES = (
    "text", "content", "sentence", "document", "utterance", "transcript", "passage", "paragraph", "story", "article",
    "body", "line",
)  # fmt: skip
"""Names of columns that hold text, the likelier first."""

_CLEARLY_LONGER = 2.0


def choose_column(name: str, columns: dict[str, float | None], wanted: str | None) -> str:
    """Return the column with the text.

    Args:
        name: the file, for the error.
        columns: {column: mean length of its text, or None where it holds none}.
        wanted: the column that was asked for.

    Raises:
        UserError: no such column, no text in it, or no guess that is clearly right; the columns are listed.
    """
    texts = {column: length for column, length in columns.items() if length is not None}
    if wanted is not None:
        if wanted not in columns:
            raise UserError(f"{name} has no column {wanted!r}: name another with --text-column ({_listed(columns)}).")
        if wanted not in texts:
            raise UserError(f"{name}, column {wanted!r} holds no text: name another with --text-column.")
        return wanted
    if not texts:
        raise UserError(f"{name} has no column of text ({_listed(columns)}): give data that has one.")
    guess = _guess(texts)
    if guess is None:
        raise UserError(f"{name} has several columns of text: name one with --text-column ({_listed(texts)}).")
    return guess


def check_source_column(name: str, columns: dict[str, float | None], wanted: str) -> str:
    """Return the column that names the sources.

    Raises:
        UserError: no such column; those there are are listed.
    """
    if wanted not in columns:
        raise UserError(f"{name} has no column {wanted!r}: name another with --source-column ({_listed(columns)}).")
    return wanted


def _guess(texts: dict[str, float]) -> str | None:
    """Return the likeliest column, None when it is not clear."""
    for name in USUAL_NAMES:
        named = [column for column in texts if column.lower() == name]
        if len(named) == 1:
            return named[0]
    longest, *others = sorted(texts, key=lambda column: -texts[column])
    if others and texts[longest] < _CLEARLY_LONGER * texts[others[0]]:
        return None
    return longest


def _listed(columns: dict[str, float | None] | dict[str, float]) -> str:
    return f"there are: {', '.join(columns) or 'none'}"


def say_guess(files: dict[str, list[str]]) -> None:
    """Say in one line each which columns were guessed.

    Args:
        files: {column: the files in which it holds the text}.
    """
    for column, names in files.items():
        others = f" and {len(names) - 1} more" if len(names) > 1 else ""
        say(f"The text of {names[0]}{others} is read from the column {column!r} (--text-column names another).")


def mean_text_lengths(records: Iterable[dict[str, Any]]) -> dict[str, float | None]:
    """Return {key: mean length of its text, or None where it holds none} over some objects."""
    lengths: dict[str, list[int]] = {}
    for record in records:
        for key, value in record.items():
            lengths.setdefault(key, []).extend([len(value)] if isinstance(value, str) else [])
    return {key: sum(found) / len(found) if found else None for key, found in lengths.items()}
