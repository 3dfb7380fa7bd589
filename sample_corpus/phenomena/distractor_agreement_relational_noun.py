"""Subject–verb agreement across an of-phrase: `The owner of the dogs is/are happy`."""

from climb.sample_corpus import noun_phrases as np_
from climb.sample_corpus.lexicon import NOUNS
from climb.sample_corpus.paradigm import Group, Paradigm, agreeing, both_numbers, crossed
from climb.sample_corpus.sentences import finished
from climb.sample_corpus.voice import Phrase, Voice


class DistractorAgreementRelationalNoun(Paradigm):
    """Subject–verb agreement across an of-phrase: `The owner of the dogs is/are happy`."""

    name = "distractor_agreement_relational_noun"
    field = "morphology"
    term = "subject_verb_agreement"

    def group(self, v: Voice) -> Group:
        """Return the pair with a singular and the pair with a plural subject; the distractor has either number."""
        one, many = both_numbers(v, v.dice.pick(NOUNS["relational"]))
        other = np_.bare(v, v.dice.pick(NOUNS[v.dice.pick(("person", "animal", "place"))]), np_.number(v))
        singular, plural, rest = agreeing(v, Phrase("", 0, "n", "topic"))
        first, second = (finished(f"{head} of {other} {{}} {rest}") for head in (one, many))
        return crossed(first, second, singular, plural)
