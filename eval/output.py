"""The files and the terminal table of an evaluation."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from rich.table import Table
from rich.text import Text

from climb.base.files import atomic_file, read_json_lines
from climb.eval.loading import LoadedModel
from climb.eval.results import Figure, TaskResult

Results = Mapping[str, Mapping[str, TaskResult]]
"""model name → task name → result."""


def out_folder(loaded: LoadedModel, out: str | None, models: int = 1) -> Path:
    """Return where a model's results go: --out (a folder per model when there are several), else RUN/eval.

    A model that is no run gets `eval_results/<name>` below the working folder.
    """
    name = loaded.name.replace("/", "--")
    if out is not None:
        return Path(out) / name if models > 1 else Path(out)
    return loaded.run / "eval" if loaded.run is not None else Path("eval_results") / name


def write_result(folder: Path, result: TaskResult) -> None:
    """Write `<task>.predictions.jsonl`, then `<task>.json`, each whole or not at all.

    The second stands for the first: where `<task>.json` is, its predictions are.
    """
    with atomic_file(folder / f"{result.task}.predictions.jsonl") as file:
        for record in result.predictions:
            file.write(json.dumps(record, ensure_ascii=False, allow_nan=False) + "\n")
    result.write(folder / f"{result.task}.json")


def read_result(folder: Path, task: str) -> TaskResult:
    """Read a result with its predictions.

    Raises:
        UserError: a file is missing or damaged.
    """
    result = TaskResult.read(folder / f"{task}.json")
    records = [record for _, record in read_json_lines(folder / f"{task}.predictions.jsonl")]
    return result.model_copy(update={"predictions": records})


def results_table(results: Results) -> Table:
    """Return one table: a row per task and metric, a column per model, each figure ± its standard error.

    Below a task's metrics stands its headline by phenomenon or by source. Accuracies are in percent. A part
    of a benchmark, and a convention other than the default, stand beside the task's name.
    """
    table = Table(title="Evaluation", title_justify="left")
    table.add_column("task")
    table.add_column("metric")
    for model in results:
        table.add_column(Text(model), justify="right", overflow="fold")
    for task in dict.fromkeys(task for of_model in results.values() for task in of_model):
        columns = [of_model.get(task) for of_model in results.values()]
        first = next(result for result in columns if result is not None)
        # Text, because rich reads square brackets in a string as markup.
        label = Text(_label(first))
        for metric in first.metrics:
            cells = [figure_text(result.metrics.get(metric) if result else None, metric) for result in columns]
            table.add_row(label, _unit(metric), *cells)
            label = Text()
        for part in _parts(first):
            cells = [figure_text(_parts(result).get(part) if result else None, first.headline) for result in columns]
            table.add_row(label, Text(f"  {part}"), *cells)
        table.add_section()
    return table


def _unit(metric: str) -> str:
    """Return a metric's name for people."""
    return metric.replace("_", " ") + (", %" if metric.startswith("accuracy") else "")


def _parts(result: TaskResult) -> dict[str, Figure]:
    """Return the headline by phenomenon or by source."""
    return result.groups.get("phenomenon") or result.groups.get(result.headline, {})


def _label(result: TaskResult) -> str:
    """Return the task's name with what a reader must not overlook."""
    label = result.task
    if result.coverage is not None and result.coverage.present < result.coverage.total:
        label += f" ({result.coverage.present} of {result.coverage.total} {result.coverage.unit})"
    if not result.convention.startswith("native"):
        label += f" [{result.convention}]"
    return label


def figure_text(figure: Figure | None, metric: str) -> str:
    """Return "62.4 ± 1.3" (percent for accuracies), "–" for None."""
    if figure is None:
        return "–"
    scale, digits = (100.0, 1) if metric.startswith("accuracy") else (1.0, 3 if figure.value < 100 else 1)
    error = "" if figure.standard_error is None else f" ± {figure.standard_error * scale:.{digits}f}"
    return f"{figure.value * scale:.{digits}f}{error}"
