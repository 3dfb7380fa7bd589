"""Subject–verb agreement across a prepositional phrase: `The boy near the tables sleeps/sleep`."""

from climb.sample_corpus import noun_phrases as np_
from climb.sample_corpus.lexicon import NOUNS
from climb.sample_corpus.paradigm import Group, Paradigm, agreeing, both_numbers, crossed
from climb.sample_corpus.sentences import finished
from climb.sample_corpus.voice import Phrase, Voice


class DistractorAgreementPrepositionalPhrase(Paradigm):
    """Subject–verb agreement across a prepositional phrase: `The boy near the tables sleeps/sleep`."""

    name = "distractor_agreement_prepositional_phrase"
    field = "morphology"
    term = "subject_verb_agreement"

    def group(self, v: Voice) -> Group:
        """Return the pair with a singular and the pair with a plural subject; the distractor has either number."""
        kind = "animal" if v.dice.chance(0.25) else "person"
        one, many = both_numbers(v, v.dice.pick(NOUNS[kind]))
        where = np_.located(v)
        singular, plural, rest = agreeing(v, Phrase("", 0, "p", kind))
        first, second = (finished(f"{head} {where} {{}} {rest}") for head in (one, many))
        return crossed(first, second, singular, plural)
