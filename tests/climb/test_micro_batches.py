"""However a step is divided, its samples are all there once, in runs of nearly one size."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from climb.curricula.plan import RunPlan, TablePlan
from climb.micro_batches import MicroBatches


@given(st.lists(st.integers(12, 40), min_size=1, max_size=6), st.integers(1, 4), st.integers(1, 3))
def test_a_step_is_its_parts(sizes: list[int], grad_accum: int, processes: int) -> None:
    whole = sum(sizes)
    steps = len(sizes)
    sizes[-1] += -whole % steps
    plan = TablePlan(steps, sum(sizes) // steps, np.cumsum(sizes))
    shares = [list(MicroBatches(plan, grad_accum, processes, process)) for process in range(processes)]
    assert {len(share) for share in shares} == {steps * grad_accum} == {len(MicroBatches(plan, grad_accum, 2, 1))}
    for step in range(steps):
        runs = [share[step * grad_accum + part] for part in range(grad_accum) for share in shares]
        assert [number for run in runs for number in run] == list(plan.numbers_of(step))
        lengths = [len(run) for run in runs]
        assert max(lengths) - min(lengths) <= 1
        assert min(lengths) >= 1


def test_one_process_sees_whole_steps_in_order() -> None:
    assert list(MicroBatches(RunPlan(3, 4))) == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]
