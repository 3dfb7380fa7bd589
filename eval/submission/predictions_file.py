"""The 2025 predictions file: `{task: {part: {"predictions": [{"id": "<part>_<n>", "pred": …}]}}}`.

`pred` is the text of the chosen candidate (for COMPS the whole sentence); nonce words add `prob`, the share of the
first candidate; reading times hold `pred` and `prev_pred`, the surprisals of the word and of the one before;
fine-tuned tasks the number of the class (`glue_part`). What the official collator fills from other tools (`aoa`,
`fast_eval_results`) is not made here.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from climb.base.errors import UserError
from climb.base.files import atomic_file
from climb.eval.choice_task import ChoiceTask
from climb.eval.output import read_result
from climb.eval.results import TaskResult
from climb.eval.submission.glue_part import collected
from climb.eval.submission.sizes import SIZES
from climb.eval.task import Task
from climb.eval.tasks.glue import Glue
from climb.eval.wug import WugTask

Predictions = dict[str, dict[str, dict[str, list[dict[str, Any]]]]]
"""task → part → {"predictions": records}."""
TASKS = tuple(SIZES)
OTHERS = ("aoa", "fast_eval_results")
"""Parts of the file that are neither written nor scored here; the official tools fill them."""


def collect(folder: Path, tasks: Mapping[str, Task]) -> Predictions:
    """Return the predictions of results in a folder, in the file's form.

    Args:
        folder: a run's eval/.
        tasks: the tasks by name, loaded: the file quotes the candidates' texts, which the results do not hold.

    Raises:
        UserError: a result is missing, was drawn, is of another protocol, or was made from other data.
    """
    return {
        name: collected(folder, task) if isinstance(task, Glue) else _of_task(read_result(folder, name), task, folder)
        for name, task in tasks.items()
    }


def has_results(folder: Path, name: str) -> bool:
    """Tell whether a folder holds results of a task of the file: of glue, those of any of its tasks."""
    return any((folder / f"{own}.json").is_file() for own in (SIZES[name] if name == "glue" else [name]))


def _of_task(result: TaskResult, task: Task, folder: Path) -> dict[str, dict[str, list[dict[str, Any]]]]:
    if result.options.get("pll", "original") != "original":
        raise UserError(f"{folder / result.task}.json was made with --pll {result.options['pll']}: evaluate again.")
    if result.data.sha256 != task.content_sha256():
        raise UserError(f"{folder / result.task}.json was made from other data than --data holds: evaluate again.")
    if result.convention not in ("babylm-2025", "babylm-2025 and -2026"):
        raise UserError(
            f"{folder / result.task}.json is of the convention {result.convention}: evaluate again with "
            "--convention babylm-2025."
        )
    parts: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for record in result.predictions:
        part, found = _record(record, task)
        parts.setdefault(part, {"predictions": []})["predictions"].append(found)
    return parts


def _record(record: dict[str, Any], task: Task) -> tuple[str, dict[str, Any]]:
    """Return (part, record of the file) of one of our predictions."""
    if isinstance(task, ChoiceTask):
        question = task.by_id()[record["id"]]
        chosen = record["chosen"] if "chosen" in record else int(record["credit"] == 0)
        return question.paradigm, {"id": record["id"], "pred": question.answers[chosen]}
    if isinstance(task, WugTask):
        item = task.items[int(str(record["id"]).rpartition("_")[2])]
        return task.uid, {
            "id": record["id"],
            "pred": item.sentences[record["chosen"]],
            "prob": record["prob"],
        }
    previous = math.nan if record["prev_pred"] is None else record["prev_pred"]
    return "reading", {"id": record["id"], "pred": record["pred"], "prev_pred": previous}


def write(path: Path, predictions: Predictions) -> None:
    """Write the file; NaN stands in it as the official one has it."""
    with atomic_file(path) as file:
        json.dump(predictions, file, ensure_ascii=False)


def read(path: Path) -> Predictions:
    """Read anybody's file and check its form.

    Raises:
        UserError: it is no JSON of that form; the sentence says where it is not.
    """
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}; give a predictions file.") from None
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise UserError(f"{path} is not valid JSON ({error}): restore the file.") from None
    if not isinstance(value, dict):
        raise UserError(f"{path} is no predictions file: {{task: {{part: {{predictions: [...]}}}}}} is expected.")
    found: Predictions = {}
    for task in TASKS:
        if task in value:
            found[task] = _parts(path, task, value[task])
    if found:
        found |= {name: {} for name in OTHERS if name in value}
    if not found:
        raise UserError(f"{path} holds none of {', '.join(TASKS)}: give a predictions file of the 2025 challenge.")
    return found


def _parts(path: Path, task: str, value: Any) -> dict[str, dict[str, list[dict[str, Any]]]]:
    if not isinstance(value, dict):
        raise UserError(f"{path}, {task}: an object of parts is expected; restore the file.")
    for part, content in value.items():
        records = content.get("predictions") if isinstance(content, dict) else None
        if not isinstance(records, list) or not all(
            isinstance(record, dict) and {"id", "pred"} <= record.keys() for record in records
        ):
            raise UserError(f"{path}, {task}, {part}: a list of predictions with id and pred is expected.")
    return value


def problems(predictions: Predictions) -> list[str]:
    """Return what the official collator would refuse: parts missing, unknown, or of another size; doubled ids."""
    found = [f"{name} is missing: the official tools make it." for name in OTHERS if name not in predictions]
    for task, sizes in SIZES.items():
        if task not in predictions:
            found.append(f"{task} is missing.")
            continue
        sized = {part.lower(): size for part, size in sizes.items()}
        parts = {part.lower(): content["predictions"] for part, content in predictions[task].items()}
        found += [f"{task}: {part} is missing." for part in sized if part not in parts]
        found += [f"{task}: {part} is no part of it." for part in parts if part not in sized]
        for part, records in parts.items():
            if part in sized and len(records) != sized[part]:
                found.append(f"{task}: {part} has {len(records)} predictions, not {sized[part]}.")
            ids = [str(record["id"]) for record in records]
            if len(set(ids)) < len(ids):
                found.append(f"{task}: {part} has an id twice.")
    return found
