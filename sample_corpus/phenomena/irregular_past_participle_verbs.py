"""Irregular forms: `The boy had quietly eaten/ate the apple.`, `The boy quietly ate/eaten the apple`."""

from climb.sample_corpus import noun_phrases as np_
from climb.sample_corpus.lexicon import FREQUENCIES, MANNERS, SPLIT_ACTIONS
from climb.sample_corpus.paradigm import Group, Paradigm, crossed
from climb.sample_corpus.sentences import finished
from climb.sample_corpus.verb_groups import HAVE
from climb.sample_corpus.voice import Voice


class IrregularPastParticipleVerbs(Paradigm):
    """Irregular forms: `The boy had quietly eaten/ate the apple.`, `The boy quietly ate/eaten the apple`."""

    name = "irregular_past_participle_verbs"
    field = "morphology"
    term = "irregular_forms"

    def group(self, v: Voice) -> Group:
        """Return the pair with an auxiliary (participle good) and without (past good), across an adverb."""
        who, action = np_.simple(v, "person"), v.dice.pick(SPLIT_ACTIONS)
        adverb = v.dice.pick(MANNERS if v.dice.chance(0.5) else FREQUENCIES)
        have = HAVE[who.agreement] if v.dice.chance(0.5) else "had"
        what = np_.theme(v, action.theme)
        with_auxiliary = finished(f"{who.text} {have} {adverb} {{}} {what}")
        without = finished(f"{who.text} {adverb} {{}} {what}")
        return crossed(with_auxiliary, without, action.verb.participle, action.verb.past)
