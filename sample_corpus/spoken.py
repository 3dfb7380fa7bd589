"""The spoken register: adults in conversation, with fillers, fragments, restarts and short answers."""

from __future__ import annotations

from climb.sample_corpus import lexicon as lx
from climb.sample_corpus import noun_phrases as np_
from climb.sample_corpus import sentences as s
from climb.sample_corpus.dice import weighted
from climb.sample_corpus.voice import Style, Voice

STYLE = Style(
    tenses=weighted(
        (6, "present"), (5, "past"), (3, "progressive"), (3, "perfect"), (3, "modal"), (1, "past progressive"),
        (1, "pluperfect"),
    ),
    plural=0.42, adjective=0.25, modifier=0.15, adverb=0.16, negation=0.1, names=0.2, pronouns=0.3, ending=0.2,
    contractions=True,
)  # fmt: skip
_OPENERS = weighted(
    (6, "well"), (6, "you know"), (5, "I mean"), (5, "yeah"), (4, "um"), (4, "uh"), (3, "so"), (3, "actually"),
    (2, "honestly"), (2, "oh"), (2, "right"), (2, "no"), (1, "okay"), (1, "anyway"), (1, "look"),
)  # fmt: skip
_ANSWERS = (
    "Yeah", "Uh-huh", "Right", "Really", "I don't know", "Of course", "Not really", "Maybe", "Me too", "No way",
    "That's true", "Exactly", "I guess so", "Oh, I see", "Sure", "Yeah, yeah", "Hm", "Go on", "Same here",
)  # fmt: skip
_TAGS = weighted((4, "you know"), (3, "I think"), (3, "right"), (2, "I guess"), (1, "or something"))
_CORE = weighted(
    (10, s.statement), (6, s.thing_statement), (14, s.distractor_statement), (8, s.polar_statement), (9, s.knowledge),
    (22, s.reflexive_statement),
    (4, s.opinion), (4, s.coordination), (5, s.subordination), (2, s.existence), (1, s.passive_statement),
)  # fmt: skip


def _lowered(text: str) -> str:
    """Return the sentence as it goes on after a filler; names and I keep their capital."""
    first = text.split(" ", 1)[0]
    return text if first in _CAPITALISED or first.startswith("I'") else text[0].lower() + text[1:]


_CAPITALISED = frozenset(("I", *(name.text for name in lx.NAMES)))


def filled(v: Voice) -> str:
    """Well, the boy slept. The boy, um, … is left to `broken`."""
    return s.finished(f"{v.dice.pick(_OPENERS)}, {_lowered(v.dice.pick(_CORE)(v))}", "")


def tagged(v: Voice) -> str:
    """The boy slept, you know."""
    return f"{v.dice.pick(_CORE)(v)[:-1]}, {v.dice.pick(_TAGS)}."


def answer(v: Voice) -> str:
    """Yeah."""
    return f"{v.dice.pick(_ANSWERS)}{v.dice.pick(('.', '.', '.', '?'))}"


def fragment(v: Voice) -> str:
    """The old car near the bridge?"""
    what = np_.full(v, v.dice.pick(("person", "thing", "animal", "vehicle", "readable", "place")))
    return s.finished(what.text, v.dice.pick((".", "?", "...")))


def broken(v: Voice) -> str:
    """The, uh, the boy slept."""
    text = v.dice.pick(_CORE)(v)
    first, _, rest = text.partition(" ")
    return f"{first}, {v.dice.pick(('uh', 'um'))}, {_lowered(first)} {rest}"


SENTENCES = (
    *_CORE,
    *_CORE,
    *weighted((32, filled), (14, tagged), (10, answer), (6, fragment), (8, broken)),
    *weighted((12, s.yes_no_question), (12, s.ever_question), (9, s.wh_question)),
)


def plan(v: Voice) -> list[s.Sentence]:
    """Return the plan of a document: the sentence kinds in order, here 10 to 40 turns."""
    return [v.dice.pick(SENTENCES) for _ in range(v.dice.between(10, 40))]
