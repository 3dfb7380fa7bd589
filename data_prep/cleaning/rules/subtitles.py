"""Rules for subtitles of films and lectures: markup, credits, sung lines, sounds, turns, misread letters."""

from __future__ import annotations

import re

from climb.data_prep.cleaning.rules.declaring import rule
from climb.data_prep.cleaning.rules.spans import bracketed, without

_MARKUP = re.compile(r"</?[a-z]{1,6}(?: [^<>]*+)?>|\\[Nnh](?![a-z])|\{(?:\\|[a-z]:)[^{}]*+\}", re.IGNORECASE)
_TIMING = re.compile(r"\d{1,2}:\d{2}:\d{2}[,.]\d{1,3}\s*-->\s*\d{1,2}:\d{2}:\d{2}[,.]\d{1,3}")
_BANNER = re.compile(r"-=[^\n]{0,80}?=-|-{1,2}={2,}[^\n=]{0,80}={2,}-{1,2}")
_LOST_APOSTROPHE = re.compile(r"(?<=[^\W\d_]) ?�(?=(?:s|t|m|d|re|ve|ll)(?!\w))")
_QUOTE_APOSTROPHE = re.compile(r"(?<=[^\W\d_])\"(?=(?:s|t|m|d|re|ve|ll)(?!\w))")
_WORK = (
    r"(?:[Ss]ub(?:title|titling|bed|s)\w{0,2}|[Rr]e-?syn\w{0,12}|[Ss]yn(?:c|ch)\w{0,15}|Translat(?:ed|ion|ions)|"
    r"Transcri(?:pt|bed|ption)|Encod(?:ed|ing)|Ripped|Corrections|[Cc]orrected|(?:Closed[- ])?Caption(?:s|ed|ing)|"
    r"Timed)"
)
_WHO = (
    r"(?:(?:for |on |at )?(?:www\.\S+|[^\s:]{2,40}))"
    r"(?: Media(?: Group)?| Captioning Institute|(?: [A-Z][\w.]{1,20}(?= [A-Z])))?"
    r"(?: (?:- )?(?:for|at|on|from) \S{2,40}(?: (?:com|net|org)(?!\w))?)?(?: ={2})?"
)
_CREDIT = re.compile(
    r"(?:^|(?<=[\s.!?…\"]))(?:={2} )?(?:DVD )?"
    rf"(?:{_WORK}(?:(?:,| and| &|/) ?{_WORK}| was| Made)*(?: brought to you)?"
    rf"(?:,? (?:corrected|made|created|done|provided))? ?by:? ?|Subtitles: |Subs: |Sync: |Resync: ){_WHO}"
)
_CREDITED = re.compile(
    r"[Ss]ub[ts]|[SsTRrEDCc](?:yn|esyn|ransl|ranscr|ncod|ipped|orrect|aption|imed|eviewer|V)|SUB|VIP|Advertise"
)
_TALK_CREDIT = re.compile(
    r"^(?:Translator|Transcriber|Reviewer|Translation|Subtitles): .{1,60}?Reviewer:.{0,60}$|^Reviewer: .{1,60}$"
)
_ADVERT = re.compile(
    r"(?:Support us and )?become (?:a )?VIP member to remove all ads(?: from \S+)?"
    r"|Advertise your product or brand here|Download(?:ed)? (?:movie )?subtitles? (?:searcher )?from \S+"
    r"|(?:From )?www\.opensubtitles\S*"
)
_SIGNS = "♪♫♬♩¶"
_SUNG = re.compile(
    rf"[{_SIGNS}](?![{_SIGNS}])[^{_SIGNS}]*[{_SIGNS}]|^\s*[{_SIGNS}]+[^{_SIGNS}]*$|^[^{_SIGNS}]{{1,100}}[{_SIGNS}]+\s*$"
)
_SIGN = re.compile(f"[{_SIGNS}]+")
_LYRIC = re.compile(r"(?<!\S)(?P<sign>[#*]{1,2})\s[^#*\n]{1,300}?\s?(?P=sign)(?!\S)|^\s*#[^#]*+#\s*$")
_ROUND = re.compile(r"(?<!\w)\([^()]{0,80}+\)")
_DASHES = re.compile(r"^(?:(?:[-–—]++ *+)|>{2,}+ *+)++(?=\S)")
_TURN = re.compile(
    r"(?<=[.!?…\"]) (?:[-–—] ?(?=[\"'¿¡]?(?:[A-Z]|l[ '’]))|[-–—] [-–—] )|(?<!\S)>{2,}+ ?|(?<!\S)~+(?!\S)"
)
_CASELESS_TURN = re.compile(r"(?<=[!?]) [-–—] (?=[a-z])")
_LABEL = r"(?:[A-Z][A-Z.'’-]+|[A-Z][A-Z.'’-]*(?: [A-Z0-9.'’#-]{1,20}){1,3})"
_LABELLED = re.compile(rf"(?:^|(?<=[.!?…\"])\s){_LABEL}\s?[:=]\s+(?=\S)")
_OCR_PRONOUN = re.compile(r"(?<![\w'’.&-])(?<!\d )l(?=(?:['’](?:m|ll|ve|d)\b)|[ ,?!]|$)")
_OCR_OPENING = re.compile(r"((?:^|[.!?…] )[-\"' ]*)l(?=(?:[fnst]|t['’]s|sn['’]t)\b)")
_OCR_CAPITALS = re.compile(r"(?<=[A-Z])l(?=[A-Z])")
_OCR_L = re.compile(r"l(?<![a-z]l)(?:(?![a-z])|(?=[fnst]))")
_OCR_I = re.compile(r"I(?:(?<=[a-z]I)|(?<=AI)I)")
_OCR_ALL = re.compile(r"\bAII\b")
_OCR_MIDDLE = re.compile(r"(?<=[a-z])(?<!\bMc)(?<!\bMac)(?<!\bDe)(?<!\bDi)(?<!\bLa)(?<!\bFitz)(?<!\bi)I(?=[a-z])")
_OCR_END = re.compile(r"(?<=[a-z])(?<!War)(?<!Mark)(?<!Mac)(?<!Part)(?<!Type)(?<!Rocky)II?(?![A-Za-z])")


