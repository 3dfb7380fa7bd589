"""What a sweep will cost, and whether its finished runs kept their budget."""

from __future__ import annotations

from rich.table import Table

from climb.analysis.run_record import RunRecord, read_run, read_scores
from climb.dry_run import Forecast, duration, forecast
from climb.sweep.budgets import TOLERANCE, spending
from climb.sweep.experiment import Budget
from climb.sweep.planning import PlannedRun, State


def plan_table(runs: list[PlannedRun], states: list[State]) -> Table:
    """Return a row per run: what is left to do, steps, tokens, operations, minutes and disk.

    Tokens and operations are counted from the plan; minutes and disk of one seed of each condition are calibrated by
    a few timed steps on this machine and hold for the other seeds too. Runs that are done cost nothing.
    """
    table = Table(title="Dry run: nothing was trained", title_justify="left")
    for name in ("run", "state", "steps", "tokens", "FLOPs", "time", "disk"):
        table.add_column(name, justify="left" if name in ("run", "state") else "right", overflow="fold")
    known: dict[str, Forecast] = {}
    seconds = disk = 0.0
    for run, state in zip(runs, states, strict=True):
        row = [run.name, state, f"{run.config.max_steps:,}"]
        row += [f"{spending(run.config, 'tokens'):,.0f}", f"{spending(run.config, 'flops'):.3g}"]
        if state in ("to train", "to finish"):
            alike = run.name.rpartition("-s")[0]
            if alike not in known:
                known[alike] = forecast(run.config)
            cost = known[alike]
            seconds, disk = seconds + cost.seconds, disk + cost.disk
            row += [duration(cost.seconds), f"{cost.disk / 1e6:,.0f} MB"]
        else:
            row += ["–", "–"]
        table.add_row(*row)
    table.add_section()
    total = ["all", "", "", "", "", f"{duration(seconds)}", f"{disk / 1e6:,.0f} MB"]
    table.add_row(*total)
    return table


def budget_problems(runs: list[PlannedRun], kind: Budget) -> list[str]:
    """Return a sentence for each finished run whose manifest does not prove the declared budget."""
    spent = {run.name: float(getattr(_record(run).manifest, kind)) for run in runs}
    first = next(iter(spent))
    return [
        f"{name} spent {value:,.0f} {kind} and {first} {spent[first]:,.0f}: more than {100 * TOLERANCE:g} % apart."
        for name, value in spent.items()
        if abs(value / spent[first] - 1) > TOLERANCE
    ]


def _record(run: PlannedRun) -> RunRecord:
    return read_scores(run.scores) if run.scores is not None and run.scores.is_file() else read_run(run.folder)
