"""Pronouns and what they agree with: reflexives, possessives, and subjects that take up somebody.

A pronoun of the text agrees in number and gender with what it stands for; a possessive that nothing in
the sentence owns (`his dog` out of the blue) is not written. Where one person's gender is not known, no
possessive is given.
"""

from __future__ import annotations

from climb.sample_corpus.dice import weighted
from climb.sample_corpus.voice import FIRST, PLURAL, SINGULAR, Phrase

SUBJECTS = weighted(
    (4, Phrase("he", SINGULAR, "m")), (4, Phrase("she", SINGULAR, "f")), (3, Phrase("they", PLURAL, "p")),
    (4, Phrase("I", FIRST, "i")), (3, Phrase("you", PLURAL, "you")), (3, Phrase("we", PLURAL, "we")),
)  # fmt: skip
REFLEXIVES: dict[str, tuple[str, ...]] = {
    "m": ("himself", "themselves"), "f": ("herself", "themselves"), "n": ("itself", "themselves"),
    "i": ("", "", "myself"), "you": ("", "yourself"), "we": ("", "ourselves"),
}  # fmt: skip
POSSESSIVES: dict[str, tuple[str | None, ...]] = {
    "m": ("his", "their"), "f": ("her", "their"), "n": ("its", "their"), "p": (None, "their"),
    "i": (None, None, "my"), "you": (None, "your"), "we": (None, "our"),
}  # fmt: skip
_TAKING_UP: dict[str, Phrase] = {
    "m": Phrase("he", SINGULAR, "m"),
    "f": Phrase("she", SINGULAR, "f"),
    "n": Phrase("it", SINGULAR, "n", "animal"),
}


def possessive(who: Phrase) -> str | None:
    """Return his, her, its, their and so on, as the phrase asks; None for one person of unknown gender."""
    return POSSESSIVES[who.gender][who.agreement]


def reflexive_pronoun(phrase: Phrase, coin: float) -> str:
    """Return the pronoun that agrees with the phrase; for a person of either gender the coin decides."""
    gender = phrase.gender if phrase.gender != "p" else "mf"[int(coin * 2)]
    return REFLEXIVES[gender][phrase.agreement]


def subject_pronoun(who: Phrase) -> Phrase | None:
    """Return he, she, it or they for the phrase; None for speakers and for one person of unknown gender."""
    if who.gender in ("i", "you", "we"):
        return None
    if who.agreement == PLURAL:
        return Phrase("they", PLURAL, "p", "animal" if who.gender == "n" else "person")
    return _TAKING_UP.get(who.gender)
