import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, chisquare

from climb.base.errors import UserError
from climb.base.random_bits import RandomBits
from climb.curricula.masking import IGNORED, CausalTargets, MaskedTargets

MASK = 4
VOCABULARY = 50
RANDOM_IDS = np.arange(5, VOCABULARY)


def masked(rate=0.15, split=(0.9, 0.1, 0.0), seed=0):
    bits = RandomBits(seed, "mask"), RandomBits(seed, "mask/replacement")
    return MaskedTargets(bits, MASK, RANDOM_IDS, rate, split)


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
