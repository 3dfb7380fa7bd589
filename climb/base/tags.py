"""Part-of-speech tags (Universal Dependencies' seventeen, CLIMB's twelve, the table between them) and UD's relations.

A prepared corpus stores UD ids (uint8, positions in `UD_TAGS`). Vocabulary curricula, objectives, the
lexicon and syntactic smoothing use the twelve tags of Petrov, Das & McDonald (2012) in CLIMB's order,
because CLIMB's curricula open them in that order.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

UD_TAGS = (
    "ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM",
    "PART", "PRON", "PROPN", "PUNCT", "SCONJ", "SYM", "VERB", "X",
)  # fmt: skip

UD_RELATIONS = (
    "acl", "advcl", "advmod", "amod", "appos", "aux", "case", "cc", "ccomp", "clf", "compound", "conj", "cop",
    "csubj", "dep", "det", "discourse", "dislocated", "expl", "fixed", "flat", "goeswith", "iobj", "list", "mark",
    "nmod", "nsubj", "nummod", "obj", "obl", "orphan", "parataxis", "punct", "reparandum", "root", "vocative",
    "xcomp",
)  # fmt: skip
"""The 37 universal relations, version 2, without subtypes."""

CLIMB_TAGS = ("NOUN", "VERB", "ADJ", "ADV", "PRON", "DET", "ADP", "NUM", "CONJ", "PRT", ".", "X")

UD_TO_CLIMB = {
    "ADJ": "ADJ", "ADP": "ADP", "ADV": "ADV", "AUX": "VERB", "CCONJ": "CONJ", "DET": "DET", "INTJ": "X",
    "NOUN": "NOUN", "NUM": "NUM", "PART": "PRT", "PRON": "PRON", "PROPN": "NOUN", "PUNCT": ".",
    "SCONJ": "CONJ", "SYM": "X", "VERB": "VERB", "X": "X",
}  # fmt: skip

UD_ID = {tag: index for index, tag in enumerate(UD_TAGS)}
CLIMB_ID = {tag: index for index, tag in enumerate(CLIMB_TAGS)}
UNTAGGED = UD_ID["X"]
RELATION_ID = {relation: index for index, relation in enumerate(UD_RELATIONS)}
UNRELATED = RELATION_ID["dep"]

CLIMB_ID_OF_UD: npt.NDArray[np.uint8] = np.array([CLIMB_ID[UD_TO_CLIMB[tag]] for tag in UD_TAGS], dtype=np.uint8)
"""uint8 [17]: `CLIMB_ID_OF_UD[upos]` maps an array of UD ids to CLIMB ids."""
