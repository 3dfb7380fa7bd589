"""Verb groups: tense, aspect, mood, negation and adverbs around one verb, in agreement with the subject."""

from __future__ import annotations

from climb.sample_corpus.dice import weighted
from climb.sample_corpus.lexicon import EPISTEMICS, FREQUENCIES, MANNERS, STATIVE, Verb
from climb.sample_corpus.voice import Voice

BE, BE_PAST = ("is", "are", "am"), ("was", "were", "was")
HAVE, DO = ("has", "have", "have"), ("does", "do", "do")
MODALS = weighted((5, "will"), (4, "can"), (2, "should"), (2, "must"), (2, "could"), (1, "might"), (1, "would"))
_ADVERBS = weighted((4, MANNERS), (3, FREQUENCIES), (2, EPISTEMICS))
_NOT_CONTRACTED = frozenset(("am", "will", "can", "might", "must"))
_RELATIVE_TENSES = weighted((5, "past"), (3, "present"), (1, "perfect"))


def parts(v: Voice, agreement: int, verb: Verb, tense: str) -> tuple[str, str]:
    """Return (auxiliary, main verb) of a tense; the auxiliary is empty in the simple tenses.

    Tenses: present, past, progressive, past progressive, perfect, pluperfect, modal. Verbs of state
    take the simple tense for a progressive.
    """
    if tense.endswith("progressive") and verb.base in STATIVE:
        tense = "past" if tense == "past progressive" else "present"
    if tense == "present":
        return "", verb.present[agreement]
    if tense == "past":
        return "", verb.past
    if tense == "progressive":
        return BE[agreement], verb.ing
    if tense == "past progressive":
        return BE_PAST[agreement], verb.ing
    if tense == "perfect":
        return HAVE[agreement], verb.participle
    if tense == "pluperfect":
        return "had", verb.participle
    return v.dice.pick(MODALS), verb.base


def supported(agreement: int, verb: Verb, tense: str) -> tuple[str, str]:
    """Return the form of a simple tense with do, as questions and negation need it."""
    return (DO[agreement] if tense == "present" else "did"), verb.base


def with_auxiliary(v: Voice, agreement: int, verb: Verb, tense: str) -> tuple[str, str]:
    """Return (auxiliary, main verb), the auxiliary never empty."""
    auxiliary, main = parts(v, agreement, verb, tense)
    if auxiliary:
        return auxiliary, main
    return supported(agreement, verb, "present" if main == verb.present[agreement] else "past")


def negated(v: Voice, auxiliary: str) -> str:
    """Return the auxiliary with not or, where the style contracts, n't."""
    contracts = v.style.contractions and auxiliary not in _NOT_CONTRACTED and v.dice.chance(0.8)
    if contracts:
        return f"{auxiliary}n't"
    return "cannot" if auxiliary == "can" else f"{auxiliary} not"


def group(v: Voice, agreement: int, verb: Verb, licensed: bool = False) -> str:
    """Return a finite verb group in a tense of the style, perhaps negated or with an adverb.

    A licensed clause (its subject is negative) takes `ever` now and then and is not negated once more.
    """
    u = v.dice.u()
    tense = v.dice.pick(v.style.tenses)
    if licensed:
        return _with_polarity(v, agreement, verb, tense, u)
    if u < v.style.negation:
        auxiliary, main = with_auxiliary(v, agreement, verb, tense)
        return f"{negated(v, auxiliary)} {main}"
    auxiliary, main = parts(v, agreement, verb, tense)
    if u < v.style.negation + v.style.adverb:
        main = f"{v.dice.pick(v.dice.pick(_ADVERBS))} {main}"
    return f"{auxiliary} {main}" if auxiliary else main


def _with_polarity(v: Voice, agreement: int, verb: Verb, tense: str, u: float) -> str:
    if u < 0.75:
        auxiliary, main = (HAVE[agreement] if tense != "pluperfect" else "had"), verb.participle
        return f"{auxiliary} ever {main}"
    auxiliary, main = parts(v, agreement, verb, tense)
    return f"{auxiliary} {main}" if auxiliary else main


def plain(v: Voice, agreement: int, verb: Verb) -> str:
    """Return a short verb group for relative clauses: past, present or perfect."""
    auxiliary, main = parts(v, agreement, verb, v.dice.pick(_RELATIVE_TENSES))
    return f"{auxiliary} {main}" if auxiliary else main


def copula(v: Voice, agreement: int) -> str:
    """Return a form of be: present or past as the style's tenses lean, perhaps negated."""
    u = v.dice.u()
    tense = v.dice.pick(v.style.tenses)
    if tense == "modal":
        return f"{v.dice.pick(MODALS)} be"
    if tense == "perfect":
        return f"{HAVE[agreement]} been"
    be = (BE if tense in ("present", "progressive") else BE_PAST)[agreement]
    return negated(v, be) if u < v.style.negation else be
