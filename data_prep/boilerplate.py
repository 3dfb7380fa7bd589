"""The header and the licence that Project Gutenberg puts around a book: removed over lines, in bounded memory.

A header begins with a line such as "The Project Gutenberg eBook of …" and ends with a START mark (or the end of the
old small print); the licence begins with an END mark and ends with the next header, title or START mark. What
begins like a header but has no START mark within `LONGEST_HEADER` lines is text, and stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from climb.data_prep.reading import Tally

LONGEST_HEADER = 400
"""Lines: the small print of the oldest files has about 300."""
LONGEST_LICENCE = 600
"""Lines after an END mark after which text is taken for text again."""

RULE = "licence of project gutenberg"

_HEADER = re.compile(r"^\W*(?:The )?Project Gutenberg(?:['’]s)? (?:e-?book|e-?text)s? of\b", re.IGNORECASE)
_START = re.compile(
    r"^\s*\*{3}\s*START OF (?:THE|THIS) PROJECT GUTENBERG|^\s*\*?END\*?\s?THE SMALL PRINT", re.IGNORECASE
)
_END = re.compile(
    r"^\s*\*{3}\s*END OF (?:THE|THIS) PROJECT GUTENBERG|^\s*End of (?:the |this )?Project Gutenberg", re.IGNORECASE
)


def without_boilerplate(lines: Iterable[str | None], tally: Tally) -> Iterator[str | None]:
    """Yield the lines that are the book's.

    Args:
        lines: the lines of books; None is a mark between documents, and ends a licence.
        tally: what is removed is counted here.
    """
    held: list[str] = []
    licence = 0
    for line in lines:
        marked = line is not None and ("utenberg" in line or "UTENBERG" in line or "SMALL PRINT" in line)
        if line is None:
            yield from held
            held, licence = [], 0
            yield None
        elif marked and _START.match(line):
            _count([*held, line], tally)
            held, licence = [], 0
        elif marked and _END.match(line):
            yield from held
            held, licence = [], LONGEST_LICENCE
            _count([line], tally)
        elif marked and not held and _HEADER.match(line):
            held, licence = [line], 0
        elif licence:
            licence -= 1
            _count([line], tally)
        elif not held:
            yield line
        elif len(held) < LONGEST_HEADER:
            held.append(line)
        else:
            yield from [*held, line]
            held = []
    yield from held


def _count(lines: list[str], tally: Tally) -> None:
    """Count removed lines."""
    for line in lines:
        tally.changed(RULE, line + "\n", "")
