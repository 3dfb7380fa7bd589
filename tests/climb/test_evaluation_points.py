"""When a run is looked at, against BabyLM's published list and by laws."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from climb.evaluation_points import MILESTONES, evaluation_steps, held_out_blocks, milestones_crossed

# BabyLM 2025: checkpoints after these millions of words, strict-small, strict, and tenfold.
PUBLISHED = [*range(1, 11), *range(20, 101, 10), *range(200, 1001, 100)]


def test_milestones_are_babylms():
    assert [words / 1e6 for words in MILESTONES] == PUBLISHED


def test_a_milestone_is_crossed_once():
    assert milestones_crossed(0, 999_999) == []
    assert milestones_crossed(999_999, 1_000_000) == [1]
    assert milestones_crossed(1_000_000, 1_999_999) == []
    assert milestones_crossed(9_500_000, 31_000_000) == [10, 20, 30]


@given(st.lists(st.integers(0, 1_200_000_000), min_size=1, max_size=8))
def test_however_a_run_is_cut_it_meets_the_same_milestones(stops):
    stops = [0, *sorted(stops)]
    parts = [milestone for a, b in pairwise(stops) for milestone in milestones_crossed(a, b)]
    assert parts == [millions for millions in PUBLISHED if millions * 1_000_000 <= stops[-1]]


def test_eighths_of_a_run():
    assert sorted(evaluation_steps(80, 8)) == [0, 10, 20, 30, 40, 50, 60, 70, 80]
    assert sorted(evaluation_steps(100, 3)) == [0, 33, 67, 100]
    assert sorted(evaluation_steps(2, 8)) == [0, 1, 2]
    assert evaluation_steps(80, 0) == frozenset()


@given(st.integers(1, 10**6), st.integers(1, 64))
def test_first_and_last_step_are_always_looked_at(steps, evaluations):
    points = evaluation_steps(steps, evaluations)
    assert min(points) == 0
    assert max(points) == steps
    assert len(points) <= evaluations + 1


@given(
    available=st.integers(1, 10**6),
    samples=st.integers(1, 10**7),
    words=st.floats(0.1, 500),
    evaluations=st.integers(0, 50),
    share=st.floats(0, 1),
)
def test_held_out_evaluation_stays_within_its_share(available, samples, words, evaluations, share):
    """A forward pass is a third of a step, so m evaluations of n blocks cost m·n/3 steps' worth of samples."""
    blocks = held_out_blocks(available, samples, words, evaluations, share)
    assert 1 <= blocks <= available
    moments = evaluations + 1 + len(milestones_crossed(0, int(samples * words)))
    assert blocks == 1 or blocks * moments / 3 <= share * samples


def test_a_long_run_can_afford_all():
    assert held_out_blocks(500, 10**6, 80.0, 8, 0.03) == 500
    assert held_out_blocks(10**6, 10**6, 0.5, 8, 0.03) == pytest.approx(0.7 * 0.03 * 10**6 * 3 / 9, abs=1)
