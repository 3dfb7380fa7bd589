"""The files and the terminal table of an evaluation."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.table import Table
from rich.text import Text

from climb.base.errors import UserError
from climb.base.files import atomic_file, read_json_lines
from climb.base.run import EVAL_FOLDER
from climb.eval.loading import LoadedModel, Place
from climb.eval.results import SHARES, Figure, TaskResult

Results = Mapping[str, Mapping[str, TaskResult]]
"""model name → task name → result."""
_PLAIN = 1e9
"""Figures from here on, which only a diverged model has, are shown by their order of magnitude."""


def out_folder(loaded: LoadedModel | Place, out: str | None, models: int = 1) -> Path:
    """Return where a model's results go: --out (a folder per model when there are several), else RUN/eval.

    A checkpoint that a run kept gets RUN/eval/chck_<N>M, any other model `eval_results/<name>` where we are.
    """
    name = loaded.name.replace("/", "--")
    if out is not None:
        return Path(out) / name if models > 1 else Path(out)
    if loaded.run is not None:
        return loaded.run / EVAL_FOLDER
    own = loaded.name.rsplit("/", 1)[-1]
    if loaded.origin is not None and own.startswith("chck_"):
        return loaded.origin / EVAL_FOLDER / own
    return Path("eval_results") / name


def own_folders(places: Sequence[Place], out: str | None) -> list[Path]:
    """Return the folder of each model's results.

    Raises:
        UserError: two models would write into the same one.
    """
    folders = [out_folder(place, out, len(places)) for place in places]
    for folder in folders:
        if folders.count(folder) > 1:
            raise UserError(
                f"{folders.count(folder)} of the models would write into {folder}: evaluate them one by one, each "
                "with its own --out."
            )
    return folders


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
    """Return one table: a section per task, a column per model, each figure ± its standard error.

    Below a task's metrics stands its headline by phenomenon, source, layer or frequency. Accuracies are in percent.
    A part of a benchmark, and a convention other than the default, stand beside the task's name; the kind of a model
    beside its own, because masked and causal models' perplexities do not compare. Two models fit 80 columns.
    """
    table = Table(title="Evaluation (± standard error)", title_justify="left")
    table.add_column("", overflow="fold")
    for model, of_model in results.items():
        table.add_column(Text(model + _kind(of_model)), justify="right", overflow="fold")
    for task in dict.fromkeys(task for of_model in results.values() for task in of_model):
        _add_task(table, [of_model.get(task) for of_model in results.values()])
    return table


def _add_task(table: Table, columns: list[TaskResult | None]) -> None:
    """Add the rows of a task; Text, because rich reads square brackets in a string as markup."""
    present = [result for result in columns if result is not None]
    first = present[0]
    table.add_row(Text(_label(present), style="bold"))
    for metric in first.metrics:
        cells = [figure_text(result.metrics.get(metric) if result else None, metric) for result in columns]
        table.add_row(f"  {_unit(metric)}", *cells)
    if first.chance is not None and first.headline.startswith("accuracy"):
        table.add_row("  chance, %", *[f"{100 * first.chance:.1f}"] * len(columns))
    for name, value in first.references.items():
        table.add_row(f"  published, {name}, %", *[f"{100 * value:.1f}"] * len(columns))
    grouping, parts = _parts(first)
    if parts:
        table.add_row(f"  {_unit(first.headline).removesuffix(', %')}, by {grouping}:")
    for part in parts:
        cells = [figure_text(_parts(result)[1].get(part) if result else None, first.headline) for result in columns]
        table.add_row(Text(f"    {part}"), *cells)
    table.add_section()


def _kind(results: Mapping[str, TaskResult]) -> str:
    """Return "(masked)" or "(causal)" on a line of its own."""
    info = next((result.model for result in results.values() if result.model is not None), None)
    return "" if info is None else f"\n({info.kind})"


def _unit(metric: str) -> str:
    """Return a metric's name for people."""
    return metric.replace("_", " ") + (", %" if metric.startswith(SHARES) else "")


def _parts(result: TaskResult) -> tuple[str, dict[str, Figure]]:
    """Return what the headline is divided by, such as phenomenon or source, and its parts."""
    if result.groups.get("phenomenon"):
        return "phenomenon", result.groups["phenomenon"]
    return result.divided_by, result.groups.get(result.headline, {})


def _label(results: list[TaskResult]) -> str:
    """Return the task's name with what a reader must not overlook."""
    label, coverage = results[0].task, results[0].coverage
    if coverage is not None and coverage.present < coverage.total:
        label += f" ({coverage.present} of {coverage.total} {coverage.unit})"
    for convention in dict.fromkeys(result.convention for result in results):
        if convention != "native":
            label += f" [{convention.removeprefix('native, ')}]"
    return label


def figure_text(figure: Figure | None, metric: str) -> str:
    """Return "62.4 ± 1.3" (percent for accuracies and their like), "(sd 0.8)" for seeds; "–" for None."""
    if figure is None:
        return "–"
    scale, digits = (100.0, 1) if metric.startswith(SHARES) else (1.0, 3 if figure.value < 100 else 1)
    if figure.value >= _PLAIN:
        return f"{figure.value:.3g}"
    error = "" if figure.standard_error is None else f" ± {figure.standard_error * scale:.{digits}f}"
    spread = "" if figure.spread is None else f" (sd {figure.spread * scale:.{digits}f})"
    return f"{figure.value * scale:.{digits}f}{error}{spread}"
