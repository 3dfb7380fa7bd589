"""What a sweep will cost, and whether its finished runs kept their budget."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable

import numpy as np
import torch
from rich.table import Table

from climb.analysis.run_record import RunRecord, read_run, read_scores
from climb.dry_run import Forecast, duration, forecast
from climb.estimates import parameter_count
from climb.eval.runner import prepare_tasks
from climb.models import build_model
from climb.run_parts import checked_parts
from climb.sweep.budgets import TOLERANCE, spending
from climb.sweep.experiment import BudgetConfig
from climb.sweep.planning import PlannedRun
from climb.sweep.running import side_by_side
from climb.trainer import uses_cuda


def checked_shape(left: list[PlannedRun], jobs: int | None) -> tuple[int, int]:
    """Check what is left to do before hours are spent on a part of it; return (runs side by side, threads of each).

    Args:
        left: the runs that are not done, at least one.
        jobs: as asked for; None means as many as fit.

    Raises:
        UserError: everything that one of the runs, or its evaluation, would refuse before its first step.
    """
    evaluation = left[0].evaluation
    if evaluation is not None:
        prepare_tasks(evaluation)
    parameters = 0
    for run in {run.condition: run for run in left}.values():
        config, corpus = run.config, checked_parts(run.config).corpus
        model = build_model(config.model, corpus.tokenizer, corpus.manifest.block_size, 0)
        parameters = max(parameters, parameter_count(model))
    return side_by_side(len(left), parameters, jobs, uses_cuda(left[0].config))


def plan_table(runs: list[PlannedRun], jobs: int | None = None) -> Table:
    """Return a row per condition: what is left to do, steps, tokens and operations of a run, minutes and disk.

    Tokens and operations are counted from the plan, and are means over the seeds. Minutes and disk are those of all
    runs that are left; those of one seed hold for the others too. The minutes are calibrated by a few timed steps on
    this machine, with the threads that a run will have. Runs that are done cost nothing.

    Args:
        runs: of the sweep.
        jobs: runs side by side; None means as many as fit.

    Raises:
        UserError: what a run would refuse before its first step.
    """
    states = [run.state() for run in runs]
    left = [run for run, state in zip(runs, states, strict=True) if state not in ("done", "scores committed")]
    side, threads = checked_shape(left, jobs) if left else (1, 1)
    table = Table(title="Dry run: nothing was trained", title_justify="left")
    for name in ("condition", "runs", "steps", "tokens", "FLOPs", "time", "disk"):
        table.add_column(name, justify="left" if name in ("condition", "runs") else "right", overflow="fold")
    known = _forecasts(left, threads)
    costs: list[Forecast] = []
    for condition in dict.fromkeys(run.condition for run in runs):
        own = [(run, state) for run, state in zip(runs, states, strict=True) if run.condition == condition]
        unfinished = [known[condition] for _, state in own if state in ("to train", "to finish")]
        table.add_row(
            condition,
            "\n".join(f"{count} {state}" for state, count in Counter(state for _, state in own).items()),
            f"{own[0][0].config.max_steps:,}",
            f"{np.mean([spending(run.config, 'tokens') for run, _ in own]) / 1e6:,.3g} M",
            f"{np.mean([spending(run.config, 'flops') for run, _ in own]):.3g}",
            *_spent(sum(cost.seconds for cost in unfinished), unfinished),
        )
        costs += unfinished
    table.add_section()
    table.add_row("all", "", "", "", "", *_spent(makespan((cost.seconds for cost in costs), side), costs))
    each = "1 thread" if threads == 1 else f"{threads} threads"
    table.caption = f"{side} side by side, {each} each; evaluations and starting up are not counted."
    return table


def _spent(seconds: float, costs: list[Forecast]) -> tuple[str, str]:
    """Return time and disk of runs that are left, as the table has them."""
    return (duration(seconds), f"{sum(cost.disk for cost in costs) / 1e6:,.0f} MB") if costs else ("–", "–")


def _forecasts(left: list[PlannedRun], threads: int) -> dict[str, Forecast]:
    """Return condition → what a run of it costs with this many threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        return {run.condition: forecast(run.config) for run in {run.condition: run for run in left}.values()}
    finally:
        torch.set_num_threads(before)


def makespan(seconds: Iterable[float], jobs: int) -> float:
    """Return how long runs take when the next one starts as soon as one of those side by side has ended."""
    ends = [0.0] * jobs
    for one in seconds:
        heapq.heapreplace(ends, ends[0] + one)
    return max(ends)


def budget_problems(runs: list[PlannedRun], budget: BudgetConfig) -> list[str]:
    """Return a sentence for each finished run whose manifest does not prove the declared budget."""
    kind = budget.same
    declared = budget.amount or spending(runs[0].config, kind)
    spent = {run.name: float(getattr(_record(run).manifest, kind)) for run in runs}
    return [
        f"{name} spent {value:,.0f} {kind} and was to spend {declared:,.0f}: more than {100 * TOLERANCE:g} % apart."
        for name, value in spent.items()
        if abs(value / declared - 1) > TOLERANCE
    ]


def places_of(runs: list[PlannedRun]) -> str:
    """Return what to give `climb compare`: all scores of a folder, or patterns of ours where it holds others too."""
    scores = [run.scores for run in runs]
    kept = [path for path in scores if path is not None]
    if len(kept) < len(scores):
        return " ".join(str(run.folder) for run in runs)
    if set(kept[0].parent.glob("*.json")) <= set(kept):
        return str(kept[0].parent / "*.json")
    conditions = dict.fromkeys(run.condition for run in runs)
    return " ".join(str(kept[0].parent / f"{condition}-s[0-9]*.json") for condition in conditions)


def _record(run: PlannedRun) -> RunRecord:
    return read_scores(run.scores) if run.scores is not None and run.scores.is_file() else read_run(run.folder)
