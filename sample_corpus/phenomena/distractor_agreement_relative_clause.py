"""Subject–verb agreement across a relative clause: `The boy that the girls saw is/are happy`."""

from climb.sample_corpus import noun_phrases as np_
from climb.sample_corpus.lexicon import AGENT_OF, NOUNS
from climb.sample_corpus.paradigm import Group, Paradigm, agreeing, both_numbers, crossed
from climb.sample_corpus.sentences import finished
from climb.sample_corpus.voice import Phrase, Voice


class DistractorAgreementRelativeClause(Paradigm):
    """Subject–verb agreement across a relative clause: `The boy that the girls saw is/are happy`."""

    name = "distractor_agreement_relative_clause"
    field = "morphology"
    term = "subject_verb_agreement"

    def group(self, v: Voice) -> Group:
        """Return the pair with a singular and the pair with a plural subject; the clause's past tense hides both."""
        one, many = both_numbers(v, v.dice.pick(NOUNS["person"]))
        other, verb = np_.simple(v, "person").text, v.dice.pick(AGENT_OF["person"]).past
        inner = f"that {other} {verb}" if v.dice.chance(0.5) else f"that {verb} {other}"
        singular, plural, rest = agreeing(v, Phrase("", 0, "p"))
        first, second = (finished(f"{head} {inner} {{}} {rest}") for head in (one, many))
        return crossed(first, second, singular, plural)
