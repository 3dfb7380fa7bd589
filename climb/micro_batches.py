"""Which samples a process sees in each micro-batch of a step, whatever the sizes of the steps.

accelerate's own division drops batches that differ in size without a word. Here a step's numbers are cut into
accumulation × processes runs, as equal as may be; of every `processes` runs in a row each process takes its own. So a
step sees the same samples however it is divided, and the loss, divided by the step's targets, is the same.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from torch.utils.data import Sampler

from climb.curricula.plan import RunPlan


class MicroBatches(Sampler[list[int]]):
    """The micro-batches of one process over a run or some of its steps, `grad_accum` for each step, in order.

    Args:
        plan: which numbers belong to which step.
        grad_accum: micro-batches per step and process.
        processes: how many processes share a step.
        process: which of them this is, 0 first.
        steps: the steps to go over; None: all.
    """

    def __init__(
        self, plan: RunPlan, grad_accum: int = 1, processes: int = 1, process: int = 0, steps: range | None = None
    ) -> None:
        self._plan = plan
        self._grad_accum = grad_accum
        self._processes = processes
        self._process = process
        self._steps = range(plan.steps) if steps is None else steps

    def __len__(self) -> int:
        return len(self._steps) * self._grad_accum

    def __iter__(self) -> Iterator[list[int]]:
        for step in self._steps:
            numbers = self._plan.numbers_of(step)
            edges = np.linspace(0, len(numbers), self._grad_accum * self._processes + 1).astype(np.int64).tolist()
            for run in range(self._process, self._grad_accum * self._processes, self._processes):
                yield list(numbers[edges[run] : edges[run + 1]])
