"""Rules for more than one kind of source: entities, invisible characters, addresses, stray marks, empty lines."""

from __future__ import annotations

import html
import re

from climb.data_prep.cleaning.rules.declaring import rule

_ENTITY = re.compile(r"&(?:amp;)*#?\w{2,8};")
_OLD_ENTITIES = {"&bquo;": "“", "&equo;": "”", "&shilling;": "/", "&ft;": "′", "&ins;": "″"}
_INVISIBLE = "\u00ad\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064"
_INVISIBLES = re.compile(f"[{_INVISIBLE}]")
_ADDRESS = re.compile(
    r"(?:https?://|ftp://|www\.)[^\s<>\"()\[\]{}|]+(?<![.,;:!?'])|\((?=(?:https?://|www\.)[^\s()]*\))\S+"
)
_SPACED_MARK = re.compile(r"(?<=[^\s.!?,;:]) +(?=[.!?,;:]++(?:[\s\"'”’)\]]|$))")
_SPACED = re.compile(r" [.,?!;:]")
_COMMAS = frozenset(",;:")
_LEADING_MARKS = re.compile(r"^[,;:][\s,;:]*+(?=[^\s(|/)\\DPO3<-])")
_REPEATED_COMMA = re.compile(r",(?:\s*+,)++")
_MARK_BEFORE_END = re.compile(r"(?<![\s,;:])\s*+[,;:][\s,;:]*+(?=[.!?](?![\w.!?]))")
_CONTRACTION = re.compile(
    r"(?<=[^\W\d_]) (?=(?:n['’]t|['’](?:s|m|d|ll|re|ve))(?![\w'’]))(?<!\b[b-hj-zB-HJ-Z] )", re.IGNORECASE
)
_LETTER = re.compile(r"[^\W\d_]")


@rule()
def white_space(line: str) -> str:
    """Trim the line and make every run of white space one space."""
    printable = "\t" not in line if line.isascii() else line.isprintable()
    if printable and "  " not in line and line[:1] != " " and line[-1:] != " ":
        return line
    return " ".join(line.split())


@rule("&")
def entities(line: str) -> str:
    """Read HTML entities, doubly escaped ones too, and those of the first BNC."""
    return _ENTITY.sub(_character, line)


def _character(match: re.Match[str]) -> str:
    """Return what an entity stands for; a space for white space and control characters."""
    entity = match.group()
    text = _OLD_ENTITIES.get(entity) or html.unescape(html.unescape(entity))
    return text if text.isprintable() else " "


@rule(_INVISIBLE)
def invisible_characters(line: str) -> str:
    """Remove soft hyphens, zero-width spaces and marks of direction."""
    return _INVISIBLES.sub("", line)


@rule()
def web_addresses(line: str) -> str:
    """Remove web addresses; names of sites without `http` or `www` are words and stay."""
    return _ADDRESS.sub("", line) if "://" in line or "www." in line else line


@rule()
def spaced_marks(line: str) -> str:
    """Close up punctuation with the word before it; remove commas that a removed piece left behind."""
    if line[:1] in _COMMAS:
        line = _LEADING_MARKS.sub("", line)
    if not _SPACED.search(line):
        return line
    line = _SPACED_MARK.sub("", line)
    return _MARK_BEFORE_END.sub("", _REPEATED_COMMA.sub(",", line)) if _SPACED.search(line) else line


@rule("'’")
def split_contractions(line: str) -> str:
    """Join contractions that a transcriber or the Penn Treebank split."""
    return _CONTRACTION.sub("", line) if " '" in line or " n'" in line or " N'" in line or " ’" in line else line


@rule()
def bare_marks(line: str) -> str:
    """Drop a line of which only punctuation is left."""
    return line if line[:1].isalnum() or any(map(str.isalnum, line)) else ""


@rule()
def no_letters(line: str) -> str:
    """Drop a line without a letter: page numbers, rows of stars."""
    return line if line[:1].isalpha() or _LETTER.search(line) else ""


@rule("`´")
def grave_accents(line: str) -> str:
    """Read grave and acute accents that stand alone as quotes and apostrophes."""
    return line.replace("`", "'").replace("´", "'")


@rule("#*")
def stars(line: str) -> str:
    """Remove `#` and `*`, with which transcribers mark sounds; `5*3`, `#1` and `C#` stay."""
    return _STARS.sub("", line)


_STARS = re.compile(r"(?<![\w#*])(?!#\d)[#*]++ ?|(?<!\*)\*++(?!\w)")
