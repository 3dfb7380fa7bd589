"""Dependency metrics on sentences parsed by hand, and clauses against a walk through the tree."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from climb.base.tags import RELATION_ID, UD_ID, UD_RELATIONS, UD_TAGS
from climb.data_prep.metrics.clauses import Clauses, clause_heads
from climb.data_prep.metrics.depth import Depth
from climb.data_prep.metrics.depth_mean import MeanDepth
from climb.data_prep.metrics.distance import Distance
from tests.data_prep.metrics.batches import parsed

SLEPT = """
She   PRON  2 nsubj
slept VERB  0 root
.     PUNCT 2 punct
"""
# The man who called said that he wanted to leave because it rained.
RELATIVE = """
The     DET   2  det
man     NOUN  5  nsubj
who     PRON  4  nsubj
called  VERB  2  acl:relcl
said    VERB  0  root
that    SCONJ 8  mark
he      PRON  8  nsubj
wanted  VERB  5  ccomp
to      PART  10 mark
leave   VERB  8  xcomp
because SCONJ 13 mark
it      PRON  13 expl
rained  VERB  8  advcl
.       PUNCT 5  punct
"""
# She sang and danced, and he was happy.
JOINED = """
She    PRON  2 nsubj
sang   VERB  0 root
and    CCONJ 4 cc
danced VERB  2 conj
,      PUNCT 9 punct
and    CCONJ 9 cc
he     PRON  9 nsubj
was    AUX   9 cop
happy  ADJ   2 conj
.      PUNCT 2 punct
"""
# He is tall and strong.
ADJECTIVES = """
He     PRON  3 nsubj
is     AUX   3 cop
tall   ADJ   0 root
and    CCONJ 5 cc
strong ADJ   3 conj
.      PUNCT 3 punct
"""
# Cats and dogs look nice.
NOUNS = """
Cats  NOUN  4 nsubj
and   CCONJ 3 cc
dogs  NOUN  1 conj
look  VERB  0 root
nice  ADJ   4 xcomp
.     PUNCT 4 punct
"""
YES = """
Yes INTJ  0 root
.   PUNCT 1 punct
"""
DOTS = "... PUNCT 0 root"


@pytest.mark.parametrize(
    ("tree", "clauses"),
    [(SLEPT, 1), (RELATIVE, 5), (JOINED, 3), (ADJECTIVES, 1), (NOUNS, 1), (YES, 1), (DOTS, 0), ("", 0)],
)
def test_clauses_of_hand_parsed_sentences(tree, clauses):
    assert Clauses(None).sentences(parsed(tree)).tolist() == [clauses]
    together = Clauses(None).sentences(parsed(SLEPT, tree, YES))
    assert together.tolist() == [1, clauses, 1]


def test_depth_and_distance_of_hand_parsed_sentences():
    batch = parsed(RELATIVE, "", DOTS, YES)
    arcs = [2, 1, 3, 2, 0, 2, 2, 1, 3, 2, 3, 3, 2]
    np.testing.assert_allclose(MeanDepth(None).sentences(batch), [np.mean(arcs), 0, 0, 0])
    assert Depth(None).sentences(batch).tolist() == [3, 0, 0, 1]
    spans = [1, 3, 1, 2, 2, 1, 3, 1, 2, 2, 1, 5]
    np.testing.assert_allclose(Distance(None).sentences(batch), [np.mean(spans), 0, 0, 0])


def test_punctuation_is_no_step_between_words():
    # sang … happy: 7 pieces apart, 6 words.
    batch = parsed(JOINED)
    spans = [1, 1, 2, 3, 2, 1, 6]
    positions = {"She": 1, "sang": 2, "and": 3, "danced": 4, "and2": 5, "he": 6, "was": 7, "happy": 8}
    heads = [("She", "sang"), ("and", "danced"), ("danced", "sang"), ("and2", "happy"), ("he", "happy"),
             ("was", "happy"), ("happy", "sang")]  # fmt: skip
    assert spans == [abs(positions[a] - positions[b]) for a, b in heads]
    assert Distance(None).sentences(batch)[0] == pytest.approx(np.mean(spans))


def naive_clause(place, heads, relations, tags):
    """Whether the piece at a place heads a clause, by walking."""
    own = {relations[k] for k in range(len(heads)) if heads[k] and k + heads[k] == place}
    predicate = tags[place] in ("VERB", "AUX") or bool(own & {"nsubj", "csubj", "cop", "aux", "expl"})
    if heads[place] == 0:
        return tags[place] != "PUNCT"
    if relations[place] in ("csubj", "ccomp", "advcl", "acl"):
        return True
    if relations[place] in ("xcomp", "parataxis"):
        return predicate
    if relations[place] == "conj" and predicate:
        return naive_clause(place + heads[place], heads, relations, tags)
    return False


@given(st.data())
def test_clauses_equal_a_walk_through_the_tree(data):
    size = data.draw(st.integers(1, 14))
    order = data.draw(st.permutations(range(size)))
    heads = [0] * size
    for k in range(1, size):
        heads[order[k]] = order[data.draw(st.integers(0, k - 1))] - order[k]
    relations = data.draw(
        st.lists(st.sampled_from([*UD_RELATIONS, *["conj", "xcomp"] * 9]), min_size=size, max_size=size)
    )
    tags = data.draw(st.lists(st.sampled_from(UD_TAGS), min_size=size, max_size=size))
    found = clause_heads(
        np.array(heads),
        np.array([RELATION_ID[name] for name in relations], dtype=np.uint8),
        np.array([UD_ID[name] for name in tags], dtype=np.uint8),
    )
    assert found.tolist() == [naive_clause(place, heads, relations, tags) for place in range(size)]
