"""Filler and gap: a wh-word needs a gap, `that` none: `Mary knows what/that the boy ate`."""

from climb.sample_corpus import noun_phrases as np_
from climb.sample_corpus.lexicon import FACTIVES, STRICT_ACTIONS
from climb.sample_corpus.paradigm import Group, Paradigm, crossed, numberless
from climb.sample_corpus.sentences import finished
from climb.sample_corpus.verb_groups import group as verb_group
from climb.sample_corpus.voice import Voice


class WhVsThatWithAndWithoutGap(Paradigm):
    """Filler and gap: a wh-word needs a gap, `that` none: `Mary knows what/that the boy ate`."""

    name = "wh_vs_that_with_and_without_gap"
    field = "syntax"
    term = "filler_gap_dependency"

    def group(self, v: Voice) -> Group:
        """Return the pair with a gap (the wh-word is good) and the pair without one (`that` is good)."""
        knower, agent = np_.simple(v, "person"), np_.simple(v, "person")
        action = v.dice.pick(STRICT_ACTIONS)
        known = verb_group(v, knower.agreement, v.dice.pick(FACTIVES))
        verb = action.verb
        done = numberless(v, verb)
        start = f"{knower.text} {known} {{}} {agent.text} {done}"
        word = "who" if action.theme == "person" else "what"
        return crossed(finished(start), finished(f"{start} {np_.theme(v, action.theme)}"), word, "that")
