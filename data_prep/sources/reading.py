"""Bytes → lines of text, in bounded memory, with every oddity either cured and counted or refused by place.

A text file may hold a byte-order mark, Windows or old Macintosh line ends, NULs, control characters, bytes
that are not UTF-8, or a line of a gigabyte. None of these may crash a preparation that has run for an hour,
and none may pass unnoticed. Memory is bounded by `LONGEST_PIECE`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BufferedReader
from pathlib import Path

from climb.base.errors import UserError
from climb.data_prep.sources.formats.compressed import open_bytes, shown

LONGEST_PIECE = 1 << 18
"""Bytes: a longer line is read in pieces, cut at white space where there is any; each piece is a line."""

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff]")
_BREAK = re.compile(r"[\x0b\x0c\x85\u2028\u2029]")
_LINE_END = re.compile(r"\r\n|\n|\r")
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")

EXAMPLES, EXAMPLE_LENGTH = 3, 160
"""How many changed lines are kept of each rule, and how many characters of each."""

RuleCounts = dict[str, dict[str, int]]
"""rule → {"lines": lines it changed or removed, "bytes": UTF-8 bytes it removed}."""

RuleExamples = dict[str, list[tuple[str, str]]]
"""rule → the first lines it changed, as (before, after)."""


@dataclass
class Tally:
    """Counts what each rule changed."""

    rules: RuleCounts = field(default_factory=dict)
    examples: RuleExamples = field(default_factory=dict)

    def changed(self, rule: str, before: str, after: str, lines: int = 1) -> None:
        """Count a line that `rule` turned from `before` into `after`, and keep it if it is one of the first."""
        counts = self.rules.setdefault(rule, {"lines": 0, "bytes": 0})
        counts["lines"] += lines
        if before.isascii() and after.isascii():
            counts["bytes"] += len(before) - len(after)
        else:
            counts["bytes"] += len(before.encode()) - len(after.encode())
        kept = self.examples.setdefault(rule, [])
        if len(kept) < EXAMPLES and not before.isspace():
            kept.append(_excerpt(before, after))


def _excerpt(before: str, after: str) -> tuple[str, str]:
    """Return both lines from a little before the first change on, cut to `EXAMPLE_LENGTH` characters."""
    same, end = 0, min(len(before), len(after))
    while same < end:
        middle = (same + end + 1) // 2
        same, end = (middle, end) if before[same:middle] == after[same:middle] else (same, middle - 1)
    start = max(0, same - EXAMPLE_LENGTH // 4) if max(len(before), len(after)) > EXAMPLE_LENGTH else 0
    return _cut_to_length(before, start), _cut_to_length(after, start)


def _cut_to_length(line: str, start: int) -> str:
    """Return `EXAMPLE_LENGTH` characters at most, with an ellipsis for what was cut."""
    head = "…" if start else ""
    whole = head + line[start:]
    return whole if len(whole) <= EXAMPLE_LENGTH else whole[: EXAMPLE_LENGTH - 1] + "…"


def text_lines(path: Path, encoding_errors: str, tally: Tally) -> Iterator[str]:
    """Yield the lines of a file without line ends, control characters removed.

    Args:
        path: the file.
        encoding_errors: "strict" or "replace" (U+FFFD, counted).
        tally: what was removed or replaced is counted here.

    Raises:
        UserError: bytes that are not UTF-8, under "strict": file, line and byte offset, and the cure.
    """
    name = shown(path)
    with open_bytes(path) as file:
        for number, offset, raw in _pieces(file):
            text = _decoded(raw, f"{name}, line {number}", offset, encoding_errors, tally)
            for line in text.rstrip("\r\n").split("\r"):
                yield _without_controls(line, tally)


def row_lines(value: object, place: str, column: str, encoding_errors: str, tally: Tally) -> Iterator[str]:
    """Yield the lines of the text of a row, as `text_lines` does; nothing when there is no text, which is counted.

    Args:
        value: what stands in the column: str, bytes in UTF-8, or None.
        place: file and row, for errors.
        column: the column, for errors.
        encoding_errors: "strict" or "replace" (U+FFFD, counted).
        tally: what was removed or replaced is counted here.

    Raises:
        UserError: a value that is no text; bytes that are not UTF-8, under "strict".
    """
    text = row_text(value, place, column, encoding_errors, tally)
    if not text or text.isspace():
        counts = tally.rules.setdefault("rows without text", {"lines": 0, "bytes": 0})
        counts["lines"] += 1
        return
    start = 0
    for end in _LINE_END.finditer(text):
        yield from _row_pieces(text, start, end.start(), tally)
        start = end.end()
    if start < len(text):
        yield from _row_pieces(text, start, len(text), tally)


def row_text(value: object, place: str, column: str, encoding_errors: str, tally: Tally) -> str | None:
    """Return the text of a row, None when there is none; arguments and errors as in `row_lines`."""
    if isinstance(value, bytes):
        return _decoded(value, place, 0, encoding_errors, tally)
    if value is None:
        return None
    if not isinstance(value, str):
        raise UserError(
            f"{place}, column {column!r} holds {row_kind(value)}, not text: mend the row, or name another column "
            "with --text-column."
        )
    return value if value.isascii() else _without_surrogates(value, place, encoding_errors, tally)


def row_kind(value: object) -> str:
    """Return what a value is in the words of JSON."""
    if isinstance(value, bool):
        return "true or false"
    return {"float": "a number", "int": "a number", "list": "a list", "dict": "an object"}.get(
        type(value).__name__, f"a {type(value).__name__}"
    )


def _without_surrogates(text: str, place: str, encoding_errors: str, tally: Tally) -> str:
    """Return text that can be written as UTF-8: halves of surrogate pairs stand for bytes that could not be read."""
    found = _LONE_SURROGATE.search(text)
    if found is None:
        return text
    if encoding_errors == "strict":
        code = f"\\u{ord(found.group()):04x}"
        raise UserError(
            f"{place}, character {found.start() + 1} of the text ({code}) is not UTF-8: convert the file, or "
            "replace such bytes with --encoding-errors replace."
        )
    replaced, count = _LONE_SURROGATE.subn("\ufffd", text)
    _count_replaced(count, tally)
    return replaced


def _row_pieces(text: str, start: int, end: int, tally: Tally) -> Iterator[str]:
    """Yield a line of a row's text, in pieces cut at white space when it is very long."""
    while end - start > LONGEST_PIECE:
        space = max(text.rfind(mark, start, start + LONGEST_PIECE) for mark in " \t")
        cut = space + 1 if space > start else start + LONGEST_PIECE
        yield _without_controls(text[start:cut], tally)
        start = cut
    yield _without_controls(text[start:end], tally)


