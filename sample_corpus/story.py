"""The story register: past tense, a few characters who come back, dialogue, an opening and an end."""

from __future__ import annotations

from dataclasses import replace

from climb.sample_corpus import clauses as cl
from climb.sample_corpus import lexicon as lx
from climb.sample_corpus import noun_phrases as np_
from climb.sample_corpus import sentences as s
from climb.sample_corpus.dice import weighted
from climb.sample_corpus.voice import SINGULAR, Phrase, Style, Voice

STYLE = Style(
    tenses=weighted(
        (11, "past"), (3, "pluperfect"), (3, "past progressive"), (3, "present"), (2, "perfect"),
        (1, "modal"),
    ),
    plural=0.38, adjective=0.36, modifier=0.22, adverb=0.2, negation=0.07, names=0.4, pronouns=0.2, ending=0.3,
)  # fmt: skip
_PAST = replace(STYLE, tenses=weighted((11, "past"), (3, "pluperfect"), (3, "past progressive")))
_TIMES = (
    "one day", "the next morning", "after a while", "that night", "at last", "suddenly", "long ago", "in the evening",
    "a little later", "early in the morning", "on the third day", "soon", "many years later", "in the end",
)  # fmt: skip
_SAID = weighted((8, "said"), (3, "cried"), (2, "whispered"), (2, "shouted"), (1, "answered"))
_ENDS = (
    "And they all went home.", "From that day on, everybody was happy.", "The end.", "And that was that.",
    "After that, nobody was sad again.", "They lived happily ever after.", "So the long day was over.",
)  # fmt: skip
_SPOKEN = weighted(
    (6, s.statement), (3, s.thing_statement), (3, s.yes_no_question), (4, s.ever_question), (3, s.wh_question),
    (3, s.distractor_statement), (3, s.polar_statement), (3, s.knowledge),
)  # fmt: skip
_VOWS = weighted((3, "lived"), (2, "worked"), (1, "stayed"))


def opening(v: Voice) -> str:
    """Once upon a time, there was a clever fox named Tom."""
    kind = v.dice.pick(("animal", "male" if v.cast[0].gender == "m" else "female"))
    hero = np_.bare(v, v.dice.pick(lx.NOUNS[kind]), SINGULAR, "a")
    if v.dice.chance(0.5):
        return f"Once upon a time, there was {hero} named {v.cast[0].text}."
    return f"Once upon a time, {hero} named {v.cast[0].text} {v.dice.pick(_VOWS)} {cl.place(v)}."


def dialogue(v: Voice) -> str:
    """Return direct speech and who said it: `"Has the wolf ever slept?" asked Anna`."""
    text, speaker = v.dice.pick(_SPOKEN)(v), v.dice.pick(v.cast).text
    if v.dice.chance(0.35):
        speaker = np_.bare(v, v.dice.pick(lx.NOUNS["person"]), SINGULAR, "the")
    if text.endswith("?"):
        return f'"{text}" asked {speaker}.'
    return f'"{text[:-1]}{v.dice.pick((",", ",", "!"))}" {v.dice.pick(_SAID)} {speaker}.'


def timed(v: Voice) -> str:
    """One day, Anna walked to the river: in the past, for `one day, Anna has walked` is no English."""
    return s.finished(f"{v.dice.pick(_TIMES)}, {cl.simple(v.in_style(_PAST))}")


def character(v: Voice) -> str:
    """Anna looked at herself: what one of the cast, the hero twice as often as another, does next."""
    who = v.dice.pick((v.cast[0], *v.cast))
    if v.dice.chance(0.5):
        return s.finished(cl.verbal(v, Phrase(who.text, SINGULAR, who.gender)))
    return s.finished(cl.verbal(v, Phrase("he" if who.gender == "m" else "she", SINGULAR, who.gender)))


SENTENCES = weighted(
    (10, s.statement), (10, character), (12, dialogue), (6, timed), (4, s.thing_statement),
    (15, s.distractor_statement),
    (9, s.polar_statement), (9, s.knowledge), (24, s.reflexive_statement),
    (4, s.opinion), (3, s.passive_statement), (2, s.existence),
    (6, s.coordination), (8, s.subordination), (2, s.ever_question),
)  # fmt: skip


def ending(v: Voice) -> str:
    """They lived happily ever after."""
    return v.dice.pick(_ENDS)


def plan(v: Voice) -> list[s.Sentence]:
    """Return the plan of a document: an opening, 10 to 40 sentences, mostly an end."""
    middle = [v.dice.pick(SENTENCES) for _ in range(v.dice.between(10, 40))]
    return [opening, *middle, ending] if v.dice.chance(0.7) else [opening, *middle]
