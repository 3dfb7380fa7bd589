"""The cleaning rules, one small function each: a line in, a line out, empty when nothing is left of it.

They follow the table of CLIMB (arXiv 2311.08886), without what damages text there: no paragraph is lost for
holding "up." or "prov.", no tail of a file is lost by joining lines in fives, "l" is read as "I" only where
the whole word shows it, and the case is kept. A rule may return several lines, separated by newlines.
"""

from __future__ import annotations

import html
import re

_SPEAKER = re.compile(r"^(?:\*[A-Z0-9]{2,4}|[A-Z]):\s*")
# (?<!\s)\s* rather than \s*: a search that fails must not start again at every space of a long run.
_ACTION = re.compile(r"(?<!\s)\s*\[[^\[\]]*\]")
_DEPENDENT_TIER = re.compile(r"(?<!\s)\s*%[a-z]{3}:.*$")
_UNINTELLIGIBLE = re.compile(r"(?<![\w'-])(?:xxx|yyy|www|&=\S+)(?![\w'-]|\.\w)\s*")
_SPACED_MARK = re.compile(r"(?<=[^\s.!?,;:]) +(?=[.!?,;:]++(?:[\s\"'”’)\]]|$))")
_PTB_CLOSING = re.compile(r"(?<=[.,!?;:—-]) '(?= |$)")
_PTB_CONTRACTION = re.compile(r"(?<=\w) (?=(?:n't|'s|'m|'d|'ll|'re|'ve)(?!\w))", re.IGNORECASE)
_PTB_BRACKET = {"-LRB-": "(", "-RRB-": ")", "-LSB-": "[", "-RSB-": "]", "-LCB-": "{", "-RCB-": "}"}
_PTB_BRACKETS = re.compile("|".join(_PTB_BRACKET))
_EMPHASIS = re.compile(r"(?<![^\W_])_+|_+(?![^\W_])")
_EDITOR = re.compile(
    r"(?<!\s)\s*\[(?:Illustration|Footnote|Sidenote|Transcriber|Note)[^\[\]]*\]|\[\d{1,4}\]", re.IGNORECASE
)
# A numeral, not any word of its letters: "I feel.... ill" is no row of a table of contents.
_ROMAN = r"(?=[ivxlc])c{0,3}(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})"
_CONTENTS = re.compile(rf"(?:(?<!\.)\.{{4,}}+|(?<!\s)\s{{4}})\s*+(?:\d{{1,4}}|{_ROMAN})\s*$")
_MUSIC = re.compile(r"[♪♫♬♩]|(?:^\s*#.*#\s*$)")
_SUBTITLE_MARKUP = re.compile(r"</?[a-z]{1,6}(?: [^<>]*)?>|\{\\[^{}]*\}", re.IGNORECASE)
_NOISE_BRACKETS = re.compile(r"(?<!\s)\s*(?:\[[^\[\]]*\]|\([^()]*\))")
_LEADING_DASH = re.compile(r"^[-–—]+ *(?=\S)")
_TURN = re.compile(r"(?<=[.!?…\"]) [-–—] ?(?=[\"'¿¡]?[A-Z])")
_OCR_PRONOUN = re.compile(r"(?<![\w'’.&-])(?<!\d )l(?=(?:['’](?:m|ll|ve|d)\b)|[ ,?!]|$)")
_OCR_OPENING = re.compile(r"((?:^|[.!?…] )[-\"' ]*)l(?=(?:[fnst]|t['’]s|sn['’]t)\b)")
_OCR_CAPITALS = re.compile(r"(?<=[A-Z])l(?=[A-Z])")
_ENTITY = re.compile(r"&(?:amp;)?#?\w{2,8};")
_STARS = re.compile(r"(?<![\w#*])(?!#\d)[#*]++ ?|(?<!\*)\*++(?!\w)")
_SPACES = re.compile(r"\s+")
_LETTER = re.compile(r"[^\W\d_]")


def spaces(line: str) -> str:
    """Trim the line and make every run of white space one space."""
    return _SPACES.sub(" ", line).strip()


def speaker_tags(line: str) -> str:
    """Remove who speaks: `*MOT:` and `A:` at the start of a line."""
    return _SPEAKER.sub("", line)


def action_notes(line: str) -> str:
    """Remove what a transcriber wrote in square brackets: `[giggles]`."""
    return _ACTION.sub("", line) if "[" in line else line


