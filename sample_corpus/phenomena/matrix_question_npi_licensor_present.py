"""Polarity: a question licenses `ever`, a statement does not; with an epistemic adverb it is the other way."""

from climb.sample_corpus import clauses as cl
from climb.sample_corpus import noun_phrases as np_
from climb.sample_corpus.lexicon import EPISTEMICS
from climb.sample_corpus.paradigm import Group, Paradigm
from climb.sample_corpus.sentences import finished
from climb.sample_corpus.verb_groups import HAVE
from climb.sample_corpus.voice import Voice


class MatrixQuestionNpiLicensorPresent(Paradigm):
    """Polarity: a question licenses `ever`, a statement does not; with an epistemic adverb it is the other way."""

    name = "matrix_question_npi_licensor_present"
    field = "semantics"
    term = "npi_licensing"

    def group(self, v: Voice) -> Group:
        """Return the pair with `ever` (question good) and the pair with `probably` (statement good)."""
        who = np_.full(v, "person", 0.3)
        verb, tail = (cl.transitive if v.dice.chance(0.6) else cl.intransitive)(v, who)
        have = HAVE[who.agreement] if v.dice.chance(0.8) else "had"
        question = finished(f"{have} {who.text} {{}} {verb.participle}{tail}", "?")
        statement = finished(f"{who.text} {have} {{}} {verb.participle}{tail}")
        ever, probably = "ever", v.dice.pick(EPISTEMICS)
        return [
            (question.format(ever), statement.format(ever)),
            (statement.format(probably), question.format(probably)),
        ]
