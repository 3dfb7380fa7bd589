import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, chisquare

from climb.base.errors import UserError
from climb.base.random_bits import RandomBits
from climb.curricula.masking import IGNORED, CausalTargets, MaskedTargets, MaskRate, word_leaders
from climb.curricula.naming import parse
from climb.curricula.pacing_base import pacing_named
from climb.curricula.plan import RunPlan

MASK = 4
VOCABULARY = 50
RANDOM_IDS = np.arange(5, VOCABULARY)


def masked(rate=0.15, split=(0.9, 0.1, 0.0), seed=0, whole_word=False):
    bits = RandomBits(seed, "mask"), RandomBits(seed, "mask/replacement")
    return MaskedTargets(bits, MASK, RANDOM_IDS, rate, split, whole_word)


def rows(count, length=64, seed=0):
    tokens = np.random.default_rng(seed).integers(0, VOCABULARY, size=(count, length))
    return tokens, tokens < 5, np.full(count, length)


@pytest.mark.parametrize("rate", [0.15, 0.4, 1.0])
@pytest.mark.parametrize("split", [(0.9, 0.1, 0.0), (0.8, 0.1, 0.1), (1.0, 0.0, 0.0)])
def test_rates_lie_within_binomial_bounds(rate, split):
    tokens, special, lengths = rows(1500)
    inputs, labels = masked(rate, split).ask(tokens, special, lengths, np.arange(1500))
    chosen = labels != IGNORED
    assert_share(chosen.sum(), (~special).sum(), rate)
    targets = int(chosen.sum())
    assert_share((inputs[chosen] == MASK).sum(), targets, split[0])
    # A random replacement is the token itself once in 45 times.
    same = split[2] + split[1] / len(RANDOM_IDS)
    assert_share((inputs[chosen] == tokens[chosen]).sum(), targets, same)


def assert_share(count, size, share):
    low, high = binom.interval(1 - 1e-6, int(size), share)
    assert low <= count <= high


def test_labels_are_the_tokens_and_other_inputs_stay():
    tokens, special, lengths = rows(200)
    inputs, labels = masked().ask(tokens, special, lengths, np.arange(200))
    chosen = labels != IGNORED
    assert (labels[chosen] == tokens[chosen]).all()
    assert (inputs[~chosen] == tokens[~chosen]).all()
    assert not chosen[special].any()
    assert (inputs[special] == tokens[special]).all()


def test_random_tokens_are_uniform_over_ordinary_ones():
    tokens, special, lengths = rows(2000)
    inputs, labels = masked(0.5, (0.0, 1.0, 0.0)).ask(tokens, special, lengths, np.arange(2000))
    drawn = np.bincount(inputs[labels != IGNORED], minlength=VOCABULARY)
    assert drawn[:5].sum() == 0
    assert chisquare(drawn[5:]).pvalue > 1e-4


def test_positions_and_numbers_are_masked_independently():
    tokens, special, lengths = rows(4000)
    tokens[:], special[:] = 10, False
    chosen = masked(0.3).ask(tokens, special, lengths, np.arange(4000))[1] != IGNORED
    assert_share((chosen[:, 1:] & chosen[:, :-1]).sum(), chosen[:, 1:].size, 0.09)
    assert_share((chosen[1:] & chosen[:-1]).sum(), chosen[1:].size, 0.09)


@given(st.permutations(range(12)), st.integers(1, 11))
def test_a_row_depends_on_its_number_alone(order, cut):
    tokens, special, lengths = rows(12, 16)
    whole = masked(0.4).ask(tokens, special, lengths, np.arange(12))
    for part in (list(order[:cut]), list(order[cut:])):
        asked = masked(0.4).ask(tokens[part], special[part], lengths[part], part)
        for one, other in zip(whole, asked, strict=True):
            assert (one[part] == other).all()


def test_seeds_give_other_masks():
    tokens, special, lengths = rows(20)
    one = masked(seed=0).ask(tokens, special, lengths, np.arange(20))[1]
    other = masked(seed=1).ask(tokens, special, lengths, np.arange(20))[1]
    assert (one != other).any()


def test_causal_labels_are_the_next_tokens():
    tokens, special, _ = rows(3, 6)
    lengths = np.array([6, 4, 1])
    inputs, labels = CausalTargets().ask(tokens, special, lengths, np.arange(3))
    assert (inputs == tokens).all()
    assert labels[0].tolist() == [*tokens[0, 1:], IGNORED]
    assert labels[1].tolist() == [*tokens[1, 1:4], IGNORED, IGNORED, IGNORED]
    assert labels[2].tolist() == [IGNORED] * 6


def test_flags_follow_their_tokens_to_the_labels():
    flags = np.array([[True, False, True, True]])
    assert CausalTargets().aligned(flags).tolist() == [[False, True, True, False]]
    assert masked().aligned(flags).tolist() == flags.tolist()


