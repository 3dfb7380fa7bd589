"""Binding: a reflexive goes with its subject, not the nearest noun: `The boy that saw the girl hurt himself`."""

from climb.sample_corpus.lexicon import AGENT_OF, REFLEXIVES
from climb.sample_corpus.paradigm import Group, Paradigm, both_genders, crossed, numberless
from climb.sample_corpus.sentences import finished
from climb.sample_corpus.voice import Voice


class PrincipleACCommand(Paradigm):
    """Binding: a reflexive goes with its subject, not the nearest noun: `The boy that saw the girl hurt himself`."""

    name = "principle_A_c_command"
    field = "syntax_semantics"
    term = "binding"

    def group(self, v: Voice) -> Group:
        """Return subject and distractor of different gender, in both orders."""
        (him, her), (other_him, other_her) = both_genders(v, names=0.0), both_genders(v)
        seen, verb = v.dice.pick(AGENT_OF["person"]).past, v.dice.pick(REFLEXIVES)
        done = numberless(v, verb)
        inner = "that {0} {1}" if v.dice.chance(0.5) else "that {1} {0}"
        first, second = (
            finished(f"{who.text} {inner.format(other.text, seen)} {done} {{}}")
            for who, other in ((him, other_her), (her, other_him))
        )
        return crossed(first, second, "himself", "herself")
