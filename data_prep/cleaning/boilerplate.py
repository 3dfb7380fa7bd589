"""The header and the licence that Project Gutenberg puts around a book: removed over lines, in bounded memory.

A header begins with a line such as "The Project Gutenberg eBook of …" and ends with a START mark (or the end of the
old small print). The licence begins with an END mark and goes on as long as its words come again within
`LONGEST_GAP` lines. What begins like a header but has no START mark within `LONGEST_HEADER` lines is text, and stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from climb.data_prep.sources.reading import Tally

LONGEST_HEADER = 400
"""Lines: the small print of the oldest files has about 300."""
LONGEST_GAP = 12
"""Lines of a licence in a row that bear none of its words."""

RULE = "licence of project gutenberg"

_HEADER = re.compile(r"^\W*(?:The )?Project Gutenberg(?:['’]s)? (?:e-?book|e-?text)s? of\b", re.IGNORECASE)
_START = re.compile(
    r"^\s*\*{3}\s*START OF (?:THE|THIS) PROJECT GUTENBERG|^\s*\*?END\*?\s?THE SMALL PRINT", re.IGNORECASE
)
_END = re.compile(
    r"^\s*\*{3}\s*END OF (?:THE|THIS) PROJECT GUTENBERG|^\s*End of (?:the |this )?Project Gutenberg", re.IGNORECASE
)
_LICENCE = re.compile(
    r"gutenberg|trademark|electronic works?\b|e-?books?\b|e-?texts?\b|licen[cs]e|copyright|donations?\b|foundation\b|"
    r"refund|warrant(?:y|ies)|liab(?:le|ility)|public domain|royalt|paragraph 1\.|^\s*1\.[A-F]",
    re.IGNORECASE,
)


def without_boilerplate(lines: Iterable[str | None], tally: Tally) -> Iterator[str | None]:
    """Yield the lines that are the book's.

    Args:
        lines: the lines of books; None is a mark between documents, and ends a header and a licence.
        tally: what is removed is counted here.
    """
    held: list[str] = []
    longest = 0
    in_licence = False
    for line in lines:
        marked = line is not None and ("utenberg" in line or "UTENBERG" in line or "SMALL PRINT" in line)
        if line is None:
            yield from held
            held, in_licence = [], False
            yield None
        elif marked and _START.match(line):
            _count([*held, line], tally)
            held, longest, in_licence = [], 0, False
        elif marked and _END.match(line):
            yield from held
            _count([line], tally)
            held, longest, in_licence = [], LONGEST_GAP, True
        elif marked and _HEADER.match(line) and (in_licence or not held):
            _count(held, tally)
            held, longest, in_licence = [line], LONGEST_HEADER, False
        elif in_licence and _LICENCE.search(line):
            _count([*held, line], tally)
            held = []
        elif not held and not in_licence:
            yield line
        elif len(held) < longest:
            held.append(line)
        else:
            yield from [*held, line]
            held, in_licence = [], False
    yield from held


def _count(lines: list[str], tally: Tally) -> None:
    """Count removed lines."""
    for line in lines:
        tally.changed(RULE, line + "\n", "")
