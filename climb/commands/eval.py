"""`climb eval`: what a model knows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from climb.base.console import say, show
from climb.base.errors import UserError
from climb.eval.options import EvalConfig

if TYPE_CHECKING:
    from climb.eval.loading import Place
    from climb.eval.results import TaskResult
    from climb.eval.task import Task


def evaluate(config: EvalConfig) -> None:
    """Evaluate runs, model folders or Hub models.

    Without RUN the newest complete run under runs/ is taken. Results go to RUN/eval/<task>.json with standard
    errors, and per-item predictions beside them. With --checkpoints each run's checkpoints are evaluated too, into
    RUN/eval/chck_<N>M, and RUN/eval/trajectory.csv holds the course of every metric.
    """
    from climb.base.run import newest_run
    from climb.eval import own_folders, prepare_tasks, results_table
    from climb.eval.loading import locate
    from climb.eval.trajectory import expanded, trajectory_table, write_courses, write_trajectories

    models = config.models or [str(newest_run())]
    if not config.models:
        say(f"No model given: taking the newest complete run, {models[0]}.")
    tasks = prepare_tasks(config)
    models = expanded(models) if config.checkpoints else models
    places = [locate(name, config.allow_bin) for name in models]
    folders = own_folders(places, config.out)
    results, failures = _results(config, models, places, folders, tasks)
    if config.checkpoints:
        show(trajectory_table(results))
        courses = write_courses(places, folders, tasks, results, config.out)
        if courses:
            show(results_table(courses))
        files = write_trajectories(places, folders, config.out)
        show(f"Trajectory: {', '.join(str(file) for file in files)}")
    else:
        show(results_table({name: found for name, found in results.items() if found}))
    show(f"Results: {', '.join(str(folder) for folder in folders)}")
    if failures:
        raise UserError(" ".join(failures))


def _results(
    config: EvalConfig, models: list[str], places: list[Place], folders: list[Path], tasks: list[Task]
) -> tuple[dict[str, dict[str, TaskResult]], list[str]]:
    """Evaluate one model after the other under one plan; return results by name, and what failed.

    A model that cannot be loaded or scored costs the others nothing.
    """
    from climb.eval import evaluate as evaluate_loaded
    from climb.eval import load
    from climb.eval.card import add_to_card
    from climb.eval.plans import Plans
    from climb.eval.runner import TasksFailed

    names = [place.name for place in places]
    plans = Plans() if len(models) > 1 else None
    results: dict[str, dict[str, TaskResult]] = {}
    failures = []
    for given, place, folder in zip(models, places, folders, strict=True):
        label = place.name if names.count(place.name) == 1 else given
        try:
            loaded = load(given, config.device, config.precision, config.backend, config.allow_bin)
            results[label] = evaluate_loaded(loaded, config, folder, tasks, plans)
        except TasksFailed as failed:
            results[label] = failed.results
            failures.append(f"{label}: {failed}")
        except UserError as failed:
            if len(models) == 1:
                raise
            say(f"{label}: {failed}")
            results[label] = {}
            failures.append(f"{label}: {failed}")
        if place.run is not None:
            add_to_card(place.folder / "README.md", place.name, results[label])
    return results, failures
