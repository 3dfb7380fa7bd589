"""What drawing a batch costs, and how that grows with the corpus.

    python benchmarks/sampler.py
    python benchmarks/sampler.py --sizes 10000 100000 --rounds 9

Draws batches of sample numbers in order, as training does, from the shuffled epochs of `none` and from the
pools of data curricula, and compares with CLIMB's rule, written from its formula: for every
batch the percentile of all scores, a weight per example, and a weighted draw without replacement (by
exponential keys, as torch.multinomial draws). They alternate in one process; medians and ranges.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
from rich.table import Table

from climb.base.console import show
from climb.curricula.data import data_order
from climb.curricula.naming import parse
from climb.curricula.order import Chunked, Order, ShuffledEpochs
from climb.curricula.pacing_base import Pacing, pacing_named
from climb.curricula.plan import RunPlan

BATCHES_IN_ORDER = 512
PACED = "data_score_linear:from=0,to=1"
NAMES = {
    "uniform": PACED,
    "epochs": f"{PACED},draw=epochs",
    "weighted": f"{PACED},draw=weighted",
    "sorted": "data_score_sorted",
    "random_": f"random_{PACED}",
}


@dataclass
class Contestant:
    """One way of drawing: `draw(first step)` draws `batches` batches in order."""

    name: str
    draw: Callable[[int], None]
    batches: int
    setup_ms: float = 0.0
    bytes_per_example: float = 0.0


def climb_rule(
    scores: npt.NDArray[np.float32], pacing: Pacing, plan: RunPlan, rng: np.random.Generator, step: int
) -> npt.NDArray[np.int64]:
    """Return one batch by CLIMB's rule: O(examples) each time."""
    limit = np.percentile(scores, 100 * float(pacing.value(step, plan.steps)))
    weights = np.where(scores > limit, 0.0, 1.0)
    keys = weights / rng.standard_exponential(len(scores))
    return np.argpartition(-keys, plan.batch_size)[: plan.batch_size]


def ours(name: str, make: Callable[[], Order], plan: RunPlan, size: int) -> Contestant:
    """Build an order and say what building it cost and what it holds."""
    began = time.perf_counter()
    order = make()
    setup_ms = (time.perf_counter() - began) * 1e3
    arrays = [value for value in vars(order).values() if isinstance(value, np.ndarray)]
    held = sum(value.nbytes for value in arrays if len(value) == size)
    reader = Chunked(order, plan.total_samples)
    steps = [np.arange(batch.start, batch.stop) for batch in map(plan.numbers_of, range(plan.steps))]

    def draw(first: int) -> None:
        for step in range(first, first + BATCHES_IN_ORDER):
            reader.examples(steps[step])

    return Contestant(name, draw, BATCHES_IN_ORDER, setup_ms, held / size)


def of_name(name: str, scores: npt.NDArray[np.float32], plan: RunPlan) -> Order:
    """Build the order of a data curriculum."""
    return data_order(parse(name)[0], [scores], plan, seed=0)


def contestants(size: int, batch_size: int, rounds: int) -> list[Contestant]:
    """Return the ways of drawing from a corpus of `size` examples."""
    # The last round ends with the run, the ramp covers all of it: pools of every size are met.
    plan = RunPlan(BATCHES_IN_ORDER * rounds, batch_size)
    pacing = pacing_named("linear", {"start": "0.1", "from": "0", "to": "1"})
    rng = np.random.default_rng(0)
    scores = rng.lognormal(size=size).astype(np.float32)
    return [
        ours("none", lambda: ShuffledEpochs(size, 0), plan, size),
        *(ours(label, partial(of_name, name, scores, plan), plan, size) for label, name in NAMES.items()),
        Contestant("CLIMB's rule", lambda step: void(climb_rule(scores, pacing, plan, rng, step)), 1),
    ]


def void(_: object) -> None:
    """Drop a result."""


def measure(size: int, batch_size: int, rounds: int) -> list[tuple[Contestant, list[float]]]:
    """Return milliseconds per batch of every round, the contestants taking turns."""
    everyone = contestants(size, batch_size, rounds)
    times: list[list[float]] = [[] for _ in everyone]
    for turn in range(rounds):
        for place, contestant in enumerate(everyone):
            began = time.perf_counter()
            contestant.draw(turn * BATCHES_IN_ORDER)
            times[place].append((time.perf_counter() - began) * 1e3 / contestant.batches)
    return list(zip(everyone, times, strict=True))


def main() -> None:
    """Measure and print one table."""
    parser = argparse.ArgumentParser(description="Milliseconds to draw a batch of examples, by corpus size.")
    parser.add_argument("--sizes", type=int, nargs="+", default=[10**4, 10**5, 10**6, 10**7])
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    columns = ("examples", "order", "ms/batch", "range", "set up", "bytes/example")
    title = f"Batches of {options.batch_size} drawn: median and range of {options.rounds} rounds, one CPU core"
    table = Table(*columns, title=title, box=None)
    for size in options.sizes:
        for contestant, times in measure(size, options.batch_size, options.rounds):
            table.add_row(
                f"{size:,}",
                contestant.name,
                f"{statistics.median(times):.3f}",
                f"{min(times):.3f}–{max(times):.3f}",
                f"{contestant.setup_ms:.1f} ms",
                f"{contestant.bytes_per_example:.0f}",
            )
    show(table)


if __name__ == "__main__":
    main()
