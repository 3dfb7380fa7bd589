"""From a row of a file to an example: the texts filled in, the label checked and turned into a number."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from climb.base.charts.formats import shortened
from climb.base.errors import UserError
from climb.base.files import sha256_json
from climb.eval.finetuning.spec import Spec


class MissingData(UserError):  # noqa: N818 - a sentence to the user, like its base
    """A task's data is not to be had, which is no fault where the task is one of many."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row as read: where it stands ("file, line 3"), its text fields and its label as written."""

    place: str
    fields: dict[str, Any]
    label: Any


@dataclass(frozen=True, slots=True)
class Example:
    """An example: one or two texts, the class number or value, and what binds it to others ("" for nothing)."""

    first: str
    second: str | None
    label: float
    cluster: str = ""
    question: str = ""


def examples_of(spec: Spec, rows: Iterable[Row]) -> list[Example]:
    """Return the examples of a task's rows.

    Raises:
        UserError: a text is missing or malformed, or a label is none of the task's; file and line are named.
    """
    return [_example(spec, row) for row in rows]


def _example(spec: Spec, row: Row) -> Example:
    for name in spec.fields:
        text = row.fields.get(name)
        if not isinstance(text, str) or not text.strip():
            raise UserError(f"{row.place}: {name!r} must be a text; mend the line.")
        # JSON may escape half a surrogate pair, which no tokenizer can hold.
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise UserError(f"{row.place}: {name!r} must be well-formed text; mend the line.")
    return Example(
        first=spec.first.format_map(row.fields),
        second=None if spec.second is None else spec.second.format_map(row.fields),
        label=_value(row) if spec.labels is None else float(_class(spec.labels, row)),
        cluster="" if spec.cluster is None else str(row.fields[spec.cluster]),
        question="\x1f".join(str(row.fields[name]) for name in spec.question),
    )


def _class(labels: Sequence[str], row: Row) -> int:
    """Return the number of a class given by number, by truth value or by name."""
    label = row.label
    if isinstance(label, str):
        label = label.strip()
        if label in labels:
            return labels.index(label)
        if label in map(str, range(len(labels))):
            label = int(label)
    if label is None or label == -1:
        raise UserError(f"{row.place} has no label: take a labelled split, as GLUE's test sets are not.")
    if isinstance(label, int) and 0 <= label < len(labels):
        return int(label)
    known = ", ".join(f"{number} ({name})" if name != str(number) else name for number, name in enumerate(labels))
    raise UserError(f"{row.place}: the label {shortened(repr(row.label), 60)} is none of {known}; mend the line.")


def _value(row: Row) -> float:
    """Return the label of a regression task."""
    try:
        value = float(row.label)
    except (TypeError, ValueError):
        value = math.nan
    if isinstance(row.label, bool) or not math.isfinite(value):
        raise UserError(f"{row.place}: the label {shortened(repr(row.label), 60)} is no number; mend the line.")
    return value


def sha256_of(examples: Sequence[Example]) -> str:
    """Return the SHA-256 over texts and labels."""
    return sha256_json([[e.first, e.second, e.label] for e in examples])
