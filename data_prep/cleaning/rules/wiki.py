"""Rules for wiki text: templates, formulas, links, references, tables, and what removing them left behind."""

from __future__ import annotations

import re

from climb.data_prep.cleaning.rules.declaring import rule
from climb.data_prep.cleaning.rules.spans import bracketed, without

_COMMENT = re.compile(r"<!--(?:(?!-->).)*+(?:-->|$)")
_HIDDEN = "ref|math|chem|gallery|syntaxhighlight|source|timeline|score|templatedata|mapframe|maplink|imagemap|graph"
_OPAQUE = re.compile(
    rf"(?<!\s)\s*+<(?P<name>{_HIDDEN})\b(?:[^<>/]|/(?!>))*+(?:/>|>(?:(?!</?(?:{_HIDDEN})\b).)*+</(?P=name)\s?>)",
    re.IGNORECASE,
)
_SHOWN = (
    "br|hr|p|b|i|u|s|em|strong|big|small|sub|sup|div|span|center|font|code|pre|tt|blockquote|poem|cite|abbr|table|tr|td|"
    "th|ul|ol|li|dl|dt|dd|nowiki|onlyinclude|includeonly|noinclude|section|references|templatestyles|h[1-6]|del|ins|var|"
    "kbd|samp|ruby|rb|rt|rp|bdi|wbr|hiero"
)
_BREAK = re.compile(r"</?(?:br|hr|p|li|td|tr|wbr)\b[^<>]{0,300}>", re.IGNORECASE)
_TAG = re.compile(rf"</?(?:{_SHOWN}|{_HIDDEN})\b[^<>]{{0,300}}>", re.IGNORECASE)
_TABLE = re.compile(r"(?<!\S)\{\|\s")
_FORMULA = re.compile(r"\{\\(?:display|text|script)style\b")
_FILE = re.compile(
    r"(?:File|Image|Media):[^|\n\[\]]{1,120}?\.(?:jpe?g|png|svg|gif|webp|ogg|oga|ogv|webm|tiff?|pdf)"
    r"(?:\|(?:thumb|thumbnail|frame|left|right|center|none|upright[=.\d]{0,6}|\d{1,4}px|alt=[^|\n]{0,200}))*+\|?",
    re.IGNORECASE,
)
_HIDDEN_LINK = re.compile(
    r"^\s*:?(?:File|Image|Media|Category|Wikipedia|Template|[a-z]{2,3}|zh-[a-z]+|simple)\s*:", re.IGNORECASE
)
_OUTSIDE_LINK = re.compile(r"\[(?:https?:)?//[^\s\[\]]++(?:\s+([^\[\]]*+))?\]")
_CATEGORY = re.compile(r"^\s*(?:Category:\S.{0,200}|#REDIRECT.*|__[A-Z]{3,}__)$", re.IGNORECASE)
_SWITCH = re.compile(r"__[A-Z]{3,20}__")
_QUOTES = re.compile(r"(?<!')'{2,}+(?!')")
_LIST_MARK = re.compile(r"^(?:[*:;•·]++|#++(?!\d))\s*(?=\S)")
_ATTRIBUTE = re.compile(
    r"(?<![!|])[!|]*+\s?\b(?:colspan|rowspan|style|align|valign|bgcolor|width|height|scope|class|border|cellpadding|cellspacing|"
    r"data-sort-\w{1,10})\s?=\s?(?:\"[^\"]{0,300}\"|\w{1,20})\s?\|?(?!\|)|(?<=\|\|)\s?(?:colspan|rowspan)=\"?\d+\"?\s?\|"
)
_CELLS = re.compile(r"(?<!\S)[^\s|]{0,60}+(?:\|\|[^\s|]{0,60}+)+")
_TABLE_LINE = re.compile(r"^\s*(?:\{\||\|[}+|-]|!\s|\|(?!\s?\w\s?\|))")
_PAIRED_HEADING = re.compile(r"(?<![=\w])(={2,6}) ?(?=[^\s=a-z])[^=]{1,120}?\1(?!=)")
_SPACED_HEADING = re.compile(r"(?:^|(?<=\s))=(?: =)++(?=\s|$)")
_LABELS = (
    "See also|References|Notes|Footnotes|External links|Further reading|Bibliography|Sources|Citations|Works cited"
)
_SECTION_LABELS = re.compile(
    rf"(?:^|(?<=[.!?\"”)] ))(?:{_LABELS}|Other websites)(?: (?:{_LABELS}|Other websites)(?! ?[a-z]))+(?=\s|$)"
)
_NOTE_MARK = re.compile(
    r"(?<!\s)(?<!\w)\[\d{1,3}\]|(?<=[a-z]{3})\[\d{1,3}\](?=\s(?!=)|[.,;:]|\[|$)|"
    r"\[(?:note|nb|lower-alpha|fn) ?\d{1,3}\]|"
    r"\s?\[(?:citation needed|clarification needed|dubious – discuss|when\?|who\?|which\?|by whom\?|"
    r"according to whom\?|edit|better source needed|not in citation given|verification needed|dead link|"
    r"full citation needed)\]"
)
_IDENTIFIER = re.compile(
    r"(?:\(|,|;)?\s?\b(?:ISBN(?:-1[03])?:?\s?\d[\dX -]{8,16}[\dX]|ISSN:?\s?\d{4}-\d{3}[\dX]|"
    r"(?:OCLC|S2CID|PMID|LCCN|JSTOR|Zbl|MR|PMC):?\s?\d{4,12}|doi:\s?10\.\d{4,6}/[^\s\"<>]+|Bibcode:\s?\d{4}[^\s]{10,20}|"
    r"arXiv:\s?[\w.-]+(?:/\d+)?(?:v\d+)?)(?<![.,;])\)?"
)
_MONTH = r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
_DATE = rf"(?:\d{{1,2}} {_MONTH},? \d{{4}}|{_MONTH} \d{{1,2}}, \d{{4}}|\d{{4}}-\d\d-\d\d)"
_RETRIEVED = re.compile(rf"(?:^|(?<=[.!?\")] ))(?:Retrieved|Archived)(?: from the original)?(?: on)? {_DATE}\.?")
_DOUBLE_STOP = re.compile(r"(?<![.\s])\s?\.\s?\.(?!\s?\.)")
_MAINTENANCE = re.compile(
    r":?\s?(?:CS1 maint|ISBN / Date incompatibility|\|\w{1,20}= ignored)[^()]{0,60}\((?:link|help)\)"
)
_PLACEHOLDER = re.compile(r"\b(?:formula|codice)_\d+\b")
_LOST = re.compile(r"(?<![^\W_])[�\u200c\u200d]*�[�\u200c\u200d']*(?!\w)")
_EMPTY = re.compile(r"(?:(?<!\s)\s++|^|(?<=\s))\((?:[\s,;:/]|\"\"|''|[.](?=\s?\)))*+\)|\[\s*+\](?!\w)")
_HOLLOW = re.compile(r"[(\[](?:[\s,;:/)\].]|\"\"|'')")
_OPENING_MARKS = re.compile(r"\((?:\s*+[,;:/](?=[\s,;:/]))++\s*")
_CLOSING_MARKS = re.compile(r"(?<![\s,;:])\s*+(?:[,;]\s*+)++\)")
_INNER_SPACE = re.compile(r"(?<=\()\s+(?=\S)|(?<=[^\s(])\s+(?=\))")


