"""The course of a run: every checkpoint it kept, evaluated under one plan, in one table and one file.

`climb eval RUN --checkpoints` expands a run into its `chck_<N>M` folders (weights after N million words, 0 the
untrained ones) and its final model. Each one's results go to `RUN/eval/chck_<N>M/`, so an interrupted trajectory goes
on where it was; `RUN/eval/trajectory.csv` holds every metric of every checkpoint, one a line, of all tasks whose
results lie there.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from rich.table import Table
from rich.text import Text

from climb.base.errors import UserError
from climb.base.files import atomic_file
from climb.base.run import EVAL_FOLDER, MODEL_FOLDER, Run, is_run
from climb.eval.loading import Place
from climb.eval.output import Results, figure_text
from climb.eval.results import TaskResult

FILE = "trajectory.csv"
COLUMNS = ("checkpoint", "million_words", "task", "convention", "metric", "value", "standard_error")


def expanded(models: Sequence[str]) -> list[str]:
    """Return the paths of every run's checkpoints, by words, and of the run itself where it has a final model.

    Raises:
        UserError: a model that is no run, or a run that kept no checkpoints.
    """
    found: list[str] = []
    for name in models:
        path = Path(name)
        if not is_run(path):
            raise UserError(
                f"{name} is no run, so --checkpoints finds none in it: name the model folders one by one."
            )
        milestones = Run(path).milestones
        if not milestones:
            raise UserError(f"{name} kept no checkpoints (chck_<N>M): evaluate it without --checkpoints.")
        found += [str(folder) for folder in milestones]
        if (path / MODEL_FOLDER / "config.json").is_file():
            found.append(name)
    return found


def write_trajectories(places: Sequence[Place], folders: Sequence[Path], out: str | None = None) -> list[Path]:
    """Write each run's results, checkpoint by checkpoint, into its eval/ or the folder named; return the files.

    Args:
        places: of the models; a run's own stand together.
        folders: where the results of each lie, those of earlier evaluations among them.
        out: a folder for the files, which then bear the runs' names.
    """
    runs: dict[Path, list[int]] = {}
    for number, place in enumerate(places):
        if place.origin is not None:
            runs.setdefault(place.origin, []).append(number)
    files = []
    for run, numbers in runs.items():
        files.append(run / EVAL_FOLDER / FILE if out is None else Path(out) / f"{run.resolve().name}.{FILE}")
        words = Run(run).manifest.words
        with atomic_file(files[-1]) as file:
            lines = csv.writer(file, lineterminator="\n")
            lines.writerow(COLUMNS)
            for number in numbers:
                lines.writerows(_lines(places[number], words, folders[number]))
    return files


def _lines(place: Place, words: int, folder: Path) -> list[list[str]]:
    """Return a line per metric of one checkpoint; the final model stands at all words of the run."""
    name = place.folder.name
    million = name[5:-1] if name.startswith("chck_") else f"{words / 1e6:g}"
    results = [TaskResult.read(path) for path in sorted(folder.glob("*.json"))]
    return [
        [name, million, result.task, result.convention, metric, repr(figure.value), _error(figure.standard_error)]
        for result in results
        for metric, figure in result.metrics.items()
    ]


def _error(error: float | None) -> str:
    return "" if error is None else repr(error)


def trajectory_table(results: Results) -> Table:
    """Return one table: a line per checkpoint, a column per task with its headline ± standard error."""
    table = Table(title="Trajectory (± standard error)", title_justify="left")
    table.add_column("", overflow="fold")
    tasks = dict.fromkeys(task for of_model in results.values() for task in of_model)
    for task in tasks:
        first = next(of_model[task] for of_model in results.values() if task in of_model)
        table.add_column(Text(f"{task}\n{first.headline.replace('_', ' ')}"), justify="right", overflow="fold")
    for model, of_model in results.items():
        found = [of_model.get(task) for task in tasks]
        cells = [
            figure_text(None if r is None else r.metrics[r.headline], "" if r is None else r.headline) for r in found
        ]
        table.add_row(Text(model), *cells)
    return table
