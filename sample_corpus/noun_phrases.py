"""Noun phrases: determiner, adjectives, noun, and a prepositional phrase or relative clause behind it."""

from __future__ import annotations

from climb.sample_corpus import verb_groups
from climb.sample_corpus.dice import weighted
from climb.sample_corpus.lexicon import AGENT_OF, DRINKS, GIVEN_NAMES, MASSES, NAMES, NOUNS, Noun
from climb.sample_corpus.morphology import article
from climb.sample_corpus.pronouns import SUBJECTS, possessive, subject_pronoun
from climb.sample_corpus.voice import SINGULAR, Phrase, Voice

DETERMINERS = (
    weighted(
        (34, "the"), (18, "a"), (10, "this"), (10, "that"), (4, "my"), (2, "your"), (3, "every"), (1, "each"),
        (3, "one"), (2, "another"), (2, "our"),
    ),
    weighted(
        (34, "the"), (10, "these"), (10, "those"), (5, "some"), (3, "many"), (4, "two"), (2, "three"), (2, "all"),
        (1, "several"), (1, "most"), (3, "my"), (2, "your"), (2, "our"),
    ),
)  # fmt: skip
DEFINITE = weighted((6, "the"), (1, "my"), (1, "your"), (1, "our"))
DEMONSTRATIVES = (("this", "that"), ("these", "those"))
_OF_NAMED = weighted((3, "my"), (3, "the"), (1, "our"), (1, "your"))
LOCATIONS = weighted((5, "near"), (4, "behind"), (3, "beside"), (2, "next to"), (2, "in front of"))
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
    """Return a character of the document, rarely somebody new: `Mary`, now and then `my sister Mary`."""
    who = v.dice.pick(v.cast) if v.dice.chance(0.85) else v.dice.pick(NAMES)
    if not v.dice.chance(0.25):
        return Phrase(who.text, SINGULAR, who.gender)
    noun = v.dice.pick(NOUNS["male" if who.gender == "m" else "female"])
    return Phrase(f"{v.dice.pick(_OF_NAMED)} {noun.forms[0]} {who.text}", SINGULAR, who.gender)


def simple(v: Voice, kind: str) -> Phrase:
    """Return a noun phrase of a class without a modifier behind the noun; a person may be a name."""
    if kind == "person" and v.dice.chance(v.style.names):
        return name(v)
    noun, agreement = v.dice.pick(NOUNS[kind]), number(v)
    return Phrase(bare(v, noun, agreement), agreement, noun.gender, kind)


def located(v: Voice, kind: str | None = None, who: Phrase | None = None) -> str:
    """Return a phrase that tells which one is meant: `near the old tables`; of a person also `with her red hat`."""
    own = possessive(who) if who is not None else None
    if kind is None and v.dice.chance(0.6 if own else 0.25):
        return f"with {bare(v, v.dice.pick(NOUNS['thing']), number(v), own)}"
    noun = v.dice.pick(NOUNS[kind or v.dice.pick(_MARKED_KINDS)])
    return f"{v.dice.pick(LOCATIONS)} {bare(v, noun, number(v))}"


def of_gender(v: Voice, gender: str) -> Phrase:
    """Return one man or woman (m, f), as a name or a noun; a name is of the cast where the cast has one."""
    if v.dice.chance(v.style.names):
        cast = [who.text for who in v.cast if who.gender == gender]
        return Phrase(v.dice.pick(cast or GIVEN_NAMES[gender]), SINGULAR, gender)
    noun = v.dice.pick(NOUNS["male" if gender == "m" else "female"])
    return Phrase(bare(v, noun, SINGULAR), SINGULAR, gender)


def relative_clause(v: Voice, gender: str, agreement: int, other: Phrase | None = None) -> str:
    """Return a relative clause on a person, animal (n) or several: the gap is its subject or object."""
    other = other or simple(v, "person")
    if v.dice.chance(0.5):
        verb = v.dice.pick(AGENT_OF["person" if gender != "n" else "animal"])
        return f"that {other.text} {verb_groups.plain(v, other.agreement, verb)}"
    verb = v.dice.pick(AGENT_OF["person"])
    linker = "who" if gender != "n" and v.dice.chance(0.3) else "that"
    return f"{linker} {verb_groups.plain(v, agreement, verb)} {other.text}"


def full(v: Voice, kind: str, modifier: float | None = None) -> Phrase:
    """Return a noun phrase that may carry a prepositional phrase or a relative clause."""
    phrase = simple(v, kind)
    named = phrase.text.rsplit(" ", 1)[-1][0].isupper()
    if named or not v.dice.chance(v.style.modifier if modifier is None else modifier):
        return phrase
    if kind in ("person", "animal", "male", "female") and v.dice.chance(0.5):
        return phrase._replace(text=f"{phrase.text} {relative_clause(v, phrase.gender, phrase.agreement)}")
    return phrase._replace(text=f"{phrase.text} {located(v, who=phrase)}")


def relative(v: Voice, who: Phrase) -> Phrase:
    """Return somebody of this person's: `her brother`; anybody where the person's gender is unknown."""
    noun, agreement = v.dice.pick(NOUNS["person"]), number(v)
    return Phrase(bare(v, noun, agreement, possessive(who)), agreement, noun.gender)


def theme(v: Voice, kind: str, owner: Phrase | None = None, share: float = 0.35) -> str:
    """Return an object of the class that a verb asks for; drinks and some things are masses.

    Where an owner is given (mostly the subject), the object is the owner's as often as `share` says.
    """
    own = possessive(owner) if owner is not None and v.dice.chance(share) else None
    if kind == "drink" or (kind == "thing" and v.dice.chance(0.06)):
        word = v.dice.pick(DRINKS if kind == "drink" else MASSES)
        return f"{own or v.dice.pick(('the', 'some', 'this', 'the'))} {word}"
    if own is not None:
        return bare(v, v.dice.pick(NOUNS[kind]), number(v), own)
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
        return v.dice.pick(SUBJECTS)
    return full(v, kind)


def taken_up(v: Voice, who: Phrase, share: float) -> Phrase:
    """Return the subject of a later clause: as often as `share` says the pronoun for `who`, else a new one."""
    pronoun = subject_pronoun(who)
    return pronoun if pronoun is not None and v.dice.chance(share) else subject(v)