def dependent_tiers(line: str) -> str:
    """Remove annotation that runs to the end of a transcript's line: `%add: EXP`."""
    return _DEPENDENT_TIER.sub("", line) if "%" in line else line


def unintelligible(line: str) -> str:
    """Remove the codes for what nobody understood (`xxx`, `yyy`, `www`) and for sounds (`&=laughs`)."""
    return _UNINTELLIGIBLE.sub("", line)


def bare_marks(line: str) -> str:
    """Drop a line of which only punctuation is left."""
    return line if any(map(str.isalnum, line)) else ""


def spaced_marks(line: str) -> str:
    """Close up punctuation with the word before it: `there he is .`."""
    return _SPACED_MARK.sub("", line)


def treebank_quotes(line: str) -> str:
    """Turn Penn Treebank quotes and brackets into plain ones: ``` `` '' ` -LRB- ```."""
    line = line.replace("`` ", '"').replace("``", '"').replace(" ''", '"').replace("''", '"')
    line = _PTB_CLOSING.sub("'", line.replace("` ", "'").replace("`", "'"))
    if "RB-" in line or "SB-" in line or "CB-" in line:
        line = _PTB_BRACKETS.sub(lambda match: _PTB_BRACKET[match.group()], line)
        line = re.sub(r"(?<=[(\[{]) | (?=[)\]}])", "", line)
    return line


def treebank_contractions(line: str) -> str:
    """Join what the Penn Treebank splits: `do n't`, `queen 's`."""
    return _PTB_CONTRACTION.sub("", line)


def emphasis(line: str) -> str:
    """Remove the underscores around _stressed_ words."""
    return _EMPHASIS.sub("", line) if "_" in line else line


def editor_notes(line: str) -> str:
    """Remove `[Illustration: …]`, `[Footnote …]` and note numbers `[12]`; other brackets are the author's."""
    return _EDITOR.sub("", line) if "[" in line else line


def tables(line: str) -> str:
    """Drop rows of a table (two bars or more) and of a table of contents (dots or a gap before a number)."""
    return "" if line.count("|") >= 2 or _CONTENTS.search(line) else line


def no_letters(line: str) -> str:
    """Drop a line without a letter: page numbers, rows of stars."""
    return line if _LETTER.search(line) else ""


def music(line: str) -> str:
    """Drop a sung line, marked by a note sign or between number signs."""
    return "" if _MUSIC.search(line) else line


def subtitle_markup(line: str) -> str:
    r"""Remove the markup of subtitle files: `<i>`, `{\an8}`."""
    return _SUBTITLE_MARKUP.sub("", line) if "<" in line or "{" in line else line


def sound_notes(line: str) -> str:
    """Remove notes in round or square brackets: `(door slams)`, `[applause]`."""
    return _NOISE_BRACKETS.sub("", line) if "(" in line or "[" in line else line


def leading_dash(line: str) -> str:
    """Remove the dash that opens a turn."""
    return _LEADING_DASH.sub("", line)


def turns(line: str) -> str:
    """Give every turn of a dialogue its own line: `Where? - There.`."""
    return _TURN.sub("\n", line) if " -" in line or " –" in line or " —" in line else line


def misread_i(line: str) -> str:
    """Read `l` as `I` where a scanner misread it: `l'm`, `l think`, `lt's`, `KlNG`; never inside other words."""
    if "l" not in line:
        return line
    line = _OCR_PRONOUN.sub("I", line)
    return _OCR_CAPITALS.sub("I", _OCR_OPENING.sub(r"\1I", line))


def entities(line: str) -> str:
    """Read HTML entities, doubly escaped ones too: `&amp;quot;`."""
    return _ENTITY.sub(lambda match: html.unescape(html.unescape(match.group())), line) if "&" in line else line


def stars(line: str) -> str:
    """Remove `#` and `*`, with which transcribers mark sounds; `5*3`, `#1` and `C#` stay."""
    return _STARS.sub("", line) if "#" in line or "*" in line else line


def speakers_alone(line: str) -> str:
    """Drop a line that only names a speaker: at most three words before a colon."""
    return "" if line.endswith(":") and len(line.split()) <= 3 else line


def short_headings(line: str) -> str:
    """Drop section headings: one or two words."""
    return line if line.count(" ") >= 2 else ""


def capital_headings(line: str) -> str:
    """Drop a heading: at most eight words, each capitalised, no final mark."""
    words = line.split()
    is_heading = len(words) <= 8 and line[-1:] not in ".!?\"'”’" and all(word[0].isupper() for word in words)
    return "" if is_heading else line
