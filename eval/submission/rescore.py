"""Score anybody's predictions file again, by id against the data, not by the order of lines."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from climb.base.errors import UserError
from climb.eval.choice_task import ChoiceTask
from climb.eval.conventions import Decision, convention_named
from climb.eval.questions import Outcome, Question, averaged
from climb.eval.reading.regression import scores
from climb.eval.results import Figure
from climb.eval.submission.glue_part import Parts, each, rescored_glue
from climb.eval.submission.predictions_file import Predictions
from climb.eval.task import Task
from climb.eval.tasks.glue import Glue
from climb.eval.tasks.reading import Reading
from climb.eval.wug import WugTask, correlation

_LARGEST = 1e300
"""A prediction beyond this is none, be it a whole number that no float holds."""


def rescored(predictions: Predictions, tasks: Mapping[str, Task]) -> tuple[dict[str, Figure], list[str]]:
    """Return the headline of every task of the file for which data is at hand, and why others have none.

    Args:
        predictions: the content of a file.
        tasks: the tasks by name, loaded.
    """
    figures: dict[str, Figure] = {}
    unscored: list[str] = []
    for name, task in tasks.items():
        if name not in predictions:
            continue
        try:
            figures[name] = _of_task(predictions[name], task)
        except UserError as error:
            unscored.append(f"{name}: {error}")
    return figures, unscored


def _of_task(parts: Parts, task: Task) -> Figure:
    """Return a task's headline.

    Raises:
        UserError: ids are missing, or predictions are none of the candidates: the first, and how many more.
    """
    if isinstance(task, Glue):
        return rescored_glue(parts, task)
    records = {str(record["id"]): record for part in parts.values() for record in part["predictions"]}
    if isinstance(task, ChoiceTask):
        view = task.views(convention_named("babylm-2025"))[0]
        decisions = each(view.questions, lambda question: _decision(records, question, task))
        outcome = Outcome(list(view.questions), [[0.0]] * len(decisions), decisions, 0)
        return averaged(view, outcome, task.config.seed)[0]
    if isinstance(task, WugTask):
        ids = [f"{task.uid}_{number}" for number in range(len(task.items))]
        if len(ids) < 4:
            raise UserError("a correlation needs four items.")
        shares = each(ids, lambda key: _number(records, key, "prob"))
        return correlation(shares, [item.ratio for item in task.items])
    if isinstance(task, Reading):
        count = range(len(task.words.words))
        own = np.array(each(count, lambda key: _number(records, str(key), "pred")))
        before = np.array(each(count, lambda key: _number(records, str(key), "prev_pred")))
        return scores(task.words, own, before, task.config.seed)["reading"]
    raise AssertionError(f"{task.name} stands in the file, and there is no rule to score it by")


def _decision(records: dict[str, dict[str, Any]], question: Question, task: ChoiceTask) -> Decision:
    """Return the decision a record stands for; texts compare without case and outer spaces, as the scorers do."""
    if question.id not in records:
        raise UserError(f"the prediction of {question.id} is missing.")
    given = records[question.id]["pred"]
    answers = [answer.strip().lower() for answer in task.by_id()[question.id].answers]
    chosen = given if isinstance(given, int) else _place(answers, str(given).strip().lower())
    if chosen is None or not 0 <= chosen < len(answers):
        raise UserError(f"the prediction of {question.id} is none of its candidates.")
    right = answers[chosen] == answers[question.gold]
    return Decision(float(right), chosen, 1.0 if right else -1.0)


def _place(answers: list[str], given: str) -> int | None:
    return answers.index(given) if given in answers else None


def _number(records: dict[str, dict[str, Any]], key: str, name: str) -> float:
    """Return a finite number of a record; only what stands before a sentence's first word may be none (NaN)."""
    value = records.get(key, {}).get(name)
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not -_LARGEST < value < _LARGEST:
        if name == "prev_pred" and key in records and (value is None or value != value):
            return math.nan
        raise UserError(f"{key} has no number {name!r}.")
    return float(value)
