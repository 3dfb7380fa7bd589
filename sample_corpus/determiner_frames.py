"""The frame of the determiner–noun paradigms: a clause whose object has a demonstrative and an adjective."""

from __future__ import annotations

from climb.sample_corpus import lexicon as lx
from climb.sample_corpus import noun_phrases as np_
from climb.sample_corpus.lexicon import Noun, Verb
from climb.sample_corpus.morphology import plural
from climb.sample_corpus.paradigm import DEMONSTRATIVE_PAIRS, numberless
from climb.sample_corpus.sentences import finished
from climb.sample_corpus.voice import Voice

Two = tuple[str, str]


def _is_irregular(noun: Noun) -> bool:
    one, many = noun.forms
    return many not in (one, plural(one))


_THEMES = tuple(theme for theme in lx.AGENT_OF if theme not in ("drink", "sight"))
_IRREGULAR: dict[str, tuple[Noun, ...]] = {
    kind: tuple(noun for noun in lx.NOUNS[kind] if _is_irregular(noun))
    for kind in ("person", "animal", "thing", "plant")
}


def demonstrative_frames(v: Voice, irregular: bool = False) -> tuple[str, Two, Two]:
    """Return a sentence with places `{}` for determiner and noun, (this, these), and (singular, plural)."""
    kind = v.dice.pick(("person", "person", "animal", "thing", "plant") if irregular else _THEMES)
    bag = _IRREGULAR[kind] if irregular else lx.NOUNS[kind]
    noun = v.dice.pick(bag)
    while noun.forms[0] == noun.forms[1]:
        noun = v.dice.pick(bag)
    verb: Verb = v.dice.pick(lx.AGENT_OF[kind])
    done = numberless(v, verb)
    determiners = v.dice.pick(DEMONSTRATIVE_PAIRS)
    adjective = v.dice.pick(noun.adjectives)
    return finished(f"{np_.simple(v, 'person').text} {done} {{}} {adjective} {{}}"), determiners, noun.forms