@rule("<")
def wiki_tags(line: str) -> str:
    """Remove comments, references, formulas and galleries, and the tags around other text."""
    line = _OPAQUE.sub("", _COMMENT.sub("", line))
    return _TAG.sub("", _BREAK.sub(" ", line))


@rule("{")
def templates(line: str) -> str:
    """Remove templates and tables between double braces, nested ones too."""
    if "{{" in line:
        line = without(line, bracketed(line, "{{", "}}"))
    if "{|" in line:
        line = without(line, [span for span in bracketed(line, "{|", "|}") if _TABLE.match(line, span[0])])
    return line


@rule("\\")
def formulas(line: str) -> str:
    """Remove the TeX source of formulas; what is displayed stays."""
    if not _FORMULA.search(line):
        return line
    spans = [span for span in bracketed(line, "{", "}") if _FORMULA.match(line, span[0])]
    return without(line, spans)


@rule("[")
def links(line: str) -> str:
    """Read links as their text; remove files, categories and links to other languages."""
    line = _OUTSIDE_LINK.sub(r"\1", line) if "//" in line else line
    spans = bracketed(line, "[[", "]]") if "[[" in line else []
    kept, place = [], 0
    for start, end in spans:
        kept += [line[place:start], _shown(line[start + 2 : end - 2])]
        place = end
    return "".join([*kept, line[place:]])