@rule("<{\\")
def subtitle_markup(line: str) -> str:
    """Remove the markup of subtitle files."""
    return _MARKUP.sub("", line)


@rule(">")
def timings(line: str) -> str:
    """Remove the times of a subtitle."""
    return _TIMING.sub("", line) if "-->" in line else line


@rule("=")
def banners(line: str) -> str:
    """Remove the banners of those who made a subtitle file."""
    return _BANNER.sub("", line)


@rule("�")
def lost_apostrophes(line: str) -> str:
    """Read a lost character in a contraction as an apostrophe."""
    return _LOST_APOSTROPHE.sub("'", line)


@rule("\"'")
def misread_quotes(line: str) -> str:
    """Read two apostrophes as a quote, and a quote in a contraction as an apostrophe."""
    line = line.replace("''", '"') if "''" in line else line
    return _QUOTE_APOSTROPHE.sub("'", line) if '"' in line else line


@rule()
def credits_of_subtitles(line: str) -> str:
    """Remove who made, translated or encoded subtitles, and their advertisements."""
    if not (" by" in line or ":" in line or "VIP" in line or "ubtitles" in line or "dvertise" in line):
        return line
    if not _CREDITED.search(line):
        return line
    return _TALK_CREDIT.sub("", _CREDIT.sub("", _ADVERT.sub("", line)))


@rule(_SIGNS + "#*")
def music(line: str) -> str:
    """Remove what is sung: between signs for notes, number signs or stars."""
    return _LYRIC.sub("", _SIGN.sub("", _SUNG.sub("", line)))


@rule("([{")
def sound_notes(line: str) -> str:
    """Remove notes in brackets; what stands in a word or is longer than a note stays."""
    line = without(line, bracketed(line, "[", "]"))
    line = without(line, bracketed(line, "{", "}"))
    return without(line, [match.span() for match in _ROUND.finditer(line)])


@rule("-–—>")
def leading_dash(line: str) -> str:
    """Remove the dash that opens a turn."""
    return _DASHES.sub("", line)


@rule("-–—>~")
def turns(line: str) -> str:
    """Give every turn of a dialogue its own line."""
    line = _TURN.sub("\n", line)
    return line if line != line.lower() else _CASELESS_TURN.sub("\n", line)


@rule(":=")
def speaker_labels(line: str) -> str:
    """Remove speakers named in capitals; what they say begins a line."""
    return line if line.isupper() else _LABELLED.sub(_label, line)


def _label(match: re.Match[str]) -> str:
    """Return what takes the place of a speaker: nothing at the start of a line, else a new line."""
    return "\n" if match.start() else ""


@rule()
def misread_i(line: str) -> str:
    """Read `l` as `I`, and `I` as `l`, where the word shows that a scanner misread it."""
    if _OCR_L.search(line):
        line = _OCR_CAPITALS.sub("I", _OCR_OPENING.sub(r"\1I", _OCR_PRONOUN.sub("I", line)))
    if _OCR_I.search(line):
        line = _OCR_END.sub(lambda match: "l" * len(match.group()), _OCR_ALL.sub("All", _OCR_MIDDLE.sub("l", line)))
    return line


@rule(":")
def speakers_alone(line: str) -> str:
    """Drop a line that only names a speaker: at most three words before a colon."""
    return "" if line.rstrip().endswith(":") and len(line.split()) <= 3 else line
