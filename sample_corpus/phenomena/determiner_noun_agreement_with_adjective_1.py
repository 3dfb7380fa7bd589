"""Determiner–noun agreement across an adjective, the noun varies: `Mary saw this old dog/dogs`."""

from climb.sample_corpus.determiner_frames import demonstrative_frames
from climb.sample_corpus.paradigm import Group, Paradigm, crossed
from climb.sample_corpus.voice import Voice


class DeterminerNounAgreementWithAdjective1(Paradigm):
    """Determiner–noun agreement across an adjective, the noun varies: `Mary saw this old dog/dogs`."""

    name = "determiner_noun_agreement_with_adjective_1"
    field = "morphology"
    term = "determiner_noun_agreement"

    def group(self, v: Voice) -> Group:
        """Return `this … dog/dogs` and `these … dogs/dog`."""
        frame, (near, far), (one, many) = demonstrative_frames(v)
        return crossed(frame.format(near, "{}"), frame.format(far, "{}"), one, many)
