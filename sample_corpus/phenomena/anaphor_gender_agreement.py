"""Anaphor gender agreement: `The girl has hurt herself/himself`."""

from climb.sample_corpus.lexicon import REFLEXIVES
from climb.sample_corpus.noun_phrases import located
from climb.sample_corpus.paradigm import Group, Paradigm, both_genders, crossed, numberless
from climb.sample_corpus.sentences import finished
from climb.sample_corpus.voice import Voice


class AnaphorGenderAgreement(Paradigm):
    """Anaphor gender agreement: `The girl has hurt herself/himself`."""

    name = "anaphor_gender_agreement"
    field = "morphology"
    term = "anaphor_agreement"

    def group(self, v: Voice) -> Group:
        """Return the pair with a male and the pair with a female subject, perhaps across a phrase."""
        him, her = both_genders(v)
        verb = v.dice.pick(REFLEXIVES)
        done = numberless(v, verb)
        between = f"{located(v, 'thing')} " if him.text[0].islower() and v.dice.chance(0.3) else ""
        first, second = (finished(f"{who.text} {between}{done} {{}}") for who in (him, her))
        return crossed(first, second, "himself", "herself")
