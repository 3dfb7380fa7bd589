"""The course of a run: every checkpoint it kept, evaluated under one plan, in one table and one file.

`climb eval RUN --checkpoints` expands a run into its `chck_<N>M` folders (weights after N million words, 0 the
untrained ones) and its final model. Each one's results go to `RUN/eval/chck_<N>M/`, so an interrupted trajectory goes
on where it was; `RUN/eval/trajectory.csv` holds every metric of every checkpoint, one a line, of all tasks whose
results lie there. What a task can tell of the whole course, such as when words are acquired, is a result beside those
of the final model.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from rich.table import Table
from rich.text import Text

from climb.base.console import say
from climb.base.errors import UserError
from climb.base.files import atomic_file
from climb.base.run import EVAL_FOLDER, MODEL_FOLDER, Run, is_run
from climb.eval.loading import Place
from climb.eval.output import Results, figure_text, read_result, write_result
from climb.eval.results import TaskResult
from climb.eval.task import Task

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
    files = []
    for run, numbers in _by_run(places).items():
        files.append(run / EVAL_FOLDER / FILE if out is None else Path(out) / f"{run.resolve().name}.{FILE}")
        words = Run(run).manifest.words
        with atomic_file(files[-1]) as file:
            lines = csv.writer(file, lineterminator="\n")
            lines.writerow(COLUMNS)
            for number in numbers:
                lines.writerows(_lines(places[number], words, folders[number]))
    return files


def write_courses(
    places: Sequence[Place],
    folders: Sequence[Path],
    tasks: Sequence[Task],
    results: Results,
    out: str | None = None,
) -> dict[str, dict[str, TaskResult]]:
    """Write what tasks can tell of each run's course into the folder of its final model; return it by run and task.

    Args:
        places: of the models; a run's own stand together, its final model last.
        folders: where the results of each lie.
        tasks: that were evaluated.
        results: of each model in turn, what was made or found now; what lies in the folders from before may be older.
        out: a folder for the files, below which each run has one.
    """
    by_place = list(results.values())
    found: dict[str, dict[str, TaskResult]] = {}
    for run, numbers in _by_run(places).items():
        name = run.resolve().name
        target = run / EVAL_FOLDER if out is None else Path(out) / name
        words = Run(run).manifest.words
        for task in tasks:
            made = [by_place[number] for number in numbers if task.name in by_place[number]]
            if type(task).course is Task.course or len(made) < len(numbers):
                continue  # what failed was said
            read = [_words(places[number], words) for number in numbers]
            course = task.course(read, [read_result(folders[number], task.name) for number in numbers])
            if course is None:
                say(f"{name}, {task.name}: {len(numbers)} checkpoints are too few to tell its course.")
                continue
            write_result(target, course)
            for note in course.notes:
                say(f"{name}, {course.task}: {note}")
            found.setdefault(name, {})[course.task] = course
    return found


def _by_run(places: Sequence[Place]) -> dict[Path, list[int]]:
    runs: dict[Path, list[int]] = {}
    for number, place in enumerate(places):
        if place.origin is not None:
            runs.setdefault(place.origin, []).append(number)
    return runs


def _words(place: Place, words: int) -> int:
    """Return the words a checkpoint has read; the final model those of the run."""
    name = place.folder.name
    return int(name[5:-1]) * 1_000_000 if name.startswith("chck_") else words


def _lines(place: Place, words: int, folder: Path) -> list[list[str]]:
    """Return a line per metric of one checkpoint; the final model stands at all words of the run."""
    name, million = place.folder.name, f"{_words(place, words) / 1e6:g}"
    # Other files may lie there, such as a submission: a result has its predictions beside it.
    results = [
        TaskResult.read(path)
        for path in sorted(folder.glob("*.json"))
        if path.with_name(f"{path.stem}.predictions.jsonl").is_file()
    ]
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
