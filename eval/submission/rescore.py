"""Score anybody's predictions file again, by id against the data, not by the order of lines."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from climb.base.errors import UserError
from climb.eval.choice_task import ChoiceTask
from climb.eval.conventions import Decision, convention_named
from climb.eval.questions import Outcome, Question, averaged
from climb.eval.reading.regression import scores
from climb.eval.results import Figure
from climb.eval.submission.glue_part import rescored_glue
from climb.eval.submission.predictions_file import Predictions
from climb.eval.task import Task
from climb.eval.tasks.glue import Glue
from climb.eval.tasks.reading import Reading
from climb.eval.wug import WugTask, correlation


def rescored(path: Path, predictions: Predictions, tasks: Mapping[str, Task]) -> dict[str, Figure]:
    """Return the headline of every task of the file for which data is at hand.

    Args:
        path: of the file, for what is said.
        predictions: its content.
        tasks: the tasks by name, loaded.

    Raises:
        UserError: an id is unknown or missing, or a prediction is none of the candidates.
    """
    figures: dict[str, Figure] = {}
    for name, task in tasks.items():
        if name in predictions and isinstance(task, Glue):
            figures[name] = rescored_glue(f"{path}, {name}", predictions[name], task)
        elif name in predictions:
            records = {
                str(record["id"]): record for part in predictions[name].values() for record in part["predictions"]
            }
            figures[name] = _figure(f"{path}, {name}", records, task)
    return figures


def _figure(place: str, records: dict[str, dict[str, Any]], task: Task) -> Figure:
    if isinstance(task, ChoiceTask):
        view = task.views(convention_named("babylm-2025"))[0]
        decisions = [_decision(place, records, question, task) for question in view.questions]
        outcome = Outcome(list(view.questions), [[0.0]] * len(decisions), decisions, 0)
        return averaged(view, outcome, task.config.seed)[0]
    if isinstance(task, WugTask):
        ids = [f"{task.uid}_{number}" for number in range(len(task.items))]
        shares = [_number(place, records, key, "prob") for key in ids]
        return correlation(shares, [item.ratio for item in task.items])
    if isinstance(task, Reading):
        count = range(len(task.words.words))
        own = np.array([_number(place, records, str(key), "pred") for key in count])
        before = np.array([_number(place, records, str(key), "prev_pred") for key in count])
        return scores(task.words, own, before, task.config.seed)["reading"]
    raise UserError(f"{place}: there is no rule to score this task by.")


def _decision(place: str, records: dict[str, dict[str, Any]], question: Question, task: ChoiceTask) -> Decision:
    """Return the decision a record stands for; texts compare without case and outer spaces, as the scorers do."""
    if question.id not in records:
        raise UserError(f"{place}: the prediction of {question.id} is missing.")
    given = records[question.id]["pred"]
    answers = [answer.strip().lower() for answer in task.by_id()[question.id].answers]
    chosen = given if isinstance(given, int) else _place(answers, str(given).strip().lower())
    if chosen is None or not 0 <= chosen < len(answers):
        raise UserError(f"{place}: the prediction of {question.id} is none of its candidates.")
    right = answers[chosen] == answers[question.gold]
    return Decision(float(right), chosen, 1.0 if right else -1.0)


def _place(answers: list[str], given: str) -> int | None:
    return answers.index(given) if given in answers else None


def _number(place: str, records: dict[str, dict[str, Any]], key: str, name: str) -> float:
    value = records.get(key, {}).get(name)
    if name == "prev_pred" and key in records and value is None:
        return math.nan
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise UserError(f"{place}: {key} has no number {name!r}.")
    return float(value)
