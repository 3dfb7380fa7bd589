"""Determiner–noun agreement across an adjective, the determiner varies: `Mary saw this/these old dog`."""

from climb.sample_corpus.determiner_frames import demonstrative_frames
from climb.sample_corpus.paradigm import Group, Paradigm, crossed
from climb.sample_corpus.voice import Voice


class DeterminerNounAgreementWithAdj2(Paradigm):
    """Determiner–noun agreement across an adjective, the determiner varies: `Mary saw this/these old dog`."""

    name = "determiner_noun_agreement_with_adj_2"
    field = "morphology"
    term = "determiner_noun_agreement"

    def group(self, v: Voice) -> Group:
        """Return `this/these … dog` and `these/this … dogs`."""
        frame, (near, far), (one, many) = demonstrative_frames(v)
        return crossed(frame.format("{}", one), frame.format("{}", many), near, far)
