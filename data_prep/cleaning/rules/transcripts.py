"""Rules for transcribed speech: the codes of CHAT (CHILDES), of the BNC and of Switchboard.

What was said stays and what is said about it goes. The codes are those of MacWhinney (2000), *The CHILDES
Project*, part 1, and of the Switchboard dysfluency annotation stylebook (Meteer 1995).
"""

from __future__ import annotations

import re

from climb.data_prep.cleaning.rules.declaring import rule
from climb.data_prep.cleaning.rules.spans import bracketed, without

_SPEAKER = re.compile(r"^\s*(?:\*[A-Z0-9]{1,4}|@?[A-Z](?:\.\d{1,4})?(?: utt\d{1,3})?):\s*")
_UTTERANCE = re.compile(r"(?<!\s)\s*+\*[A-Z][A-Z0-9]{0,3}:\s*")
_HEADER = re.compile(r"^@[A-Z][A-Za-z ]{1,30}(?::|$)")
_BULLET = re.compile(r"(?<!\s)\s*+[•\x15␕]?(?<![\w.])\d{1,9}_\d{1,9}(?!\w)[•\x15␕]?")
_TIER = re.compile(r"(?<!\s)\s*+%[a-z]{3}:.*$")
_OPEN_NOTE = re.compile(r"(?<!\s)\s*+\[[^\[\]]{0,120}$")
_CLOSED_NOTE = re.compile(r"(?:^|(?<=[.!?]))[^.!?\[\]]{0,120}(?<![.!?\[\]])\](?P<mark>[.!?]?)")
_SCOPE = re.compile(r"<(?=\S)([^<>]*+)>")
_PAUSE = re.compile(r"(?<!\s)\s*+\((?:\.{1,3}|\d{1,3}(?::\d{1,2})?\.\d{0,3})\)")
_FILLER = re.compile(r"(?<![\w&])&-(?=\w)")
_EVENT = re.compile(r"(?<![\w&])&(?:[=+~*{}]|(?=[a-z]))[^\s.,!?;&]*+(?![;&])\s*")
_UNINTELLIGIBLE = re.compile(r"(?<![\w'-])(?:xxx?|yyy?|www)(?![\w'-]|\.\w)\s*")
_OMITTED = re.compile(r"(?<![^\s<])0[a-z]*+(?=[\s>]|[.!?,](?:\s|$)|$)\s*")
_COMPLETION = re.compile(r"(?<=[\w'’])\(([\w'’]{1,15})\)|(?<!\w)\(([\w'’]{1,15})\)(?=[\w'’])")
_FORM = re.compile(r"(?<=[\w'’])@[a-z]{1,2}(?:[:$&][\w:$&+]*+)?(?![\w@]|\.\w)")
_COMPOUND = re.compile(r"(?<=[^\W\d_]|'|’)[_+](?=[^\W\d_]|'|’)")
_TERMINATOR = re.compile(r"(?<!\s)\s*+\+(?P<mark>\.\.\.|\.\.\?|!\?|//?\?|//?\.|\"/\.|\"\.|\.)(?!\w)")
_MARK_OF = {
    "...": "...", "/.": "...", "//.": "...", "..?": "?", "!?": "?!", "/?": "?", "//?": "?",
    ".": ".", '"/.': ".", '".': ".",
}  # fmt: skip
_LINKER = re.compile(r"(?<!\S)\+(?:[\"^,+<≈≋](?=\s|\w)|\+)\s*")
_STUTTER = re.compile(r"↫[^↫\s]*+↫")
_PROSODY = "⌈⌉⌊⌋↫↑↓↗↘→⇗⇘↻∆∇∙☺♋⁇°▔▁ˈˌ≈≋≡∞‹›〔〕"
_PROSODIES = re.compile(f"[{_PROSODY}]")
_SATELLITE = re.compile(r"(?<!\s)\s*+[‡„]")
_LENGTHENED = re.compile(r"(?<=[^\W\d_]):(?=[^\W\d_]|[,.!?](?:\s|$))")
_BLOCKED = re.compile(r"(?<=[^\W\d_])\^(?=[^\W\d_])")

