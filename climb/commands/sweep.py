"""`climb sweep`: a grid or list of runs from one file."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from climb.base.console import say, show
from climb.base.errors import UserError
from climb.base.schema import Strict


class SweepConfig(Strict):
    """What `climb sweep` is asked."""

    file: str = Field(
        description="The sweep file, YAML: curricula, models, losses, seeds, budget; or demo, which comes along."
    )
    jobs: int | None = Field(
        default=None,
        gt=0,
        description="Runs side by side; none means as many as cores and memory allow, one on a GPU.",
    )
    plugin: list[str] = Field(
        default=[],
        description="Python files with parts of your own, for all runs; on the command line only, as in climb train.",
    )


def sweep_runs(config: SweepConfig, dry_run: bool = False) -> None:
    """Train and evaluate every run of a sweep file that is not done yet.

    Each run is an ordinary run folder. Ctrl-C at any point: the same command goes on.
    """
    from climb.base.files import sole_owner
    from climb.curricula.plugins import use_plugins
    from climb.sweep.experiment import read_experiment
    from climb.sweep.overview import budget_problems, checked_shape, places_of, plan_table
    from climb.sweep.planning import plan
    from climb.sweep.running import run_all

    plugins = [str(Path(name).absolute()) for name in config.plugin]
    use_plugins(plugins)
    experiment = read_experiment(Path(config.file))
    runs = plan(experiment, plugins)
    logs = Path(experiment.out) / ".sweep"  # hidden, so that runs/* are runs
    if dry_run:
        show(plan_table(runs, config.jobs))
        return
    if all(run.done() for run in runs):
        say(f"{len(runs)} runs, all of them done.")
    else:
        # What is left is asked by the owner of the folder alone: another sweep may have been at work until now.
        with sole_owner(logs, "give the sweep another out:"):
            left = [run for run in runs if not run.done()]
            say(f"{len(runs)} runs, {len(runs) - len(left)} of them done.")
            jobs, threads = checked_shape(left, config.jobs)
            each = "1 thread" if threads == 1 else f"{threads} threads"
            say(f"{jobs} side by side, {each} each; logs in {logs}.")
            failed = run_all(left, logs, jobs, threads)
        if failed:
            names = ", ".join(run.name for run in failed)
            raise UserError(
                f"{len(failed)} of {len(left)} runs failed ({names}): see {logs}, mend the cause and run the same "
                "command again."
            )
    show(f"{len(runs)} runs are done. Compare them: climb compare {places_of(runs)}")
    problems = budget_problems(runs, experiment.budget)
    for problem in problems:
        say(f"Warning: {problem}")
    if problems:
        raise UserError(
            f"{len(problems)} of {len(runs)} runs did not keep the declared budget of {experiment.budget.same}: see "
            "above, and do not call it equal."
        )
