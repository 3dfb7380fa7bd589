import itertools
import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from climb.data_prep.metrics.ttr import SAMPLE, TypeTokenRatio, expected_ratios
from climb.data_prep.tokens.words import Words
from tests.data_prep.metrics.batches import blocks, sentences


@given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=9), st.integers(1, 5))
def test_the_ratio_is_the_mean_over_all_samples(letters, sample):
    [found] = expected_ratios(Words.of([" ".join(letters)]), sample)
    if len(letters) >= sample:
        every = [len(set(chosen)) / sample for chosen in itertools.combinations(letters, sample)]
        assert found == pytest.approx(np.mean(every))
    else:
        curve = math.log(len(set(letters))) / math.log(len(letters)) if len(letters) > 1 else 1.0
        assert found == pytest.approx(sample ** (curve - 1))


@given(st.lists(st.lists(st.integers(0, 30), max_size=120), min_size=1, max_size=5))
def test_long_texts_equal_the_hypergeometric_formula(runs):
    found = expected_ratios(Words.of([" ".join(f"w{number}" for number in run) for run in runs]))
    assert np.isfinite(found).all()
    for value, run in zip(found, runs, strict=True):
        if len(run) >= SAMPLE:
            absent = [
                math.comb(len(run) - count, SAMPLE) / math.comb(len(run), SAMPLE) for count in Counter(run).values()
            ]
            assert value == pytest.approx(sum(1 - share for share in absent) / SAMPLE)


def test_closed_forms():
    different = [" ".join(f"w{number}" for number in range(size)) for size in (1, 2, 41, 42, 43, 500)]
    np.testing.assert_allclose(TypeTokenRatio(None).blocks(blocks(different)), 1.0)
    same = [" ".join(["so"] * size) for size in (42, 43, 500)]
    np.testing.assert_allclose(TypeTokenRatio(None).sentences(sentences(same)), 1 / 42)
    assert TypeTokenRatio(None).sentences(sentences(["", "...", "— !"])).tolist() == [0, 0, 0]
    assert TypeTokenRatio(None).blocks(blocks(["The the “THE,” the"])) == pytest.approx(1 / 42)


def test_the_two_formulas_meet_at_the_size_of_the_sample():
    words = [f"w{number % 20}" for number in range(SAMPLE)]
    assert expected_ratios(Words.of([" ".join(words)]))[0] == pytest.approx(20 / SAMPLE)
    assert SAMPLE ** (math.log(20) / math.log(SAMPLE) - 1) == pytest.approx(20 / SAMPLE)


def test_the_ratio_does_not_fall_with_length():
    """Text of one Zipfian source, cut to blocks of 60 to 960 words."""
    dice = np.random.default_rng(0)
    share = 1 / np.arange(1, 3001)
    drawn = dice.choice(3000, size=96_000, p=share / share.sum())
    means = [
        expected_ratios(Words.of([" ".join(map(str, part)) for part in drawn.reshape(-1, size)])).mean()
        for size in (60, 240, 960)
    ]
    plain = [np.mean([len(set(part)) / size for part in drawn.reshape(-1, size)]) for size in (60, 240, 960)]
    assert max(means) - min(means) < 0.01
    assert plain[0] - plain[2] > 0.25
