import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from climb.base.errors import UserError
from climb.curricula.control_base import Control
from climb.curricula.controls.random import Random
from climb.curricula.controls.reverse import Reverse
from climb.curricula.token_orders.aoa import Aoa, filled_ages

GAP = np.nan


def ranks(ages, counts, special=(), control=None):
    flags = np.zeros(len(ages), dtype=bool)
    flags[list(special)] = True
    lexicon = {"aoa": np.array(ages, dtype=np.float32), "count": np.array(counts)}
    return Aoa(lexicon, flags, control or Control(), 0).ranks.tolist()


def test_early_words_come_first_and_special_tokens_before_them():
    assert ranks([7, 3, GAP, 5], [1, 1, 9, 1], special=[2]) == [3, 1, 0, 2]


def test_equal_ages_stand_by_frequency():
    assert ranks([4, 4, 4], [1, 3, 2]) == [2, 0, 1]


def test_a_token_without_a_norm_gets_the_median_of_its_tenth():
    """Twenty tokens by falling count, two in each tenth; only some have a norm."""
    ages = np.full(20, GAP)
    ages[[0, 4, 5, 18]] = [3, 6, 8, 12]
    filled = filled_ages(ages, np.arange(20), np.zeros(20, dtype=bool))
    #        tenth 0  1      2     3      4      5      6       7       8       9
    expected = [3, 3, 3, 3, 6, 8, 7, 7, 7, 7, 7, 7, 12, 12, 12, 12, 12, 12, 12, 12]
    assert filled.tolist() == expected


@given(st.lists(st.tuples(st.none() | st.integers(2, 18), st.integers(0, 50)), min_size=3, max_size=60))
def test_ranks_are_a_permutation_that_ages_decide(tokens):
    ages = [GAP if age is None else age for age, _ in tokens]
    if np.isnan(ages[1:]).all():
        return
    found = ranks(ages, [count for _, count in tokens], special=[0])
    assert sorted(found) == list(range(len(tokens)))
    assert found[0] == 0
    known = [place for place in range(1, len(tokens)) if not np.isnan(ages[place])]
    by_rank = sorted(known, key=lambda place: found[place])
    assert [ages[place] for place in by_rank] == sorted(ages[place] for place in known)


def test_controls_move_ordinary_tokens_among_themselves():
    ages, counts = list(range(2, 42)), [1] * 40
    plain = ranks(ages, counts, special=[3, 30])
    turned = ranks(ages, counts, special=[3, 30], control=Reverse())
    shuffled = ranks(ages, counts, special=[3, 30], control=Random())
    assert [turned[3], turned[30]] == [shuffled[3], shuffled[30]] == [plain[3], plain[30]] == [0, 1]
    ordinary = [place for place in range(40) if place not in (3, 30)]
    assert [plain[place] + turned[place] for place in ordinary] == [41] * 38
    assert sorted(shuffled) == list(range(40))
    assert shuffled != plain


def test_a_corpus_without_norms_is_refused_with_the_cure():
    with pytest.raises(UserError, match="climb prep --norms"):
        ranks([GAP, GAP, 5], [1, 2, 3], special=[2])
