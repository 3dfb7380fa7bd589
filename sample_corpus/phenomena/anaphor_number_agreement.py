"""Anaphor number agreement: `The boys had hurt themselves/himself`."""

from climb.sample_corpus.lexicon import NOUNS, REFLEXIVES
from climb.sample_corpus.noun_phrases import located
from climb.sample_corpus.paradigm import Group, Paradigm, both_numbers, crossed, numberless
from climb.sample_corpus.sentences import finished
from climb.sample_corpus.voice import Voice


class AnaphorNumberAgreement(Paradigm):
    """Anaphor number agreement: `The boys had hurt themselves/himself`."""

    name = "anaphor_number_agreement"
    field = "morphology"
    term = "anaphor_agreement"

    def group(self, v: Voice) -> Group:
        """Return the pair with a singular and the pair with a plural subject of one gender."""
        male = v.dice.chance(0.5)
        one, many = both_numbers(v, v.dice.pick(NOUNS["male" if male else "female"]))
        verb = v.dice.pick(REFLEXIVES)
        done = numberless(v, verb)
        between = f"{located(v, 'thing')} " if v.dice.chance(0.3) else ""
        first, second = (finished(f"{who} {between}{done} {{}}") for who in (one, many))
        return crossed(first, second, "himself" if male else "herself", "themselves")
