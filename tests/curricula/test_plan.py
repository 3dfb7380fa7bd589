import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from climb.base.errors import UserError
from climb.curricula.plan import RunPlan


@given(st.integers(1, 50), st.integers(1, 50))
def test_steps_and_numbers_are_inverse(steps, batch):
    plan = RunPlan(steps, batch)
    ranges = [plan.numbers_of(step) for step in range(steps)]
    flat = [number for numbers in ranges for number in numbers]
    assert flat == list(range(plan.total_samples))
    assert plan.step_of(flat).tolist() == [step for step, numbers in enumerate(ranges) for _ in numbers]
    assert plan.place_of(flat).tolist() == [place for numbers in ranges for place in range(len(numbers))]
    assert plan.largest_batch() == max(map(len, ranges))


def test_long_runs_do_not_overflow():
    plan = RunPlan(2**33, 2**10)
    assert plan.step_of(np.array([plan.total_samples - 1])).tolist() == [2**33 - 1]


@pytest.mark.parametrize(("steps", "batch"), [(0, 8), (8, 0), (-1, 8)])
def test_empty_runs_are_refused(steps, batch):
    with pytest.raises(UserError, match="at least 1"):
        RunPlan(steps, batch)
