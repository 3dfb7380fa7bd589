"""Bracketed spans, nested ones too, found in one pass: no line of brackets takes longer than its length."""

from __future__ import annotations

import re


def bracketed(line: str, opening: str, closing: str) -> list[tuple[int, int]]:
    """Return (start, end) of the outermost spans between matching brackets, in order.

    Brackets without a partner are no part of any span, but spans may lie between them.

    Args:
        line: the text.
        opening: the mark that opens a span, of one or more characters.
        closing: the mark that closes it.

    Example:
        >>> bracketed("a [b [c]] ] [d", "[", "]")
        [(2, 9)]
    """
    spans: list[tuple[int, int]] = []
    opened: list[int] = []
    for match in re.finditer(f"{re.escape(opening)}|{re.escape(closing)}", line):
        if match.group() == opening:
            opened.append(match.start())
        elif opened:
            start = opened.pop()
            while spans and spans[-1][0] > start:
                spans.pop()
            spans.append((start, match.end()))
    return spans


def without(line: str, spans: list[tuple[int, int]], filler: str = "") -> str:
    """Return a line without some spans and without the white space before them.

    Example:
        >>> without("a [b] c", [(2, 5)])
        'a c'
    """
    kept: list[str] = []
    place = 0
    for start, end in spans:
        kept.append(line[place:start].rstrip())
        place = end
    return filler.join([*kept, line[place:]])
