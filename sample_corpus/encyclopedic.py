"""The encyclopedic register: definitions, passives, numbers, long sentences about one topic a document."""

from __future__ import annotations

from climb.sample_corpus import clauses as cl
from climb.sample_corpus import lexicon as lx
from climb.sample_corpus import noun_phrases as np_
from climb.sample_corpus import sentences as s
from climb.sample_corpus.dice import weighted
from climb.sample_corpus.lexicon import Noun
from climb.sample_corpus.voice import PLURAL, SINGULAR, Phrase, Style, Voice

STYLE = Style(
    tenses=weighted((8, "present"), (6, "past"), (4, "perfect"), (1, "pluperfect"), (1, "modal"), (1, "progressive")),
    plural=0.5, adjective=0.4, modifier=0.35, adverb=0.18, negation=0.05, names=0.08, pronouns=0.06, ending=0.3,
)  # fmt: skip
_COUNTS = ("two", "three", "four", "five", "six", "seven", "ten", "twelve")
_TOPICS = weighted(
    (4, "animal"), (3, "plant"), (3, "thing"), (2, "instrument"), (2, "vehicle"), (2, "food"), (2, "place"),
    (1, "group"),
)  # fmt: skip
_CATEGORIES = {
    "animal": "animal", "plant": "plant", "thing": "object", "instrument": "instrument", "vehicle": "vehicle",
    "food": "dish", "place": "place", "group": "institution",
}  # fmt: skip
_MADE_FOR = weighted((3, "thing"), (2, "vehicle"), (1, "instrument"), (1, "readable"), (1, "food"))


def _topic(v: Voice) -> tuple[str, Noun]:
    """Return the class and noun of a document's topic: the same in all its sentences, told by its cast."""
    letters = sum(map(ord, "".join(name.text for name in v.cast)))
    kind = _TOPICS[letters % len(_TOPICS)]
    bag = lx.NOUNS[kind]
    return kind, bag[letters * 31 % len(bag)]


def _year(v: Voice) -> int:
    return v.dice.between(1650, 2015)


def _person(v: Voice) -> tuple[str, str]:
    """Return the full name and the gender of somebody."""
    name = v.dice.pick(lx.NAMES)
    return f"{name.text} {v.dice.pick(lx.SURNAMES)}", name.gender


def definition(v: Voice) -> str:
    """The otter is a small animal that is often found in Norland."""
    kind, topic = _topic(v)
    adjective = v.dice.pick(topic.adjectives or lx.IDEA_QUALITIES)
    what = np_.determined("a", f"{adjective} {_CATEGORIES[kind]}")
    verb = v.dice.pick(("found", "known", "used", "seen"))
    return (
        f"The {topic.forms[0]} is {what} that is {v.dice.pick(lx.FREQUENCIES)} {verb} in {v.dice.pick(lx.REGIONS)}."
    )


def topical(v: Voice) -> str:
    """Most otters are small; the otter was first described in 1834 by Anna Miller."""
    (kind, topic), u = _topic(v), v.dice.u()
    if u < 0.3:
        return f"The {topic.forms[0]} was first described in {_year(v)} by {_person(v)[0]}."
    if u < 0.5:
        return f"There are {v.dice.pick(_COUNTS)} kinds of {topic.forms[1]} in {v.dice.pick(lx.REGIONS)}."
    if u < 0.75:
        who = Phrase(np_.bare(v, topic, PLURAL), PLURAL, "n", kind)
    else:
        who = Phrase(np_.bare(v, topic, SINGULAR), SINGULAR, "n", kind)
    return s.finished(cl.copular(v, who))


def town(v: Voice) -> str:
    """Halden is a town in Norland with about 12,400 inhabitants."""
    size = f"{v.dice.between(1, 99)},{v.dice.between(1, 9)}00"
    kind = v.dice.pick(("town", "village", "city", "port"))
    return f"{v.dice.pick(lx.TOWNS)} is a {kind} in {v.dice.pick(lx.REGIONS)} with about {size} inhabitants."


def biography(v: Voice) -> str:
    """Anna Miller (born 3 May 1901 in Halden) was a famous painter."""
    day, year = f"{v.dice.between(1, 28)} {v.dice.pick(lx.MONTHS)}", _year(v)
    (name, gender), noun = _person(v), v.dice.pick(lx.NOUNS["person"])
    while noun.gender not in (gender, "p"):
        noun = v.dice.pick(lx.NOUNS["person"])
    return f"{name} (born {day} {year} in {v.dice.pick(lx.TOWNS)}) was {np_.bare(v, noun, SINGULAR, 'a')}."


def history(v: Voice) -> str:
    """In 1834, the two old bridges near the river were destroyed by the army."""
    kind = v.dice.pick(_MADE_FOR)
    what, verb = np_.full(v, kind), v.dice.pick(lx.INDUSTRY)
    agent = np_.bare(v, v.dice.pick(lx.NOUNS["group"]), np_.number(v))
    return f"In {_year(v)}, {what.text} {('was', 'were')[what.agreement]} {verb.participle} by {agent}."


def industry(v: Voice) -> str:
    """The company has produced many wooden boats since 1834."""
    agent, number = v.dice.pick(lx.NOUNS["group"]), np_.number(v)
    who = Phrase(f"{np_.bare(v, agent, number)} {np_.located(v)}", number, "n")
    what, verb = np_.simple(v, v.dice.pick(_MADE_FOR)).text, v.dice.pick(lx.INDUSTRY)
    if v.dice.chance(0.5):
        have = ("has", "have")[number]
        return s.finished(f"{who.text} {have} {verb.participle} {what} since {_year(v)}")
    return s.finished(f"{who.text} {verb.present[number]} {what}")


SENTENCES = weighted(
    (10, topical), (4, town), (3, biography), (8, history), (7, industry), (14, s.distractor_statement),
    (5, s.thing_statement), (7, s.statement), (8, s.polar_statement), (9, s.knowledge), (6, s.passive_statement),
    (20, s.reflexive_statement),
    (3, s.opinion), (2, s.existence), (4, s.coordination), (5, s.subordination), (3, s.ever_question),
)  # fmt: skip


def plan(v: Voice) -> list[s.Sentence]:
    """Return the plan of a document: a definition, then 6 to 25 sentences."""
    return [definition, *(v.dice.pick(SENTENCES) for _ in range(v.dice.between(6, 25)))]
