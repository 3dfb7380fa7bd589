"""`climb submission write` and `climb submission check`: the BabyLM challenge's predictions file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table

from climb.base.console import say, show
from climb.base.errors import UserError
from climb.eval.submission.options import CheckConfig, WriteConfig

if TYPE_CHECKING:
    from climb.eval.task import Task


def write_submission(config: WriteConfig) -> None:
    """Write the predictions file of the 2025 BabyLM challenge from results.

    The results must have been made with --convention babylm-2025, those of fine-tuning with --recipe babylm-2025.
    What the official collator would refuse is said; the age-of-acquisition and fast-evaluation parts are not made.
    """
    from climb.base.run import EVAL_FOLDER, is_run
    from climb.eval.submission.predictions_file import TASKS, collect, has_results, problems, write

    folder = Path(config.run) / EVAL_FOLDER if is_run(Path(config.run)) else Path(config.run)
    present = [name for name in TASKS if has_results(folder, name)]
    if not config.run or not present:
        raise UserError(
            f"{folder} holds no results of {', '.join(TASKS)}: make them with `climb eval --convention babylm-2025`."
        )
    tasks = {name: task for name in present if (task := _loaded(name, config.data)) is not None}
    predictions = collect(folder, tasks)
    write(Path(config.out), predictions)
    for problem in problems(predictions):
        say(f"Not complete: {problem}")
    show(f"Predictions: {config.out}")


def check_submission(config: CheckConfig) -> None:
    """Check a predictions file of the 2025 BabyLM challenge and score it again.

    Sizes and ids are checked as the official collator does; every task whose data is at hand is scored, by id.
    A task with a bad prediction has no score, and the command then ends as one with an error does.
    """
    from climb.eval.output import figure_text
    from climb.eval.submission.predictions_file import TASKS, problems, read
    from climb.eval.submission.rescore import rescored
    from climb.eval.submission.sizes import SIZES

    if not config.file:
        raise UserError("No file is named: give `climb submission check` a predictions file.")
    path = Path(config.file)
    predictions = read(path)
    tasks = {name: task for name in TASKS if name in predictions and (task := _loaded(name, config.data)) is not None}
    figures, unscored = rescored(predictions, tasks)
    table = Table(title="Scored again (± standard error)", title_justify="left")
    table.add_column("")
    table.add_column("", justify="right")
    table.add_column("predictions", justify="right")
    for name, figure in figures.items():
        label = name if name in ("wug_adj", "wug_past", "reading") else "accuracy_macro"
        whole = "" if name == "reading" else f"{figure.count:,} of {sum(SIZES[name].values()):,}"
        table.add_row(name, figure_text(figure, label), whole)
    show(table)
    found = problems(predictions)
    for sentence in unscored:
        show(f"Not scored: {sentence}")
    for problem in found:
        show(f"Not as the collator wants it: {problem}")
    if unscored:
        raise UserError(f"{path}: {len(unscored)} of its tasks cannot be scored: see above.")
    if not found:
        show("The collator would take it.")


def _loaded(name: str, data: str | None) -> Task | None:
    """Return a task with its data loaded; None, and a sentence, where the data is not at hand."""
    from climb.eval import EvalConfig, prepare_tasks
    from climb.eval.finetuning.options import FinetuningOptions

    try:
        recipe = FinetuningOptions(recipe="babylm-2025")
        config = EvalConfig(tasks=[name], data=data, convention="babylm-2025", finetuning=recipe)
        (task,) = prepare_tasks(config)
    except UserError as error:
        say(f"{name} is left out: {error}")
        return None
    return task
