"""Clauses: a subject and one of the things that can be said about it."""

from __future__ import annotations

from collections.abc import Callable

from climb.sample_corpus import lexicon as lx
from climb.sample_corpus import noun_phrases as np_
from climb.sample_corpus.dice import weighted
from climb.sample_corpus.lexicon import Verb
from climb.sample_corpus.pronouns import possessive, reflexive_pronoun
from climb.sample_corpus.verb_groups import copula, group
from climb.sample_corpus.voice import Phrase, Voice

Predicate = tuple[Verb, str]
_DIRECTIONS = weighted((8, "to"), (2, "into"), (2, "towards"), (1, "past"))
_PLACES = weighted((5, "in"), (3, "near"), (2, "behind"), (1, "outside"))
_GIFTS = weighted((3, "thing"), (2, "readable"), (2, "food"))


def place(v: Voice) -> str:
    """Return where: `in the garden`."""
    noun = v.dice.pick(lx.NOUNS["place"])
    return f"{v.dice.pick(_PLACES)} {np_.bare(v, noun, int(v.dice.chance(0.1)), v.dice.pick(np_.DEFINITE))}"


def ending(v: Voice) -> str:
    """Return an optional close of a clause, with its blank: how, where or when; often empty."""
    if not v.dice.chance(v.style.ending):
        return ""
    u = v.dice.u()
    if u < 0.4:
        return f" {place(v)}"
    return f" {v.dice.pick(lx.MANNERS if u < 0.75 else lx.WHENS)}"


def intransitive(v: Voice, who: Phrase) -> Predicate:
    """The boy sleeps."""
    return v.dice.pick(lx.INTRANSITIVES["animal" if who.kind == "animal" else "person"]), ""


def motion(v: Voice, who: Phrase) -> Predicate:
    """The boy walks to the river."""
    target = v.dice.pick(lx.NOUNS["place"])
    own = possessive(who) if v.dice.chance(0.3) else None
    where = np_.bare(v, target, int(v.dice.chance(0.15)), own or v.dice.pick(np_.DEFINITE))
    return v.dice.pick(lx.MOTIONS), f" {v.dice.pick(_DIRECTIONS)} {where}"


def transitive(v: Voice, who: Phrase) -> Predicate:
    """The boy eats the apple."""
    action = v.dice.pick(lx.ACTIONS["animal" if who.kind == "animal" else "person"])
    return action.verb, f" {np_.theme(v, action.theme, who)}"


def possessing(v: Voice, who: Phrase) -> Predicate:
    """The boy eats his apple."""
    action = v.dice.pick(lx.ACTIONS["person"])
    return action.verb, f" {np_.theme(v, action.theme, who, 1.0)}"


def reflexive(v: Voice, who: Phrase) -> Predicate:
    """The boy hurts himself."""
    return v.dice.pick(lx.REFLEXIVES), f" {reflexive_pronoun(who, v.dice.u())}"


def ditransitive(v: Voice, who: Phrase) -> Predicate:
    """The boy gives the girl a book; the boy gives a book to the girl."""
    gift, receiver = np_.simple(v, v.dice.pick(_GIFTS)).text, np_.simple(v, "person").text
    verb = v.dice.pick(lx.DITRANSITIVES)
    return verb, f" {receiver} {gift}" if v.dice.chance(0.4) else f" {gift} to {receiver}"


def wanting(v: Voice, who: Phrase) -> Predicate:
    """The boy wants to eat the apple."""
    inner, tail = v.dice.pick(_SIMPLE_FRAMES)(v, who)
    return v.dice.pick(lx.WANTERS), f" to {inner.base}{tail}"


_Frame = Callable[[Voice, Phrase], Predicate]
_SIMPLE_FRAMES: tuple[_Frame, ...] = weighted(
    (40, transitive), (16, intransitive), (8, motion), (10, reflexive), (6, ditransitive)
)
_PERSON_FRAMES: tuple[_Frame, ...] = (*_SIMPLE_FRAMES, *weighted((6, wanting)))
_ANIMAL_FRAMES: tuple[_Frame, ...] = weighted((5, transitive), (3, intransitive))


def verbal(v: Voice, who: Phrase) -> str:
    """Return subject, verb group and complements."""
    frame = v.dice.pick(_ANIMAL_FRAMES if who.kind == "animal" else _PERSON_FRAMES)
    verb, tail = frame(v, who)
    return f"{who.text} {group(v, who.agreement, verb, who.licenses)}{tail}{ending(v)}"


def copular(v: Voice, who: Phrase) -> str:
    """Return a clause with be or a verb like it: a quality, a comparison, a kind or a place."""
    u = v.dice.u()
    animate = who.kind in ("person", "animal", "male", "female")
    quality = v.dice.pick(lx.MOODS if animate else lx.QUALITIES)
    if u < 0.1 and animate:
        return f"{who.text} {group(v, who.agreement, v.dice.pick(lx.COPULAS))} {quality}"
    be = copula(v, who.agreement)
    if u < 0.55:
        return f"{who.text} {be} {v.dice.pick(('', '', 'very ', 'so ', 'too '))}{quality}"
    if u < 0.7 and animate:
        return f"{who.text} {be} {v.dice.pick(lx.COMPARATIVES)} than {np_.simple(v, who.kind).text}"
    return f"{who.text} {be} {place(v)}"


