"""`climb sweep`: a grid or list of runs from one file."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from climb.base.console import say, show
from climb.base.errors import UserError
from climb.base.schema import Strict


class SweepConfig(Strict):
    """What `climb sweep` is asked."""

    file: str = Field(description="The sweep file, YAML: curricula, models, losses, seeds, budget.")
    jobs: int | None = Field(
        default=None,
        gt=0,
        description="Runs side by side; none means as many as cores and memory allow, one on a GPU.",
    )


def sweep_runs(config: SweepConfig, dry_run: bool = False) -> None:
    """Train and evaluate every run of a sweep file that is not done yet.

    Each run is an ordinary run folder. Ctrl-C at any point: the same command goes on.
    """
    from climb.base.files import sole_owner
    from climb.estimates import parameter_count
    from climb.models import build_model
    from climb.run_parts import checked_parts
    from climb.sweep.experiment import read_experiment
    from climb.sweep.overview import budget_problems, plan_table
    from climb.sweep.planning import plan
    from climb.sweep.running import run_all, side_by_side
    from climb.trainer import uses_cuda

    experiment = read_experiment(Path(config.file))
    runs = plan(experiment)
    states = [run.state() for run in runs]
    if dry_run:
        show(plan_table(runs, states))
        return
    left = [run for run, state in zip(runs, states, strict=True) if state not in ("done", "scores committed")]
    say(f"{len(runs)} runs, {len(runs) - len(left)} of them done.")
    if left:
        shapes = {run.config.model: run for run in left}
        corpora = {run.config.model: checked_parts(run.config).corpus for run in shapes.values()}
        parameters = max(
            parameter_count(build_model(model, corpus.tokenizer, corpus.manifest.block_size, 0))
            for model, corpus in corpora.items()
        )
        jobs, threads = side_by_side(len(left), parameters, config.jobs, uses_cuda(left[0].config))
        say(f"{jobs} side by side, {threads} threads each; logs in {experiment.out}/logs.")
        with sole_owner(Path(experiment.out) / "logs", "give the sweep another out:"):
            failed = run_all(left, Path(experiment.out) / "logs", jobs, threads)
        if failed:
            names = ", ".join(run.name for run in failed)
            raise UserError(
                f"{len(failed)} of {len(left)} runs failed ({names}): see {experiment.out}/logs, mend the cause and "
                "run the same command again."
            )
    for problem in budget_problems(runs, experiment.budget.same):
        say(f"Warning: {problem}")
    places = f"{experiment.scores}/*.json" if experiment.scores else " ".join(str(run.folder) for run in runs)
    show(f"{len(runs)} runs are done. Compare them: climb compare {places}")
