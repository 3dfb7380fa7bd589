"""Bytes → lines of text, in bounded memory, with every oddity either cured and counted or refused by place.

A text file may hold a byte-order mark, Windows or old Macintosh line ends, NULs, control characters, bytes
that are not UTF-8, or a line of a gigabyte. None of these may crash a preparation that has run for an hour,
and none may pass unnoticed. Cost: about 60 MB/s and core; memory is bounded by `LONGEST_PIECE`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from climb.base.errors import UserError

LONGEST_PIECE = 1 << 18
"""Bytes: a longer line is read in pieces, cut at white space where there is any; each piece is a line."""

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff]")
_BREAK = re.compile(r"[\x0b\x0c\x85\u2028\u2029]")

RuleCounts = dict[str, dict[str, int]]
"""rule → {"lines": lines it changed or removed, "bytes": UTF-8 bytes it removed}."""


@dataclass
class Tally:
    """Counts what each rule changed."""

    rules: RuleCounts = field(default_factory=dict)

    def changed(self, rule: str, before: str, after: str, lines: int = 1) -> None:
        """Count a line that `rule` turned from `before` into `after`."""
        counts = self.rules.setdefault(rule, {"lines": 0, "bytes": 0})
        counts["lines"] += lines
        counts["bytes"] += len(before.encode()) - len(after.encode())


def text_lines(path: Path, encoding_errors: str, tally: Tally) -> Iterator[str]:
    """Yield the lines of a file without line ends, control characters removed.

    Args:
        path: the file.
        encoding_errors: "strict" or "replace" (U+FFFD, counted).
        tally: what was removed or replaced is counted here.

    Raises:
        UserError: bytes that are not UTF-8, under "strict": file, line and byte offset, and the cure.
    """
    with open(path, "rb") as file:
        for number, offset, raw in _pieces(file):
            text = _decoded(raw, path, number, offset, encoding_errors, tally)
            for line in text.rstrip("\r\n").split("\r"):
                yield _without_controls(line, tally)


def _pieces(file: BinaryIO) -> Iterator[tuple[int, int, bytes]]:
    """Yield (line number from 1, byte offset, bytes of the line or of a piece of it)."""
    number, offset, rest = 1, 0, b""
    if file.read(3) == _BYTE_ORDER_MARK:
        offset = 3
    else:
        file.seek(0)
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


def _decoded(raw: bytes, path: Path, number: int, offset: int, encoding_errors: str, tally: Tally) -> str:
    """Return the text of some bytes."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        if encoding_errors == "strict":
            raise UserError(
                f"{path}, line {number}, byte {offset + error.start} (0x{raw[error.start]:02x}) is not UTF-8: "
                "convert the file to UTF-8, or replace such bytes with --encoding-errors replace."
            ) from None
    text = raw.decode("utf-8", errors="replace")
    replaced = text.count("\ufffd") - raw.count("\ufffd".encode())
    counts = tally.rules.setdefault("bytes that are not UTF-8 became U+FFFD", {"lines": 0, "bytes": 0})
    counts["lines"] += 1
    counts["bytes"] += replaced
    return text


def _without_controls(line: str, tally: Tally) -> str:
    """Return the line without control characters; vertical breaks within a line become spaces."""
    if line.isprintable():
        return line
    cleaned = _CONTROL.sub("", _BREAK.sub(" ", line))
    if cleaned != line:
        tally.changed("control characters", line, cleaned)
    return cleaned
