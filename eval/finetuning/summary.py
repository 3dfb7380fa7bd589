"""Sum up the seeds of a task: figures with their uncertainty, notes, counts, every prediction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from climb.eval.finetuning.encoding import Encoded
from climb.eval.finetuning.metrics import chance_of
from climb.eval.finetuning.recipe import convention_text
from climb.eval.finetuning.uncertainty import scored
from climb.eval.finetuning.workload import SeedRecord, Workload
from climb.eval.results import Coverage, DataInfo, Figure, TaskResult

if TYPE_CHECKING:
    from climb.eval.finetuning.finetune_task import FinetuneTask


def summarised(task: FinetuneTask, work: Workload, records: list[SeedRecord]) -> TaskResult:
    """Return the result of a task from one record per seed.

    Metrics of the main set bear their plain names, those of another set its name behind ("accuracy_mismatched").
    Groups: "seed", the headline of each seed alone.
    """
    metrics: dict[str, Figure] = {}
    for name, encoded in work.evaluated.items():
        predicted = np.array([record.predictions[name] for record in records])
        for metric in task.spec.metrics:
            figure = scored(metric, encoded.labels, predicted, encoded.questions, encoded.clusters)
            metrics[f"{metric}_{name}" if name else metric] = figure
    headline = task.spec.metrics[0]
    main, encoded = next(iter(work.evaluated.items()))
    by_seed: dict[str, Figure] = {str(records[0].seed): metrics[headline]} if len(records) == 1 else {}
    for record in records if len(records) > 1 else []:
        alone = np.array([record.predictions[main]])
        by_seed[str(record.seed)] = scored(headline, encoded.labels, alone, encoded.questions, encoded.clusters)
    return TaskResult(
        task=task.name,
        description=task.description,
        convention=convention_text(task.config.finetuning),
        headline=headline,
        chance=chance_of(headline, task.spec.labels, encoded.labels, encoded.questions),
        metrics=metrics,
        groups={"seed": by_seed},
        counts=_counts(task, work, records),
        coverage=Coverage(present=len(work.evaluated), total=len(task.spec.evaluated), unit="sets", note=""),
        notes=_notes(task, work, records),
        data=DataInfo(name=task.data.source, sha256=task.rows_sha256),
        predictions=_predictions(task, work, records),
    )


def _counts(task: FinetuneTask, work: Workload, records: list[SeedRecord]) -> dict[str, int]:
    """Return what was there, cut, left out and done."""
    seen = {(example.first, example.second) for example in task.data.train}
    counts = {
        "train_available": task.available,
        "train": len(task.data.train),
        "train_cut": work.train.cut,
        "broken_rows": task.data.broken,
        "seeds": len(records),
        "steps": sum(record.steps for record in records),
    }
    for name, examples in task.data.evaluated.items():
        end = f"_{name}" if name else ""
        counts[f"evaluated{end}"] = len(examples)
        counts[f"evaluated_cut{end}"] = work.evaluated[name].cut
        counts[f"evaluated_in_train{end}"] = sum((e.first, e.second) in seen for e in examples)
    counts["constant_predictions"] = sum(len(set(p)) == 1 for record in records for p in record.predictions.values())
    return counts


def _notes(task: FinetuneTask, work: Workload, records: list[SeedRecord]) -> list[str]:
    """Say what a reader of the figures must know."""
    counts, recipe = _counts(task, work, records), task.recipe
    notes = []
    if recipe.select_on == "valid" and not recipe.frozen:
        notes.append("The best epoch was chosen on the evaluated set, as the official pipelines do: optimistic.")
    if len(records) == 1 and not recipe.frozen:
        notes.append("One seed: the standard error holds the noise of the items only.")
    if counts["train"] < counts["train_available"]:
        notes.append(f"Trained on {counts['train']:,} of {counts['train_available']:,} rows, drawn by seed.")
    cut = counts["evaluated_cut"]
    if cut or work.train.cut:
        notes.append(
            f"{work.train.cut} of {counts['train']} rows of train and {cut} of {counts['evaluated']} evaluated ones "
            "were cut to the recipe's or the model's length."
        )
    if task.data.broken:
        notes.append(f"{task.data.broken} rows are broken in the distribution and were left out.")
    shared = counts["evaluated_in_train"]
    if shared:
        notes.append(f"{shared} of {counts['evaluated']} evaluated rows stand in train too.")
    if counts["constant_predictions"]:
        notes.append("Some predictions are one and the same for every row: the model learned nothing there.")
    missing = [evaluated.name for evaluated in task.spec.evaluated if evaluated.name not in work.evaluated]
    if missing:
        notes.append(f"The {', '.join(missing)} set is not at hand.")
    return notes


def _predictions(task: FinetuneTask, work: Workload, records: list[SeedRecord]) -> list[dict[str, Any]]:
    """Return one record per row and seed; `id` is `<task>_<number of the row>`, as in the submission files."""
    lines: list[dict[str, Any]] = []
    for evaluated in task.spec.evaluated:
        if evaluated.name not in work.evaluated:
            continue
        encoded: Encoded = work.evaluated[evaluated.name]
        for record in records:
            pairs = zip(encoded.labels, record.predictions[evaluated.name], strict=True)
            lines += [
                {
                    "id": f"{evaluated.json}_{row}",
                    "seed": record.seed,
                    "gold": _plain(gold, work.classes),
                    "pred": _plain(pred, work.classes),
                }
                for row, (gold, pred) in enumerate(pairs)
            ]
    return lines


def _plain(value: float, is_class: bool) -> float | int:
    return int(value) if is_class else float(value)