@pytest.mark.parametrize(
    ("rate", "split"),
    [
        (0.0, (0.9, 0.1, 0.0)),
        (1.5, (0.9, 0.1, 0.0)),
        (math.nan, (0.9, 0.1, 0.0)),
        (0.15, (0.9, 0.2, 0.0)),
        (0.15, (1.1, -0.1, 0.0)),
        (0.15, (math.nan, 0.1, 0.9)),
        (0.15, (0.9, 0.1, math.nan)),
        (0.15, (0.5, 0.5)),
        (0.15, (0.25, 0.25, 0.25, 0.25)),
    ],
)
def test_wrong_rates_are_refused(rate, split):
    with pytest.raises(UserError, match="mask"):
        masked(rate, split)


def test_the_rate_decays_from_thirty_to_fifteen_percent():
    plan = RunPlan(100, 30)
    rate = MaskRate(parse("mask_decay_linear")[0].pacing, plan)
    tokens, special, lengths = rows(plan.total_samples)
    labels = masked(rate).ask(tokens, special, lengths, np.arange(plan.total_samples))[1]
    for first, last, mean in ((0, 6, 0.3), (88, 100, 0.15), (0, 100, 0.3 - 0.15 * (0.125 + 0.8125 / 2))):
        part = slice(first * 30, last * 30)
        assert_share((labels[part] != IGNORED).sum(), (~special[part]).sum(), mean)
    assert rate.of([0, 29, 2999]).tolist() == [0.3, 0.3, 0.15]


def test_a_falling_rate_only_ever_drops_targets():
    """The number of a position does not depend on the rate: what is asked at 15 % is asked at 30 %."""
    tokens, special, lengths = rows(300)
    more, fewer = (masked(rate).ask(tokens, special, lengths, np.arange(300))[1] for rate in (0.3, 0.15))
    assert ((fewer != IGNORED) <= (more != IGNORED)).all()


def test_a_rate_of_nothing_is_refused():
    with pytest.raises(UserError, match="rate of 0, where nothing is asked"):
        MaskRate(pacing_named("linear", {"start": "0.3", "end": "0"}), RunPlan(10, 2))


@given(st.lists(st.sampled_from("wcs"), min_size=1, max_size=30))
def test_words_run_from_a_start_to_the_next(kinds):
    """w starts a word, c continues one, s is special; a naive loop says whose leader is whose."""
    start, special = (np.array([[kind == letter for kind in kinds]]) for letter in "ws")
    expected, leader = [], 0
    for place, kind in enumerate(kinds):
        if place == 0 or kind in "ws" or kinds[place - 1] == "s":
            leader = place
        expected.append(leader)
    assert word_leaders(start, special)[0].tolist() == expected


def test_whole_words_are_targets_together():
    tokens, special, lengths = rows(3000)
    start = np.random.default_rng(1).random(tokens.shape) < 0.6
    inputs, labels = masked(0.15, (0.8, 0.1, 0.1), whole_word=True).ask(
        tokens, special, lengths, np.arange(3000), start
    )
    chosen = labels != IGNORED
    leaders = word_leaders(start, special)
    ordinary = ~special
    assert (chosen == (np.take_along_axis(chosen, leaders, axis=1) & ordinary))[ordinary].all()
    assert chosen[ordinary].mean() == pytest.approx(0.15, abs=0.005)
    for follows in (False, True):
        part = chosen & ((leaders != np.arange(64)) == follows)
        assert_share((inputs[part] == MASK).sum(), int(part.sum()), 0.8)
    assert (labels[chosen] == tokens[chosen]).all()


def test_what_becomes_of_the_tokens_of_a_word_is_drawn_apart():
    tokens = np.full((4000, 2), 10)
    none = np.zeros(tokens.shape, dtype=bool)
    start = np.tile([True, False], (4000, 1))
    inputs, labels = masked(0.5, (0.5, 0.0, 0.5), whole_word=True).ask(
        tokens, none, np.full(4000, 2), np.arange(4000), start
    )
    both = (inputs == MASK)[(labels != IGNORED).all(axis=1)]
    assert_share(both.all(axis=1).sum(), len(both), 0.25)


def test_one_token_words_are_masked_as_tokens_are():
    tokens, special, lengths = rows(50)
    apart = masked().ask(tokens, special, lengths, np.arange(50))
    words = masked(whole_word=True).ask(tokens, special, lengths, np.arange(50), np.ones_like(special))
    assert all((one == other).all() for one, other in zip(apart, words, strict=True))
    with pytest.raises(ValueError, match="where words start"):
        masked(whole_word=True).ask(tokens, special, lengths, np.arange(50))
