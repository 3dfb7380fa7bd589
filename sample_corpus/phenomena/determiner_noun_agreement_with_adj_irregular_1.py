"""Determiner–noun agreement with irregular plurals, the noun varies: `Mary saw this old mouse/mice`."""

from climb.sample_corpus.determiner_frames import demonstrative_frames
from climb.sample_corpus.paradigm import Group, Paradigm, crossed
from climb.sample_corpus.voice import Voice


class DeterminerNounAgreementWithAdjIrregular1(Paradigm):
    """Determiner–noun agreement with irregular plurals, the noun varies: `Mary saw this old mouse/mice`."""

    name = "determiner_noun_agreement_with_adj_irregular_1"
    field = "morphology"
    term = "determiner_noun_agreement"

    def group(self, v: Voice) -> Group:
        """Return `this … mouse/mice` and `these … mice/mouse`."""
        frame, (near, far), (one, many) = demonstrative_frames(v, irregular=True)
        return crossed(frame.format(near, "{}"), frame.format(far, "{}"), one, many)
