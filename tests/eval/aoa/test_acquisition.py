"""Ages of acquisition: closed forms, the published numbers of the set, and the ways of 2025 and 2026."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import pearsonr

from climb.eval.aoa.acquisition import (
    CHANCE_2025,
    WordCourse,
    age_2025,
    age_2026,
    age_of_children,
    correlation,
    scored,
)
from climb.eval.aoa.logistic import Logistic, fitted
from climb.eval.aoa.words import MONTHS, AcquiredWords

TRAINED = np.array([0, 1e6, 2e6, 3e6, 5e6, 8e6, 1e7, 2e7, 5e7, 1e8])


def test_children_acquire_the_published_words_at_the_published_ages(shared):
    folder = shared / "data" / "evaluation_data" / "full_eval" / "aoa"
    words = AcquiredWords.read(folder / "cdi_childes.json", folder / "cdi_human.csv")
    assert len(words.contexts) == 504 - 19, "nineteen have no context"
    assert len(words.children) == 504
    assert sum(map(len, words.contexts.values())) == 8_005
    ages = {word: age_of_children(shares) for word, shares in words.children.items()}
    known = np.array([age for age in ages.values() if age is not None])
    assert len(known) == 421
    assert known.mean() == pytest.approx(24.48, abs=0.005)
    assert np.median(known) == pytest.approx(24.71, abs=0.005)
    assert ages["airplane"] == pytest.approx(20.86, abs=0.005)
    assert ages["truck"] == pytest.approx(19.84, abs=0.005)
    assert [ages[word] for word in ("ball", "dog", "mommy")] == [None] * 3, "most know them at 16 months"


@given(st.floats(0.5, 2), st.floats(0.2, 3), st.floats(-3, 3), st.floats(-1, 1), st.floats(0.05, 0.95))
def test_a_curve_takes_the_level_where_it_crosses_it(a, b, c, d, share):
    level = d + share * a
    x = Logistic(a, b, c, d).crossing(level)
    assert a / (1 + math.exp(-b * (x - c))) + d == pytest.approx(level, abs=1e-9)


@pytest.mark.parametrize(
    "curve", [Logistic(1, 1, 0, 0.6), Logistic(0.4, 1, 0, 0), Logistic(1, -1, 0, 0), Logistic(-1, 1, 0, 1)]
)
def test_what_does_not_rise_through_a_level_has_no_crossing(curve):
    assert curve.crossing(0.5) is None


def test_a_curve_is_found_again():
    x = np.linspace(16, 30, 15)
    y = 0.9 / (1 + np.exp(-0.5 * (x - 23))) + 0.05
    found = fitted(x, y, (1, 0.1, 20, 0), None, 1000)
    assert (found.a, found.b, found.c, found.d) == pytest.approx((0.9, 0.5, 23, 0.05), abs=1e-5)


def course(middle, slope=4.0, chance=9.0, least=2.0, contexts=3):
    """Surprisal that falls from chance to a least value around 10^middle words, a little off in each context."""
    x = np.log10(TRAINED + 1)
    fall = (chance - least) / (1 + np.exp(-slope * (x - middle)))
    return WordCourse(np.stack([chance - fall + shift for shift in np.linspace(-0.1, 0.1, contexts)], axis=1), chance)


@pytest.mark.parametrize("middle", [6.2, 6.7, 7.3])
def test_a_word_is_known_half_of_the_way_from_chance_to_its_least_surprisal(middle):
    word = course(middle)
    half = (word.chance + word.surprisals.mean(axis=1).min()) / 2
    expected = middle - math.log((9 - 2) / (9 - half) - 1) / 4
    assert age_2026(TRAINED, word) == pytest.approx(expected, abs=1e-3)


def test_the_way_of_2025_takes_bits_for_nats():
    """Its chance is 18.2 whatever the vocabulary, so a word is known earlier, or counts as known from the start."""
    word = course(6.7, chance=17.0)
    half = (CHANCE_2025 + word.surprisals.min()) / 2
    expected = 6.7 - math.log((17 - 2) / (17 - half) - 1) / 4
    assert age_2025(TRAINED, word) == pytest.approx(expected, abs=0.02)
    assert age_2025(TRAINED, course(6.7)) is None, "never above (18.2 + 2) / 2 nats"


def test_a_word_that_is_never_learnt_or_known_from_the_start_has_no_age():
    flat = WordCourse(np.full((len(TRAINED), 2), 9.0), 9.0)
    assert age_2026(TRAINED, flat) is None
    rising = WordCourse(-course(6.7).surprisals + 20, 9.0)
    assert age_2026(TRAINED, rising) is None


def test_the_correlation_is_pearsons_over_the_words_that_have_both():
    children = {"a": 18.0, "b": 20.0, "c": 25.0, "d": 22.0, "e": None, "f": 19.0}
    model = {"a": 6.1, "b": 6.0, "c": 7.0, "d": 6.9, "e": 7.0, "f": None}
    figure, p = correlation(children, model)
    expected = pearsonr([18, 20, 25, 22], [6.1, 6.0, 7.0, 6.9])
    assert (figure.value, p, figure.count) == (pytest.approx(expected.statistic), pytest.approx(expected.pvalue), 4)
    assert figure.interval == pytest.approx(tuple(expected.confidence_interval(0.95)))
    few, p = correlation(children, {"a": 6.1, "b": 6.0})
    assert (few.value, p, few.count) == (0.0, 1.0, 2)
    same, _ = correlation(children, dict.fromkeys("abcd", 6.0))
    assert same.value == 0.0
    assert scored(figure, 0.2, 2026) == 0.0
    assert scored(figure, 0.2, 2025) == figure.value
    assert scored(figure, 0.05, 2026) == figure.value


def test_months_are_those_of_the_inventories():
    assert MONTHS.tolist() == list(range(16, 31))