def _shown(link: str) -> str:
    """Return what a page shows of a link."""
    return "" if _HIDDEN_LINK.match(link) and not link.startswith("[") else link.rpartition("|")[2]


@rule(":")
def files(line: str) -> str:
    """Remove the names of pictures and sounds that a removed link left behind."""
    return _FILE.sub("", line) if "File:" in line or "Image:" in line or "Media:" in line else line


@rule(":#_")
def categories(line: str) -> str:
    """Drop lines that only name a category or send elsewhere; remove switches."""
    return "" if _CATEGORY.match(line) else _SWITCH.sub("", line) if "__" in line else line


@rule("'")
def wiki_quotes(line: str) -> str:
    """Remove the apostrophes that make text bold or italic."""
    return _QUOTES.sub(_apostrophe, line) if line.find("''") != line.rfind("''") else line


def _apostrophe(match: re.Match[str]) -> str:
    """Return the apostrophe that a closing mark may hold: `''Titanic'''s`."""
    line, end = match.string, match.end()
    owned = end - match.start() in (3, 4, 6) and line[end : end + 1] == "s" and not line[end + 1 : end + 2].isalnum()
    return "'" if owned and line[match.start() - 1 : match.start()].isalnum() else ""


@rule("*#:;•·")
def list_marks(line: str) -> str:
    """Remove the marks at the start of items of a list."""
    return _LIST_MARK.sub("", line) if line[:1] in "*#:;•·" else line


@rule("|!=")
def table_cells(line: str) -> str:
    """Remove cells of tables and their attributes; drop the lines of a table's source."""
    if _TABLE_LINE.match(line):
        return ""
    return _CELLS.sub("", _ATTRIBUTE.sub("", line)) if "||" in line or '="' in line else line


@rule("=")
def glued_headings(line: str) -> str:
    """Remove headings that stand in a line of text."""
    line = _PAIRED_HEADING.sub("\n", line)
    parts = [part.strip() for part in _SPACED_HEADING.split(line)]
    return line if len(parts) == 1 else "\n".join(part for part in parts if not _is_heading(part))


def _is_heading(text: str) -> bool:
    """Return whether a part of a line beside a heading's marks is the heading."""
    return len(text.split()) <= 12 and text[-1:] not in ".!?\"'”’"


@rule()
def section_labels(line: str) -> str:
    """Remove runs of headings of an article's last sections."""
    if "References" in line or "See also" in line or "External links" in line:
        return _SECTION_LABELS.sub("", line)
    return line


@rule("[")
def note_marks(line: str) -> str:
    """Remove numbers of notes and editors' questions in brackets; phonetic brackets stay."""
    return _NOTE_MARK.sub("", line)


@rule()
def citations(line: str) -> str:
    """Remove numbers of books and papers, and when a page was retrieved."""
    if (
        "ISBN" in line or "doi:" in line or "OCLC" in line or "S2CID" in line or "JSTOR" in line or "ISSN" in line
        or "arXiv:" in line
    ):  # fmt: skip
        line = _DOUBLE_STOP.sub(".", _IDENTIFIER.sub("", line))
    if "(link)" in line or "(help)" in line:
        line = _MAINTENANCE.sub("", line)
    return _RETRIEVED.sub("", line) if "Retrieved" in line or "Archived" in line else line


@rule("_")
def placeholders(line: str) -> str:
    """Remove names that stand for a removed formula or piece of code."""
    return _PLACEHOLDER.sub("", line)


@rule("�")
def lost_letters(line: str) -> str:
    """Remove words of which every letter was lost in an earlier conversion."""
    return _LOST.sub("", line)


@rule("([)")
def empty_brackets(line: str) -> str:
    """Remove what a removed template left of a pair of brackets."""
    if not (_HOLLOW.search(line) or " )" in line or ",)" in line or ";)" in line):
        return line
    line = _CLOSING_MARKS.sub(")", _OPENING_MARKS.sub("(", _EMPTY.sub("", line)))
    return _INNER_SPACE.sub("", line)


@rule()
def short_headings(line: str) -> str:
    """Drop section headings: one or two words."""
    return line if len(line.split(None, 2)) > 2 else ""


@rule()
def capital_headings(line: str) -> str:
    """Drop a heading: at most eight words, each capitalised, no final mark."""
    if line.rstrip()[-1:] in ".!?\"'”’":
        return line
    words = line.split(None, 8)
    return "" if len(words) <= 8 and all(word[0].isupper() for word in words) else line
