"""The one table from Universal Dependencies' tags to CLIMB's, against the published lists."""

import numpy as np

from climb.base.tags import (
    CLIMB_ID,
    CLIMB_ID_OF_UD,
    CLIMB_TAGS,
    UD_ID,
    UD_RELATIONS,
    UD_TAGS,
    UD_TO_CLIMB,
    UNRELATED,
    UNTAGGED,
)

# universaldependencies.org/u/pos, in alphabetical order.
PUBLISHED_UD = "ADJ ADP ADV AUX CCONJ DET INTJ NOUN NUM PART PRON PROPN PUNCT SCONJ SYM VERB X"
# universaldependencies.org/u/dep, in alphabetical order.
PUBLISHED_RELATIONS = (
    "acl advcl advmod amod appos aux case cc ccomp clf compound conj cop csubj dep det discourse dislocated expl "
    "fixed flat goeswith iobj list mark nmod nsubj nummod obj obl orphan parataxis punct reparandum root vocative "
    "xcomp"
)
# Petrov, Das & McDonald 2012, in the order in which CLIMB's curricula open them.
PUBLISHED_CLIMB = "NOUN VERB ADJ ADV PRON DET ADP NUM CONJ PRT . X"
# What does not keep its name.
MOVED = {
    "AUX": "VERB",
    "PROPN": "NOUN",
    "CCONJ": "CONJ",
    "SCONJ": "CONJ",
    "PART": "PRT",
    "PUNCT": ".",
    "INTJ": "X",
    "SYM": "X",
}


def test_the_tags_and_their_order():
    assert " ".join(UD_TAGS) == PUBLISHED_UD
    assert " ".join(CLIMB_TAGS) == PUBLISHED_CLIMB


def test_every_ud_tag_has_its_climb_tag():
    assert {tag: MOVED.get(tag, tag) for tag in PUBLISHED_UD.split()} == UD_TO_CLIMB
    assert set(UD_TO_CLIMB.values()) == set(PUBLISHED_CLIMB.split())


def test_ids_map_in_one_look_up():
    ids = np.arange(17, dtype=np.uint8).reshape(1, 17)
    named = [PUBLISHED_CLIMB.split()[number] for number in CLIMB_ID_OF_UD[ids][0]]
    assert named == [UD_TO_CLIMB[tag] for tag in PUBLISHED_UD.split()]
    assert CLIMB_ID_OF_UD.dtype == np.uint8


def test_the_first_two_of_twelve_are_nouns_and_verbs():
    """CLIMB's published oracle: at p = 0.1 the part-of-speech map keeps tags up to 1.1, so nouns and verbs."""
    kept = {tag for tag in UD_TAGS if CLIMB_ID_OF_UD[UD_ID[tag]] <= 0.1 * (len(CLIMB_TAGS) - 1)}
    assert kept == {"NOUN", "PROPN", "VERB", "AUX"}


def test_what_is_not_tagged_is_x():
    assert UD_TAGS[UNTAGGED] == "X"
    assert CLIMB_ID_OF_UD[UNTAGGED] == CLIMB_ID["X"] == 11


def test_the_37_universal_relations():
    assert tuple(PUBLISHED_RELATIONS.split()) == UD_RELATIONS
    assert len(UD_RELATIONS) == 37
    assert UD_RELATIONS[UNRELATED] == "dep"
