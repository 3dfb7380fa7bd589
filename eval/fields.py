"""Fields of a line of a data file, checked: what is missing or of another kind is refused with file and line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from climb.base.errors import UserError
from climb.base.files import read_json_lines


@dataclass(frozen=True)
class Line:
    """One record of a .jsonl file and where it stands."""

    path: Path
    number: int
    record: dict[str, Any]

    def wrong(self, key: str, expected: str) -> UserError:
        """Return the error for a field that is not what it should be."""
        return UserError(f"{self.path}, line {self.number}: {key!r} must be {expected}; mend the line.")

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text that is not blank; a missing or empty one is `default`, where that is given.

        Raises:
            UserError: it is missing, no text, blank, or not well-formed.
        """
        if default is not None and self.record.get(key) in (None, ""):
            return default
        return self._well_formed(key, self.record.get(key))

    def texts(self, key: str, at_least: int = 2) -> tuple[str, ...]:
        """Return a list of texts.

        Raises:
            UserError: it is no list of at least so many texts.
        """
        values = self.record.get(key)
        if not isinstance(values, list) or len(values) < at_least:
            raise self.wrong(key, f"a list of at least {at_least} texts")
        return tuple(self._well_formed(key, value) for value in values)

    def whole(self, key: str, below: int | None = None) -> int:
        """Return a whole number from 0 on, below a bound where one is given.

        Raises:
            UserError: it is none.
        """
        value = self.record.get(key)
        if (
            not isinstance(value, int)
            or isinstance(value, bool)
            or value < 0
            or (below is not None and value >= below)
        ):
            raise self.wrong(key, "a whole number" + (f" from 0 to {below - 1}" if below is not None else ""))
        return value

    def share(self, key: str) -> float:
        """Return a number from 0 to 1.

        Raises:
            UserError: it is none.
        """
        value = self.record.get(key)
        if not isinstance(value, (int, float)) or isinstance(value, bool) or not 0 <= value <= 1:
            raise self.wrong(key, "a number from 0 to 1")
        return float(value)

    def _well_formed(self, key: str, value: Any) -> str:
        # JSON may escape half a surrogate pair, which no file or tokenizer can hold.
        broken = isinstance(value, str) and any("\ud800" <= character <= "\udfff" for character in value)
        if not isinstance(value, str) or not value.strip() or broken:
            raise self.wrong(key, "a text that is not blank")
        return value


def lines_of(path: Path) -> Iterator[Line]:
    """Yield the records of a .jsonl file.

    Raises:
        UserError: a line is no JSON object, or there is none.
    """
    empty = True
    for number, record in read_json_lines(path):
        empty = False
        yield Line(path, number, record)
    if empty:
        raise UserError(f"{path} holds no records: remove the file or restore it.")


def files_of(folder: Path) -> list[Path]:
    """Return the .jsonl files of a folder by name."""
    return sorted(path for path in folder.glob("*.jsonl") if path.is_file())
