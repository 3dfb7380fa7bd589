"""What a paradigm of minimal pairs is, and the pieces that several of them are built from.

A paradigm makes *groups*: pairs that belong together because what makes one sentence good makes its
counterpart bad (`the boy … is`, `the boys … are`; or `had eaten`, `ate`). Within a group every word occurs
as often in good sentences as in bad ones, so no preference for a word or for a number can earn a point,
and a model that knows only its neighbours is right in one pair of a group and wrong in the other.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from climb.sample_corpus import clauses as cl
from climb.sample_corpus import lexicon as lx
from climb.sample_corpus.dice import weighted, zipf_bag
from climb.sample_corpus.lexicon import Noun, Verb
from climb.sample_corpus.verb_groups import BE, BE_PAST, HAVE
from climb.sample_corpus.voice import Phrase, Style, Voice

Group = list[tuple[str, str]]


class Paradigm(ABC):
    """One paradigm: BLiMP's identifier (`name`), field and linguistics term, and how a group of pairs is made."""

    name: ClassVar[str]
    field: ClassVar[str]
    term: ClassVar[str]

    @abstractmethod
    def group(self, v: Voice) -> Group:
        """Return pairs (good, bad) that balance each other: every word as often in good as in bad."""


STYLE = Style(
    tenses=weighted((5, "past"), (2, "perfect"), (2, "modal"), (2, "pluperfect")),
    plural=0.45, adjective=0.3, modifier=0.0, adverb=0.0, negation=0.0, names=0.25, pronouns=0.0, ending=0.0,
)  # fmt: skip
DETERMINER_PAIRS = weighted(
    (6, ("the", "the")), (2, ("this", "these")), (2, ("that", "those")), (1, ("my", "my")), (1, ("our", "our"))
)
DEMONSTRATIVE_PAIRS = (("this", "these"), ("that", "those"))
_NAME_RANKS = zipf_bag(range(len(lx.MEN_NAMES)))
_NEUTRAL_TENSES = ("past", "past", "pluperfect", "modal")


def crossed(first: str, second: str, first_word: str, second_word: str) -> Group:
    """Return the group of two frames, each good with its own word and bad with the other's (at `{}`)."""
    return [
        (first.format(first_word), first.format(second_word)),
        (second.format(second_word), second.format(first_word)),
    ]


def both_numbers(v: Voice, noun: Noun) -> tuple[str, str]:
    """Return the singular and the plural of one noun phrase; of `sheep` the determiner alone tells them apart."""
    one, many = v.dice.pick(DEMONSTRATIVE_PAIRS if noun.forms[0] == noun.forms[1] else DETERMINER_PAIRS)
    adjective = f"{v.dice.pick(noun.adjectives)} " if noun.adjectives and v.dice.chance(0.25) else ""
    return f"{one} {adjective}{noun.forms[0]}", f"{many} {adjective}{noun.forms[1]}"


def both_genders(v: Voice, names: float = 0.4) -> tuple[Phrase, Phrase]:
    """Return a male and a female counterpart: two names, or the same phrase with boy and girl."""
    if v.dice.chance(names):
        rank = v.dice.pick(_NAME_RANKS)
        return Phrase(lx.MEN_NAMES[rank].text, 0, "m"), Phrase(lx.WOMEN_NAMES[rank].text, 0, "f")
    man = v.dice.pick(lx.NOUNS["male"])
    woman = lx.WOMEN[lx.MEN.index(man)]
    adjective = f"{v.dice.pick(man.adjectives)} " if v.dice.chance(0.25) else ""
    determiner = v.dice.pick(("the", "the", "the", "this", "that"))
    return (
        Phrase(f"{determiner} {adjective}{man.forms[0]}", 0, "m"),
        Phrase(f"{determiner} {adjective}{woman.forms[0]}", 0, "f"),
    )


def agreeing(v: Voice, who: Phrase) -> tuple[str, str, str]:
    """Return (singular form, plural form, rest) of a verb group that shows the subject's number."""
    u = v.dice.u()
    if u < 0.4 or who.kind == "topic":
        be = v.dice.pick((BE, BE_PAST))
        quality = v.dice.pick(lx.MOODS if who.kind in ("person", "animal") else lx.QUALITIES)
        return be[0], be[1], v.dice.pick(("", "very ", "so ")) + quality
    verb, tail = (cl.transitive if v.dice.chance(0.6) else cl.intransitive)(v, who)
    if u < 0.55 and verb.base not in lx.STATIVE:
        be = v.dice.pick((BE, BE_PAST))
        return be[0], be[1], verb.ing + tail
    if u < 0.8 or verb.past == verb.base:  # `the boy read the book` would be good English, in the past
        return HAVE[0], HAVE[1], verb.participle + tail
    return verb.present[0], verb.present[1], tail.strip() or v.dice.pick(lx.MANNERS)


def numberless(v: Voice, verb: Verb) -> str:
    """Return a verb group that does not show number: past, pluperfect or with a modal."""
    tense = v.dice.pick(_NEUTRAL_TENSES)
    if tense == "past":
        return verb.past
    if tense == "pluperfect":
        return f"had {verb.participle}"
    return f"{v.dice.pick(('will', 'can', 'should', 'must'))} {verb.base}"
