"""Clauses that bind: a reflexive or possessive whose antecedent is the subject, past whoever stands between.

They are what a reader learns the gender of nouns and names from, so every register has them in number.
"""

from __future__ import annotations

from climb.sample_corpus import clauses as cl
from climb.sample_corpus import lexicon as lx
from climb.sample_corpus import noun_phrases as np_
from climb.sample_corpus.dice import weighted
from climb.sample_corpus.pronouns import reflexive_pronoun
from climb.sample_corpus.verb_groups import group
from climb.sample_corpus.voice import Phrase, Voice

_RIVALS = {"m": weighted((4, "f"), (1, "m")), "f": weighted((4, "m"), (1, "f"))}


def gendered(v: Voice) -> Phrase:
    """Return a subject that shows its gender: a name, or a noun such as king or queen, mostly one."""
    if v.dice.chance(v.style.names):
        return np_.name(v)
    kind, agreement = v.dice.pick(("male", "female")), int(v.dice.chance(0.2))
    noun = v.dice.pick(lx.NOUNS[kind])
    return Phrase(np_.bare(v, noun, agreement), agreement, noun.gender, kind)


def reflected(v: Voice) -> str:
    """Return a clause whose object is its subject or its subject's, often with another person between the two.

    The other person is mostly of the other gender, so only the head of the subject tells which pronoun is right:
    `the boy that saw the queen hurt himself`, `the girl that Tom knew lost her ring`. Now and then the pronoun
    is not an object but stresses the subject: `the king himself opened the gate`.
    """
    who = gendered(v)
    if v.dice.chance(0.12):
        return cl.verbal(v, who._replace(text=f"{who.text} {reflexive_pronoun(who, 0.0)}"))
    named = who.kind == "person"
    if not named and v.dice.chance(0.3 + 1.5 * v.style.modifier):
        other = np_.of_gender(v, v.dice.pick(_RIVALS[who.gender]))
        who = who._replace(text=f"{who.text} {np_.relative_clause(v, who.gender, who.agreement, other)}")
    elif not named and v.dice.chance(0.2):
        who = who._replace(text=f"{who.text} {np_.located(v, who=who)}")
    verb, tail = (cl.reflexive if v.dice.chance(0.6) else cl.possessing)(v, who)
    return f"{who.text} {group(v, who.agreement, verb)}{tail}{cl.ending(v)}"