def saying(v: Voice, who: Phrase) -> str:
    """Return a clause about a clause: `Mary thinks that the dog sleeps`."""
    linker = "that " if v.dice.chance(0.7) else ""
    inner = about(v, np_.taken_up(v, who, 0.5))
    return f"{who.text} {group(v, who.agreement, v.dice.pick(lx.SAYERS))} {linker}{inner}"


def knowing(v: Voice, who: Phrase) -> str:
    """Return an embedded clause with that and everything in place, or a wh-word and its gap."""
    matrix = f"{who.text} {group(v, who.agreement, v.dice.pick(lx.FACTIVES))}"
    agent, action = np_.taken_up(v, who, 0.3), v.dice.pick(lx.ACTIONS["person"])
    inner = f"{agent.text} {group(v, agent.agreement, action.verb)}"
    if v.dice.chance(0.5):
        return f"{matrix} {'who' if action.theme == 'person' else 'what'} {inner}{ending(v)}"
    return f"{matrix} that {inner} {np_.theme(v, action.theme, agent)}{ending(v)}"


def polar(v: Voice) -> str:
    """Return a clause about polarity: `no boy that the girls saw has ever slept`.

    Where the negation is absent, or hidden in the relative clause, an epistemic adverb takes the place of
    `ever`: `the boy that no girls saw has probably slept`.
    """
    kind = "animal" if v.dice.chance(0.2) else "person"
    noun, agreement = v.dice.pick(lx.NOUNS[kind]), np_.number(v)
    outside = v.dice.pick(("no", "no", "no", "no", "only the"))
    licenses = v.dice.chance(0.55)
    head = np_.bare(v, noun, agreement, outside if licenses else None)
    if not licenses or v.dice.chance(0.5):
        other, number = v.dice.pick(lx.NOUNS["person"]), np_.number(v)
        inner = np_.bare(v, other, number, None if licenses else outside)
        verb = v.dice.pick(lx.AGENT_OF["person"])
        head = f"{head} that {inner} {verb.past}"
    who = Phrase(head, agreement, noun.gender, kind, licenses)
    if licenses:
        return verbal(v, who)
    verb, tail = v.dice.pick(_SIMPLE_FRAMES if kind == "person" else _ANIMAL_FRAMES)(v, who)
    have = ("has", "have")[agreement]
    return f"{head} {have} {v.dice.pick(lx.EPISTEMICS)} {verb.participle}{tail}"


def distracted(v: Voice) -> str:
    """Return a clause whose subject and verb have another noun between them."""
    if v.dice.chance(0.45):
        return copular(v, np_.related(v))
    who = np_.full(v, "animal" if v.dice.chance(0.25) else "person", 1.0)
    return verbal(v, who) if v.dice.chance(0.6) else copular(v, who)


def passive(v: Voice) -> str:
    """Return a passive clause: `the letter was written by the girl`."""
    action = v.dice.pick(lx.ACTIONS["person"])
    while action.theme in ("drink", "sight"):
        action = v.dice.pick(lx.ACTIONS["person"])
    what = np_.full(v, action.theme)
    agent = f" by {np_.simple(v, 'person').text}" if v.dice.chance(0.6) else ""
    return f"{what.text} {copula(v, what.agreement)} {action.verb.participle}{agent}{ending(v)}"


def existential(v: Voice) -> str:
    """Return a clause with there: `there are two dogs in the garden`."""
    kind = v.dice.pick(("person", "animal", "thing", "food", "plant"))
    noun, agreement = v.dice.pick(lx.NOUNS[kind]), np_.number(v)
    quantity = v.dice.pick((("a", "a", "one", "no"), ("some", "two", "many", "three", "no"))[agreement])
    be = copula(v, agreement)
    if be.endswith(("not", "n't")) and quantity in ("no", "some"):
        quantity = "any"
    return f"there {be} {np_.bare(v, noun, agreement, quantity)} {place(v)}"


_Clause = Callable[[Voice, Phrase], str]
_ABOUT: tuple[_Clause, ...] = weighted((7, verbal), (3, copular))


def about(v: Voice, who: Phrase) -> str:
    """Return a main clause about the subject, without an embedded one."""
    return v.dice.pick(_ABOUT)(v, who)


def anybody(v: Voice) -> Phrase:
    """Return a subject: mostly a person, now and then an animal."""
    return np_.subject(v, "animal" if v.dice.chance(0.2) else "person")


def simple(v: Voice) -> str:
    """Return a main clause about anybody."""
    return about(v, anybody(v))


def about_thing(v: Voice) -> str:
    """Return a copular clause about a thing, a food, a plan and so on."""
    kind = v.dice.pick(("thing", "food", "abstract", "place", "readable", "vehicle", "plant"))
    return copular(v, np_.full(v, kind))
