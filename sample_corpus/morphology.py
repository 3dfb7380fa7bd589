"""Regular English inflection: plurals, verb forms, the indefinite article. Irregular forms are listed."""

from __future__ import annotations

_VOWELS = "aeiou"
_SIBILANT = ("s", "x", "z", "ch", "sh")
_SILENT_START = ("hour", "honest", "heir")
_CONSONANT_START = ("uni", "use", "usu", "one", "once", "eu")
_DOUBLES_LATE = {"begin", "forget", "prefer", "admit", "travel"}
_O_PLURALS = {"potato", "tomato", "mango"}


def _y_after_consonant(word: str) -> bool:
    return word.endswith("y") and word[-2] not in _VOWELS


def _doubles_last(word: str) -> bool:
    """Say whether a suffix doubles the last letter: hug → hugged, but visit → visited."""
    if word in _DOUBLES_LATE:
        return True
    vowels = sum(letter in _VOWELS for letter in word)
    return vowels == 1 and len(word) > 2 and word[-1] not in _VOWELS + "wxy" and word[-2] in _VOWELS


def plural(noun: str) -> str:
    """Return the regular plural: dogs, boxes, babies, potatoes."""
    if _y_after_consonant(noun):
        return noun[:-1] + "ies"
    return noun + ("es" if noun.endswith(_SIBILANT) or noun in _O_PLURALS else "s")


def third_person(verb: str) -> str:
    """Return the third person singular present: runs, pushes, carries, goes."""
    if _y_after_consonant(verb):
        return verb[:-1] + "ies"
    return verb + ("es" if verb.endswith((*_SIBILANT, "o")) else "s")


def past(verb: str) -> str:
    """Return the regular past: helped, liked, hugged, carried."""
    if verb.endswith("e"):
        return verb + "d"
    if _y_after_consonant(verb):
        return verb[:-1] + "ied"
    return verb + (verb[-1] if _doubles_last(verb) else "") + "ed"


def ing(verb: str) -> str:
    """Return the present participle: helping, liking, hugging, seeing."""
    if verb.endswith("e") and not verb.endswith("ee"):
        return verb[:-1] + "ing"
    return verb + (verb[-1] if _doubles_last(verb) else "") + "ing"


def article(word: str) -> str:
    """Return "a" or "an" as the sound of the next word asks: an hour, a uniform."""
    lower = word.lower()
    if lower.startswith(_SILENT_START):
        return "an"
    return "an" if lower[0] in _VOWELS and not lower.startswith(_CONSONANT_START) else "a"
