"""The child-directed register: short utterances, questions, commands, diminutives, repetition."""

from __future__ import annotations

from climb.sample_corpus import lexicon as lx
from climb.sample_corpus import noun_phrases as np_
from climb.sample_corpus import sentences as s
from climb.sample_corpus.clauses import place
from climb.sample_corpus.dice import weighted
from climb.sample_corpus.voice import Style, Voice

STYLE = Style(
    tenses=weighted(
        (6, "present"), (5, "progressive"), (4, "past"), (4, "modal"), (2, "perfect"), (1, "past progressive")
    ),
    plural=0.38, adjective=0.28, modifier=0.1, adverb=0.1, negation=0.1, names=0.3, pronouns=0.25, ending=0.12,
    contractions=True,
)  # fmt: skip
_CALLS = weighted((4, "sweetie"), (4, "honey"), (3, "baby"), (2, "darling"), (3, "Mommy"), (2, "Daddy"))
_CHEERS = (
    "Good job", "Oh no", "Uh oh", "Yay", "All done", "Here you go", "That is right", "Good girl", "Good boy", "Wow",
    "Come here", "Peekaboo", "Let me see", "Thank you", "Careful", "One more time", "Almost", "Up we go", "Yum yum",
)  # fmt: skip
_COMMANDS = weighted((4, "look at"), (3, "show me"), (3, "give me"), (2, "find"), (2, "point to"), (2, "pick up"))
_TOYS = weighted((5, "diminutive"), (4, "thing"), (3, "animal"), (2, "food"))


def _thing(v: Voice) -> str:
    return np_.simple(v, v.dice.pick(_TOYS)).text


def cheer(v: Voice) -> str:
    """Good job, sweetie!"""
    call = f", {v.dice.pick(_CALLS)}" if v.dice.chance(0.4) else ""
    return f"{v.dice.pick(_CHEERS)}{call}!"


def command(v: Voice) -> str:
    """Look at the doggy!"""
    call = f", {v.dice.pick(_CALLS)}" if v.dice.chance(0.2) else ""
    return s.finished(f"{v.dice.pick(_COMMANDS)} {_thing(v)}{call}", v.dice.pick((".", "!")))


def naming(v: Voice) -> str:
    """What are those? These are birdies. Is that a teddy?"""
    number = np_.number(v)
    noun, pointer = v.dice.pick(lx.NOUNS[v.dice.pick(_TOYS)]), v.dice.pick(np_.DEMONSTRATIVES[number])
    be, u = ("is", "are")[number], v.dice.u()
    what = np_.bare(v, noun, number, "a") if number == 0 else np_.modified(v, noun, number, 0.3)
    if u < 0.25:
        return s.finished(f"what {be} {pointer}", "?")
    if u < 0.5:
        return s.finished(f"{be} {pointer} {what}", "?")
    if u < 0.75:
        return s.finished(f"{pointer} {be} {what}")
    return s.finished(f"where {be} {np_.bare(v, noun, number)}", "?")


def proposal(v: Voice) -> str:
    """Let's read the book. Do you want some milk?"""
    if v.dice.chance(0.4):
        return s.finished(f"do you want {np_.theme(v, v.dice.pick(('food', 'drink', 'thing')))}", "?")
    action = v.dice.pick(lx.ACTIONS["person"])
    return s.finished(f"let's {action.verb.base} {np_.theme(v, action.theme)}")


def whereabouts(v: Voice) -> str:
    """The kitty is in the garden."""
    number = np_.number(v)
    noun = v.dice.pick(lx.NOUNS["diminutive"])
    return s.finished(f"{np_.bare(v, noun, number)} {('is', 'are')[number]} {place(v)}")


SENTENCES = weighted(
    (12, s.statement), (4, s.thing_statement), (11, s.distractor_statement), (7, s.polar_statement), (7, s.knowledge),
    (22, s.reflexive_statement),
    (2, s.opinion), (1, s.existence), (3, s.coordination), (2, s.subordination), (7, s.yes_no_question),
    (7, s.ever_question), (6, s.wh_question), (4, cheer), (5, command), (8, naming), (5, proposal), (6, whereabouts),
)  # fmt: skip


def plan(v: Voice) -> list[s.Sentence]:
    """Return the plan of a document: the sentence kinds in order, here 8 to 30 utterances."""
    return [v.dice.pick(SENTENCES) for _ in range(v.dice.between(8, 30))]
