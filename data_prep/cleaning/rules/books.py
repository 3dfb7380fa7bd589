"""Rules for printed books, above all Project Gutenberg's: tables, notes, emphasis, page marks, notices."""

from __future__ import annotations

import re

from climb.data_prep.cleaning.rules.declaring import rule

_EMPHASIS = re.compile(r"(?<![^\W_])_+|_+(?![^\W_])")
_BOLD = re.compile(
    r"(?<![\w=])=(?=[^\s=])([^=]{1,200})(?<!\s)=(?![\d=])|(?<![\w+])\+(?=[^\W\d_])([^+\d]{1,60})(?<!\s)\+(?!\+)"
)
_KINDS = "Illustration|Footnote|Sidenote|Transcriber|Note|Music|Frontispiece|Decoration|Blank Page|Errata"
_EDITOR = re.compile(rf"(?<!\s)\s*+\[\s?(?:{_KINDS})\b[^\[\]]*+\]|\[\d{{1,4}}\]", re.IGNORECASE)
_OPEN_EDITOR = re.compile(rf"(?<!\s)\s*+\[\s?(?:{_KINDS})\b[^\[\]]*$", re.IGNORECASE)
_ROMAN = r"(?=[ivxlc])c{0,3}(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})"
_PAGE = re.compile(
    rf"(?<!\s)\s*+[\[{{](?:pg|page|p\.|pp\.)\s?(?:\d{{1,4}}|{_ROMAN})[\]}}]|(?<!\s)\s*+\{{(?:\d{{1,4}}|{_ROMAN})\}}",
    re.IGNORECASE,
)
_LIGATURE = re.compile(r"\[([oaOA][eE])\]")
# A numeral, not any word of its letters: "I feel.... ill" is no row of a table of contents.
_CONTENTS = re.compile(
    rf"(?:(?<!\.)\.{{4,}}+|(?<!\s)\s{{4}}|(?<![. ]) ?(?:\. ){{3,}}+)\s*+(?:\d{{1,4}}|{_ROMAN})\s*$", re.IGNORECASE
)
_WIDEST_CELL = 100
_ENDS_OF_NUMBERS = "0123456789ivxlcIVXLC \t"
_CHAPTER_ROW = re.compile(r"^(?:chapter\s+)?(?=[IVXLC])[IVXLC]{1,8}[.:]?\s+\D{2,80}\s\d{1,3}$", re.IGNORECASE)
_NUMERAL_LINE = re.compile(rf"^[\W_]*(?:{_ROMAN})[\W_]*$", re.IGNORECASE)
_SEPARATOR = re.compile(r"(?<![\w*])\*(?:[ \t]*+\*){2,}+(?!\w)")
_NOTE_STAR = re.compile(r"(?<!\S)\*(?:[a-z](?=\s|$)|(?!\S))\s*")
_SITE = r"(?:\(?https?://[^\s)]*\)?|www\.\S+)"
_PRODUCER = re.compile(
    r"(?:E-?text (?:prepared|produced)|Produced|HTML version|Digitized|Transcribed) by [^\n]{0,300}?"
    rf"(?:Proofread(?:ing|ers)(?: Canada)?(?: Team)?(?: at)?(?: {_SITE})?|{_SITE}|Internet Archive\)?)"
    rf"(?: from (?:page )?images generously made available by [^.(]{{0,120}}(?:{_SITE})?)?\s*"
    r"|\((?:This (?:file|book|e-?text) was produced|Images courtesy of) [^()]{0,200}"
    r"(?:\([^()]{0,100}\)[^()]{0,20})?\)",
    re.IGNORECASE,
)
_FILE_NAMES = re.compile(
    rf"\b\d{{3,6}}-\w{{1,3}}(?:\.\w{{3,4}})? or \d{{3,6}}-\w{{1,3}}\.zip:?(?:\s*{_SITE}(?: or)?)*"
    r"|~gutenberg(?: \d{1,6})?",
    re.IGNORECASE,
)
_IMPRINTS = ("roofread", "utenberg", "http", "www.", "Internet Archive", "was produced", "Images courtesy", ".zip")
_NOTICE = re.compile(
    r"Project Gutenberg[\w’']*(?:\s+\w+){0,3}?\s+(?:Licen[cs]e|e-?books?|e-?texts?|electronic works?|volunteers|"
    r"trade-?mark|Literary Archive|Foundation|is a (?:registered )?trade-?mark)|"
    r"^\s*(?:Transcriber[’']?s?|Transcription) notes?:?\b|This (?:e-?book|e-?text) is for the use of",
    re.IGNORECASE,
)


@rule("_")
def emphasis(line: str) -> str:
    """Remove the underscores around stressed words."""
    return _EMPHASIS.sub("", line)


@rule("=+")
def bold_marks(line: str) -> str:
    """Remove the signs around words in bold type."""
    return _BOLD.sub(lambda match: match[1] or match[2], line)


@rule("[")
def editor_notes(line: str) -> str:
    """Remove editors' notes and note numbers in brackets; other brackets are the author's."""
    return _OPEN_EDITOR.sub("", _EDITOR.sub("", line))


@rule("[{")
def page_marks(line: str) -> str:
    """Remove the numbers of pages from running text."""
    return _PAGE.sub("", line)


@rule("[")
def ligatures(line: str) -> str:
    """Read ligatures that an old transcription wrote in brackets."""
    return _LIGATURE.sub(r"\1", line)


@rule()
def tables(line: str) -> str:
    """Drop rows of a table (two bars or more, no cell as long as a sentence) and of a table of contents."""
    bars = line.count("|")
    if bars >= 2 and len(line) < bars * _WIDEST_CELL:
        return ""
    if line[-1:] not in _ENDS_OF_NUMBERS:
        return line
    return "" if _CONTENTS.search(line) or _CHAPTER_ROW.match(line) else line


@rule()
def numeral_lines(line: str) -> str:
    """Drop a line that is only a Roman numeral of two letters or more: a page or a chapter."""
    if len(line) > 12 or len(line) < 2 or not _NUMERAL_LINE.match(line):
        return line
    return "" if sum(map(str.isalpha, line)) > 1 else line


@rule("*")
def separators(line: str) -> str:
    """Break the line where a row of stars parts two passages."""
    return _SEPARATOR.sub("\n", line)


@rule("*")
def note_stars(line: str) -> str:
    """Remove the stars that point to footnotes."""
    return _NOTE_STAR.sub("", line)


@rule()
def producers(line: str) -> str:
    """Remove who prepared an electronic book, and the names of its files."""
    if not any(mark in line for mark in _IMPRINTS):
        return line
    return _FILE_NAMES.sub("", _PRODUCER.sub("", line))


@rule()
def notices(line: str) -> str:
    """Drop notices of Project Gutenberg and of transcribers."""
    suspect = "utenberg" in line or "ranscri" in line or "RANSCRI" in line or "This " in line
    return "" if suspect and _NOTICE.search(line) else line
