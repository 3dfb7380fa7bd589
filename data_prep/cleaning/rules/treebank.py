"""Rules for text in the tokens of the Penn Treebank, as the Children's Book Test is distributed."""

from __future__ import annotations

import re

from climb.data_prep.cleaning.rules.declaring import rule

_CLOSING = re.compile(r"(?<=[.,!?;:—-]) '(?= |$)")
_BRACKET = {"-LRB-": "(", "-RRB-": ")", "-LSB-": "[", "-RSB-": "]", "-LCB-": "{", "-RCB-": "}"}
_BRACKETS = re.compile("|".join(_BRACKET))
_INSIDE_BRACKETS = re.compile(r"(?<=[(\[{]) | (?=[)\]}])")
_WORD = re.compile(
    r"\b(can) (not)\b(?! (?:only|but|just|merely|even|always)\b)|\b(gon|wan) (na)\b|\b(got) (ta)\b|\b(gim|lem) (me)\b"
    r"|(?<!\S)('t) (is|was|were|will|would)\b|\b(d) ('ye)\b|\b(more) ('n)\b",
    re.IGNORECASE,
)
_APOSTROPHE = re.compile(r"(?<=\w) '(?=\s|$)(?! I\b)")
_OPENING = re.compile(r"(?<=[,:]) ' (?=[A-Z])")


@rule("`'")
def treebank_quotes(line: str) -> str:
    """Turn Penn Treebank quotes into plain ones."""
    if "`" not in line and "''" not in line and " '" not in line:
        return line
    line = line.replace("`` ", '"').replace("``", '"').replace(" ''", '"').replace("''", '"')
    return _CLOSING.sub("'", _OPENING.sub(" '", line).replace("` ", "'").replace("`", "'"))


@rule("-")
def treebank_brackets(line: str) -> str:
    """Turn Penn Treebank brackets into plain ones."""
    if "RB-" not in line and "SB-" not in line and "CB-" not in line:
        return line
    return _INSIDE_BRACKETS.sub("", _BRACKETS.sub(lambda match: _BRACKET[match.group()], line))


@rule()
def treebank_words(line: str) -> str:
    """Join the words that the Penn Treebank takes apart."""
    if not (
        "an not" in line or "n na" in line or "t ta" in line or "m me" in line or " '" in line or line[:1] == "'"
    ):
        return line
    return _WORD.sub(lambda match: "".join(filter(None, match.groups())), line)


@rule("'")
def lone_apostrophes(line: str) -> str:
    """Join an apostrophe that stands alone with the word before it."""
    return _APOSTROPHE.sub("'", line) if " '" in line else line
