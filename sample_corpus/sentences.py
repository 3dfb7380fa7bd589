"""Whole sentences that all registers share: casing, punctuation, questions, coordination."""

from __future__ import annotations

from collections.abc import Callable

from climb.sample_corpus import binding
from climb.sample_corpus import clauses as cl
from climb.sample_corpus import lexicon as lx
from climb.sample_corpus import noun_phrases as np_
from climb.sample_corpus.dice import weighted
from climb.sample_corpus.verb_groups import BE, BE_PAST, HAVE, parts, with_auxiliary
from climb.sample_corpus.voice import SINGULAR, Phrase, Voice

Sentence = Callable[[Voice], str]
_SUBORDINATORS = weighted((5, "because"), (4, "when"), (2, "while"), (2, "if"), (1, "although"))


def finished(clause: str, mark: str = ".") -> str:
    """Return the clause with a capital letter and its mark."""
    return clause[0].upper() + clause[1:] + mark


def statement(v: Voice) -> str:
    """The boy eats the apple."""
    return finished(cl.simple(v))


def thing_statement(v: Voice) -> str:
    """The apple is red."""
    return finished(cl.about_thing(v))


def distractor_statement(v: Voice) -> str:
    """The boy near the girls is sleeping."""
    return finished(cl.distracted(v))


def reflexive_statement(v: Voice) -> str:
    """The boy that saw the girls has hurt himself."""
    return finished(binding.reflected(v))


def polar_statement(v: Voice) -> str:
    """No boy that the girl saw has ever slept."""
    return finished(cl.polar(v))


def knowledge(v: Voice) -> str:
    """Mary knows what the boy ate."""
    return finished(cl.knowing(v, np_.subject(v)))


def opinion(v: Voice) -> str:
    """Mary thinks that the boy sleeps."""
    return finished(cl.saying(v, np_.subject(v)))


def passive_statement(v: Voice) -> str:
    """The letter was written by the girl."""
    return finished(cl.passive(v))


def existence(v: Voice) -> str:
    """There are two dogs in the garden."""
    return finished(cl.existential(v))


def coordination(v: Voice) -> str:
    """The boy sleeps, and the girl eats the apple; also two subjects of one verb."""
    if v.dice.chance(0.35):
        first = np_.simple(v, "person")
        second = np_.relative(v, first) if v.dice.chance(0.5) else np_.simple(v, "person")
        both = first._replace(text=f"{first.text} and {second.text}", agreement=1, gender="p")
        return finished(cl.verbal(v, both))
    who = cl.anybody(v)
    then = cl.about(v, np_.taken_up(v, who, 0.6))
    return finished(f"{cl.about(v, who)}, {v.dice.pick(('and', 'but', 'and', 'so'))} {then}")


def subordination(v: Voice) -> str:
    """When the boy sleeps, the girl reads; the girl reads because she is tired."""
    linker, who = v.dice.pick(_SUBORDINATORS), cl.anybody(v)
    first, second = cl.about(v, who), cl.about(v, np_.taken_up(v, who, 0.7))
    return finished(f"{linker} {first}, {second}" if v.dice.chance(0.4) else f"{first} {linker} {second}")


def yes_no_question(v: Voice) -> str:
    """Does the boy near the girls like the dog?"""
    who = np_.full(v, "animal") if v.dice.chance(0.2) else np_.subject(v)
    if v.dice.chance(0.25):
        be = (BE if v.dice.chance(0.6) else BE_PAST)[who.agreement]
        return finished(f"{be} {who.text} {v.dice.pick(lx.MOODS)}", "?")
    frame = cl.transitive if v.dice.chance(0.6) else cl.intransitive
    verb, tail = frame(v, who)
    auxiliary, main = with_auxiliary(v, who.agreement, verb, v.dice.pick(v.style.tenses))
    return finished(f"{auxiliary} {who.text} {main}{tail}{cl.ending(v)}", "?")


def ever_question(v: Voice) -> str:
    """Has the boy ever eaten the apple? Also its opposite: the boy has probably eaten the apple."""
    who = np_.full(v, "animal") if v.dice.chance(0.2) else np_.subject(v)
    verb, tail = (cl.transitive if v.dice.chance(0.6) else cl.intransitive)(v, who)
    have = HAVE[who.agreement] if v.dice.chance(0.8) else "had"
    if v.dice.chance(0.65):
        return finished(f"{have} {who.text} ever {verb.participle}{tail}", "?")
    return finished(f"{who.text} {have} {v.dice.pick(lx.EPISTEMICS)} {verb.participle}{tail}")


def wh_question(v: Voice) -> str:
    """What did the boy eat? Which book has she read? Who slept? Where does he go?"""
    u = v.dice.u()
    who, action = np_.subject(v), v.dice.pick(lx.ACTIONS["person"])
    tense = v.dice.pick(v.style.tenses)
    if u < 0.2:
        verb, tail = cl.transitive(v, Phrase("who", SINGULAR, "p"))
        auxiliary, main = parts(v, 0, verb, tense)
        return finished(f"who {auxiliary} {main}{tail}" if auxiliary else f"who {main}{tail}", "?")
    auxiliary, main = with_auxiliary(v, who.agreement, action.verb, tense)
    if u < 0.35:
        verb, tail = cl.intransitive(v, who)
        auxiliary, main = with_auxiliary(v, who.agreement, verb, tense)
        return finished(f"{v.dice.pick(('where', 'why', 'when'))} {auxiliary} {who.text} {main}{tail}", "?")
    if u < 0.5 and action.theme != "drink":
        thing = v.dice.pick(lx.NOUNS[action.theme]).forms[np_.number(v)]
        return finished(f"which {thing} {auxiliary} {who.text} {main}", "?")
    word = "who" if action.theme == "person" else "what"
    return finished(f"{word} {auxiliary} {who.text} {main}", "?")