def _pieces(file: BufferedReader) -> Iterator[tuple[int, int, bytes]]:
    """Yield (line number from 1, byte offset, bytes of the line or of a piece of it)."""
    number, offset, rest = 1, 0, b""
    if file.peek(3).startswith(_BYTE_ORDER_MARK):
        offset = len(file.read(3))
    while True:
        piece = rest + file.readline(LONGEST_PIECE)
        if not piece:
            return
        rest = b""
        whole = piece.endswith(b"\n")
        if not whole and len(piece) >= LONGEST_PIECE:
            cut = _cut(piece)
            piece, rest = piece[:cut], piece[cut:]
        yield number, offset, piece
        offset += len(piece)
        number += whole


def _cut(piece: bytes) -> int:
    """Return where to cut a piece: after its last white space, else before an unfinished UTF-8 character."""
    space = max(piece.rfind(b" "), piece.rfind(b"\r"), piece.rfind(b"\t"))
    if space > 0:
        return space + 1
    cut = len(piece)
    while cut > len(piece) - 4 and piece[cut - 1] & 0xC0 == 0x80:
        cut -= 1
    return cut - 1 if piece[cut - 1] >= 0xC0 else len(piece)


def _decoded(raw: bytes, place: str, offset: int, encoding_errors: str, tally: Tally) -> str:
    """Return the text of some bytes, which begin at `offset` of the place."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        if encoding_errors == "strict":
            raise UserError(
                f"{place}, byte {offset + error.start} (0x{raw[error.start]:02x}) is not UTF-8: "
                "convert the file to UTF-8, or replace such bytes with --encoding-errors replace."
            ) from None
    text = raw.decode("utf-8", errors="replace")
    _count_replaced(text.count("\ufffd") - raw.count("\ufffd".encode()), tally)
    return text


def _count_replaced(replaced: int, tally: Tally) -> None:
    counts = tally.rules.setdefault("bytes that are not UTF-8 became U+FFFD", {"lines": 0, "bytes": 0})
    counts["lines"] += 1
    counts["bytes"] += replaced


def _without_controls(line: str, tally: Tally) -> str:
    """Return the line without control characters; vertical breaks within a line become spaces."""
    if line.isprintable():
        return line
    cleaned = _CONTROL.sub("", _BREAK.sub(" ", line))
    if cleaned != line:
        tally.changed("control characters", line, cleaned)
    return cleaned
