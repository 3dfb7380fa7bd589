"""Lines → sentences by rule: the same with and without a parser, so that no table depends on one.

A sentence ends at `. ! ? …` (and closing quotes or brackets) before white space, unless the word before is
an abbreviation or an initial, or the next word starts in lower case. Text without any capital letter
(transcribed speech) is cut at every such mark. One regular expression, linear time.
"""

from __future__ import annotations

import re

LONGEST_SENTENCE = 4_000
"""Characters: what runs on longer is cut at white space, so that a parser's memory stays bounded."""

# The second look-behind lets a match start only at the first mark of a run: 40,000 dots cost 40,000 steps.
_END = re.compile(r"(?<=[.!?…])(?<![.!?…][.!?…])[.!?…]*+[\"'”’»)\]]{0,3}\s+")
_LAST_WORD = re.compile(r"[\w.&'’-]*\Z")
_OPENING = "\"'“‘«([-–—*_ "
_ABBREVIATIONS = frozenset(
    re.findall(
        r"\S+",
        "mr mrs ms dr prof st sr jr rev hon capt col gen lt sgt maj messrs mme mlle mt ft vs e.g i.e cf al vol ch "
        "fig nos pp ed eds dept inc ltd co corp bros approx jan feb aug sep sept oct nov dec u.s u.k ph.d",
    )
)


def sentence_spans(line: str) -> list[tuple[int, int]]:
    """Return (start, end) character offsets of the sentences of a line, outer white space excluded.

    Together the spans hold every character of the line that is not white space.

    Example:
        >>> [("Mr. Fox ran. He hid!")[a:b] for a, b in sentence_spans("Mr. Fox ran. He hid!")]
        ['Mr. Fox ran.', 'He hid!']
    """
    spans: list[tuple[int, int]] = []
    caseless = line == line.lower()
    start = 0
    for match in _END.finditer(line):
        if _is_end(line, start, match, caseless):
            _add(line, start, match.end(), spans)
            start = match.end()
    _add(line, start, len(line), spans)
    return spans


def _is_end(line: str, start: int, match: re.Match[str], caseless: bool) -> bool:
    """Return whether a sentence ends at this mark."""
    if match.end() == len(line):
        return True
    following = _first_letter(line, match.end())
    if following.islower() and not caseless:
        return False
    mark = match.start() - 1
    if line[mark] != "." or match.group().strip():
        return True
    word = _LAST_WORD.search(line, max(start, mark - 12), mark)
    last = word.group().lower() if word else ""
    is_initial = len(last) == 1 and last.isalpha() and last != "i"
    return not is_initial and last not in _ABBREVIATIONS


def _first_letter(line: str, start: int) -> str:
    """Return the first character from `start` that is no opening mark."""
    for character in line[start : start + 8]:
        if character not in _OPENING:
            return character
    return " "


def _add(line: str, start: int, end: int, spans: list[tuple[int, int]]) -> None:
    """Append the span without its outer white space, cut where it is too long."""
    while start < end and line[start].isspace():
        start += 1
    while end > start and line[end - 1].isspace():
        end -= 1
    while end - start > LONGEST_SENTENCE:
        cut = line.rfind(" ", start + 1, start + LONGEST_SENTENCE)
        cut = cut if cut > start else start + LONGEST_SENTENCE
        spans.append((start, cut))
        start = cut
        while start < end and line[start].isspace():
            start += 1
    if end > start:
        spans.append((start, end))