_ANGLE = re.compile(r"(?<!\s)\s*+(?<!<)<++[^<>]{0,120}+>++")
_CUT = re.compile(r"(?<![\w=])=(?=\w)|(?<=[^\W\d_])=(?![\w=])")
_CODE = r"(?:s[dv]|aa|b[akhcfrd]?|f[aceortwpx]|n[ayn]?|q[ywoh]|x|%)(?:\^\w{1,2})*"
_COMMENT_CODE = re.compile(
    rf"(?<![\w*])\*(?:{_CODE}|listen|sp(?:elling)?:? ?[\w'’]+|\[\[[^\[\]]*+\]\])(?![\w^:;])\s*"
)
_COMMENT = re.compile(r"(?<![\w*])\*(?!\*)(?=\s?\S)[^*]*+$")
_DISFLUENCY = re.compile(r"\{[A-Z](?=[ }])\s*|(?<!\s)\s*+\}(?=[\s.,?!/]|$)")
_RESTART = re.compile(r"(?<!\S)[\[\]+](?!\S)\s*")
_SLASH = re.compile(r"(?<!\S)-?/(?!\S)\s*")
_DOUBTFUL = re.compile(r"\(\(\s*|(?<!\s)\s*+\)\)")


@rule(":")
def speaker_tags(line: str) -> str:
    """Remove who speaks from the start of a line."""
    return _SPEAKER.sub("", line)


@rule("*")
def glued_utterances(line: str) -> str:
    """Give every speaker's utterance its own line where several stand on one."""
    return _UTTERANCE.sub("\n", line) if ":" in line else line


@rule("@")
def headers(line: str) -> str:
    """Drop the header lines of a transcript."""
    return "" if _HEADER.match(line) else line


@rule("_")
def time_bullets(line: str) -> str:
    """Remove the times at which an utterance begins and ends."""
    return _BULLET.sub("", line)


@rule("%")
def dependent_tiers(line: str) -> str:
    """Remove annotation that runs to the end of a transcript's line."""
    return _TIER.sub("", line)


@rule("[]")
def action_notes(line: str) -> str:
    """Remove what a transcriber wrote in square brackets, closed on the same line or not."""
    line = without(line, bracketed(line, "[", "]"))
    return _OPEN_NOTE.sub("", _CLOSED_NOTE.sub(r"\g<mark>", line))


@rule("<")
def scopes(line: str) -> str:
    """Remove the angle brackets around what a code refers to; the words stay."""
    return _SCOPE.sub(r"\1", line)


@rule("(")
def pauses(line: str) -> str:
    """Remove pauses, measured or not."""
    return _PAUSE.sub("", line)


@rule("&")
def fillers(line: str) -> str:
    """Read filled pauses as the words they are."""
    return _FILLER.sub("", line)


@rule("&")
def sounds(line: str) -> str:
    """Remove sounds, fragments of words and what others threw in."""
    return _EVENT.sub("", line)


@rule()
def unintelligible(line: str) -> str:
    """Remove the codes for what nobody understood."""
    return _UNINTELLIGIBLE.sub("", line) if "xx" in line or "yy" in line or "www" in line else line


@rule("0")
def omitted_words(line: str) -> str:
    """Remove words that were not said but that a transcriber supplied."""
    return _OMITTED.sub("", line)


@rule("(")
def completions(line: str) -> str:
    """Write shortened words in full, where the transcriber says what is missing."""
    return _COMPLETION.sub(r"\1\2", line)


@rule("@")
def special_forms(line: str) -> str:
    """Remove the suffixes that say what kind of form a word is; addresses stay."""
    return _FORM.sub("", line)


@rule("_+")
def joined_compounds(line: str) -> str:
    """Write compounds that a transcriber joined as words of their own."""
    return _COMPOUND.sub(" ", line)


@rule("+")
def terminators(line: str) -> str:
    """Turn the codes of broken-off and quoting utterances into marks; remove those that link utterances."""
    return _LINKER.sub("", _TERMINATOR.sub(lambda match: _MARK_OF[match["mark"]], line))


@rule(_PROSODY + "‡„:^")
def prosody(line: str) -> str:
    """Remove marks of overlap, pitch, stress, lengthening and stutter."""
    line = _PROSODIES.sub("", _STUTTER.sub("", line))
    return _BLOCKED.sub("", _LENGTHENED.sub("", _SATELLITE.sub(",", line)))


@rule("<")
def angle_notes(line: str) -> str:
    """Remove notes in angle brackets."""
    return _ANGLE.sub("", line)


@rule("=")
def cut_words(line: str) -> str:
    """Remove the signs at which a word was cut."""
    return _CUT.sub("", line)


@rule("*")
def annotators_comments(line: str) -> str:
    """Remove annotators' comments, which run from a star to the end of the line, and their codes."""
    return _COMMENT.sub("", _COMMENT_CODE.sub("", line))


@rule("{}")
def disfluencies(line: str) -> str:
    """Remove the braces and codes around fillers, asides and conjunctions; the words stay."""
    return _DISFLUENCY.sub("", line)


@rule("[]+/()")
def restarts(line: str) -> str:
    """Remove the signs of restarts, ends of utterances and doubtful hearing; the words stay."""
    return _DOUBTFUL.sub("", _SLASH.sub("", _RESTART.sub("", line)))
