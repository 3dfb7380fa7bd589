"""The fine-tuning part of the 2025 predictions file: `{task: {"predictions": [{"id": "rte_0", "pred": 1}]}}`.

Scored as the challenge's README says: F1 for MRPC and QQP, accuracy for the others, and their mean.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from climb.base.errors import UserError
from climb.eval.finetuning.uncertainty import scored
from climb.eval.output import read_result
from climb.eval.results import Figure, macro_figure
from climb.eval.tasks.glue import Glue

RECIPE = "babylm-2025"
Parts = dict[str, dict[str, list[dict[str, Any]]]]
_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


def collected(folder: Path, glue: Glue) -> Parts:
    """Return the predictions of the fine-tuned tasks whose results lie in a folder; of several seeds the first.

    Raises:
        UserError: a result is of another recipe, or was made from other data.
    """
    parts: Parts = {}
    for member in glue.members:
        if not (folder / f"{member.name}.json").is_file():
            continue
        result = read_result(folder, member.name)
        if result.convention != RECIPE:
            raise UserError(
                f"{folder / member.name}.json is of the recipe {result.convention}: fine-tune again with "
                f"--recipe {RECIPE}."
            )
        if result.data.sha256 != member.data_sha256():
            raise UserError(
                f"{folder / member.name}.json was made from other data than --data holds: evaluate again."
            )
        rows = len(member.data.evaluated[""])
        first = {record["id"]: record["pred"] for record in reversed(result.predictions)}
        ids = [f"{member.name}_{row}" for row in range(rows)]
        parts[member.name] = {"predictions": [{"id": key, "pred": first[key]} for key in ids]}
    return parts


def each(keys: Iterable[_Key], read: Callable[[_Key], _Value]) -> list[_Value]:
    """Return what is read for each key.

    Raises:
        UserError: some could not be read: the first one's sentence, and how many more there are.
    """
    values: list[_Value] = []
    wrong: list[UserError] = []
    for key in keys:
        try:
            values.append(read(key))
        except UserError as error:
            wrong.append(error)
    if wrong:
        more = f" The same holds for {len(wrong) - 1:,} more." if len(wrong) > 1 else ""
        raise UserError(f"{wrong[0]}{more}")
    return values


def rescored_glue(parts: Mapping[str, Mapping[str, list[dict[str, Any]]]], glue: Glue) -> Figure:
    """Return the mean of the tasks of a file whose labels are at hand, each by its own metric.

    Args:
        parts: task → its predictions, classes by number.
        glue: the tasks, loaded.

    Raises:
        UserError: none of them is at hand, a row's prediction is missing or is no class.
    """
    figures = []
    for member in glue.members:
        if member.name not in parts:
            continue
        given = {str(record["id"]): record["pred"] for record in parts[member.name]["predictions"]}
        rows = member.data.evaluated[""]
        keys = [f"{member.name}_{row}" for row in range(len(rows))]
        predicted = np.array(each(keys, partial(_class, given, member.spec.outputs)))
        labels = np.array([row.label for row in rows])
        clusters = np.array([row.cluster for row in rows], dtype=np.str_)
        questions = np.array([row.question for row in rows], dtype=np.str_)
        figures.append(scored(member.spec.metrics[0], labels, predicted[None, :], questions, clusters))
    if not figures:
        raise UserError("the labels of none of its tasks are at hand.")
    return macro_figure(figures)


def _class(given: Mapping[str, Any], classes: int, key: str) -> float:
    """Return the class that is predicted for a row; some files write it as text."""
    if key not in given:
        raise UserError(f"the prediction of {key} is missing.")
    text = str(given[key]).strip()
    if text not in map(str, range(classes)):
        raise UserError(f"the prediction of {key} is no class from 0 to {classes - 1}.")
    return float(text)
