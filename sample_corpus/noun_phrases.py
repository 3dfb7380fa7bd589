"""Noun phrases: determiner, adjectives, noun, and a prepositional phrase or relative clause behind it."""

from __future__ import annotations

from climb.sample_corpus import verb_groups
from climb.sample_corpus.dice import weighted
from climb.sample_corpus.lexicon import AGENT_OF, DRINKS, MASSES, NAMES, NOUNS, Noun
from climb.sample_corpus.morphology import article
from climb.sample_corpus.voice import FIRST, PLURAL, SINGULAR, Phrase, Voice

DETERMINERS = (
    weighted(
        (34, "the"), (18, "a"), (10, "this"), (10, "that"), (4, "my"), (2, "your"), (3, "his"), (3, "her"),
        (3, "every"), (1, "each"), (3, "one"), (2, "another"), (2, "our"), (1, "their"),
    ),
    weighted(
        (34, "the"), (10, "these"), (10, "those"), (5, "some"), (3, "many"), (4, "two"), (2, "three"), (2, "all"),
        (1, "several"), (1, "most"), (3, "my"), (2, "your"), (2, "his"), (2, "her"), (2, "our"), (1, "their"),
    ),
)  # fmt: skip
DEFINITE = weighted((6, "the"), (1, "my"), (1, "her"), (1, "his"), (1, "your"), (1, "our"))
DEMONSTRATIVES = (("this", "that"), ("these", "those"))
LOCATIONS = weighted((5, "near"), (4, "behind"), (3, "beside"), (2, "next to"), (2, "in front of"))
PRONOUNS = weighted(
    (4, Phrase("he", SINGULAR, "m")), (4, Phrase("she", SINGULAR, "f")), (3, Phrase("they", PLURAL, "p")),
    (4, Phrase("I", FIRST, "i")), (3, Phrase("you", PLURAL, "you")), (3, Phrase("we", PLURAL, "we")),
)  # fmt: skip
THIRD_PERSONS = PRONOUNS[:11]
REFLEXIVES = {
    "m": ("himself", "themselves"), "f": ("herself", "themselves"), "n": ("itself", "themselves"),
    "i": ("", "", "myself"), "you": ("", "yourself"), "we": ("", "ourselves"),
}  # fmt: skip
_MARKED_KINDS = weighted((3, "person"), (2, "animal"), (1, "thing"), (1, "place"), (1, "furniture"))


def determined(determiner: str, rest: str) -> str:
    """Return determiner and rest as one string, with the form of the indefinite article that fits."""
    return f"{article(rest) if determiner == 'a' else determiner} {rest}"


def modified(v: Voice, noun: Noun, agreement: int, probability: float) -> str:
    """Return the noun in its number, with an adjective or two as often as asked."""
    text = noun.forms[agreement]
    if noun.adjectives and v.dice.chance(probability):
        text = f"{v.dice.pick(noun.adjectives)} {text}"
        if v.dice.chance(0.08):
            text = f"very {text}"
    return text


def bare(v: Voice, noun: Noun, agreement: int, determiner: str | None = None) -> str:
    """Return determiner, adjectives and noun, without anything behind the noun."""
    return determined(
        determiner or v.dice.pick(DETERMINERS[agreement]), modified(v, noun, agreement, v.style.adjective)
    )


def number(v: Voice) -> int:
    """Return SINGULAR or PLURAL as often as the style asks."""
    return int(v.dice.chance(v.style.plural))


def name(v: Voice) -> Phrase:
    """Return a character of the document, rarely somebody new."""
    who = v.dice.pick(v.cast) if v.dice.chance(0.85) else v.dice.pick(NAMES)
    return Phrase(who.text, SINGULAR, who.gender)


def simple(v: Voice, kind: str) -> Phrase:
    """Return a noun phrase of a class without a modifier behind the noun; a person may be a name."""
    if kind == "person" and v.dice.chance(v.style.names):
        return name(v)
    noun, agreement = v.dice.pick(NOUNS[kind]), number(v)
    return Phrase(bare(v, noun, agreement), agreement, noun.gender, kind)


def located(v: Voice, kind: str | None = None) -> str:
    """Return a phrase that tells which one is meant: `near the old tables`, `with the red hat`."""
    if kind is None and v.dice.chance(0.25):
        return f"with {bare(v, v.dice.pick(NOUNS['thing']), number(v))}"
    noun = v.dice.pick(NOUNS[kind or v.dice.pick(_MARKED_KINDS)])
    return f"{v.dice.pick(LOCATIONS)} {bare(v, noun, number(v))}"


def relative_clause(v: Voice, gender: str, agreement: int) -> str:
    """Return a relative clause on a person, animal (n) or several: the gap is its subject or object."""
    if v.dice.chance(0.5):
        other = simple(v, "person")
        verb = v.dice.pick(AGENT_OF["person" if gender != "n" else "animal"])
        return f"that {other.text} {verb_groups.plain(v, other.agreement, verb)}"
    verb = v.dice.pick(AGENT_OF["person"])
    linker = "who" if gender != "n" and v.dice.chance(0.3) else "that"
    return f"{linker} {verb_groups.plain(v, agreement, verb)} {simple(v, 'person').text}"


def full(v: Voice, kind: str, modifier: float | None = None) -> Phrase:
    """Return a noun phrase that may carry a prepositional phrase or a relative clause."""
    phrase = simple(v, kind)
    if phrase.text[0].isupper() or not v.dice.chance(v.style.modifier if modifier is None else modifier):
        return phrase
    if kind in ("person", "animal", "male", "female") and v.dice.chance(0.5):
        return phrase._replace(text=f"{phrase.text} {relative_clause(v, phrase.gender, phrase.agreement)}")
    return phrase._replace(text=f"{phrase.text} {located(v)}")


def theme(v: Voice, kind: str) -> str:
    """Return an object of the class that a verb asks for; drinks and some things are masses."""
    if kind == "drink" or (kind == "thing" and v.dice.chance(0.06)):
        word = v.dice.pick(DRINKS if kind == "drink" else MASSES)
        return f"{v.dice.pick(('the', 'some', 'this', 'the', 'her', 'his'))} {word}"
    return full(v, kind).text


def related(v: Voice) -> Phrase:
    """Return a noun with an of-phrase: `the owner of the two dogs`."""
    noun, agreement = v.dice.pick(NOUNS["relational"]), number(v)
    other = v.dice.pick(NOUNS[v.dice.pick(("person", "animal", "person", "place"))])
    text = f"{bare(v, noun, agreement, 'the')} of {bare(v, other, number(v))}"
    return Phrase(text, agreement, "n", "topic")


def subject(v: Voice, kind: str = "person") -> Phrase:
    """Return a subject: a pronoun, a name, or a full noun phrase."""
    if kind == "person" and v.dice.chance(v.style.pronouns):
        return v.dice.pick(PRONOUNS)
    return full(v, kind)


def reflexive(phrase: Phrase, coin: float) -> str:
    """Return the pronoun that agrees with the phrase; for a person of either gender the coin decides."""
    gender = phrase.gender if phrase.gender != "p" else "mf"[int(coin * 2)]
    return REFLEXIVES[gender][phrase.agreement]
