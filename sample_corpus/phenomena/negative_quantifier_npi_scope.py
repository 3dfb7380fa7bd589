"""Polarity: `no` on the subject licenses `ever`, `no` inside its relative clause does not.

The opposite pair turns on an epistemic adverb, which stands only where `ever` does not.
"""

from climb.sample_corpus import clauses as cl
from climb.sample_corpus import lexicon as lx
from climb.sample_corpus import noun_phrases as np_
from climb.sample_corpus.paradigm import Group, Paradigm
from climb.sample_corpus.sentences import finished
from climb.sample_corpus.verb_groups import HAVE
from climb.sample_corpus.voice import Phrase, Voice


class NegativeQuantifierNpiScope(Paradigm):
    """`No boy that the girls saw has ever slept` against `The boy that no girls saw has ever slept`."""

    name = "negative_quantifier_npi_scope"
    field = "semantics"
    term = "npi_licensing"

    def group(self, v: Voice) -> Group:
        """Return the pair with `ever` (negative subject good) and the pair with `probably` (negative subject bad)."""
        number = np_.number(v)
        head = np_.modified(v, v.dice.pick(lx.NOUNS["person"]), number, 0.25)
        inner = np_.modified(v, v.dice.pick(lx.NOUNS["person"]), np_.number(v), 0.25)
        seen = v.dice.pick(lx.AGENT_OF["person"]).past
        verb, tail = (cl.transitive if v.dice.chance(0.5) else cl.intransitive)(v, Phrase("", number, "p"))
        rest = f"{seen} {HAVE[number]} {{}} {verb.participle}{tail}"
        negative, positive = f"No {head} that the {inner} {rest}", f"The {head} that no {inner} {rest}"
        ever, probably = "ever", v.dice.pick(lx.EPISTEMICS)
        return [
            (finished(negative.format(ever)), finished(positive.format(ever))),
            (finished(positive.format(probably)), finished(negative.format(probably))),
        ]
