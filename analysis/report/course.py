"""Loss and evaluations over the run, a line per condition with the range of its seeds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from climb.analysis.conditions import Condition
from climb.analysis.measures import HELD_OUT, Measure, curve_points
from climb.analysis.run_record import RunRecord
from climb.analysis.runs import tokens_at
from climb.base.charts import Page, bands
from climb.base.charts.banded import Point

_POINTS = 120
TRAINING = Measure("train", "loss")
Curve = tuple[list[float], list[float]]
"""Tokens and values."""


def curve_of(record: RunRecord, measure: Measure) -> Curve:
    """Return a run's values of a measure over tokens, in their order; two empty lists where it has none."""
    tokens = tokens_at(record)
    rows = [
        (tokens(point["step"]), point["value"])
        for point in curve_points(record)
        if point["task"] == measure.task and point["metric"] == measure.metric
    ]
    # An evaluation of a resumed run's step may stand twice; the later one counts.
    last = dict(rows)
    return list(last), list(last.values())


def curves_of(condition: Condition, measure: Measure) -> dict[int, Curve]:
    """Return seed → curve of the runs that have one of two points or more."""
    found = {record.seed: curve_of(record, measure) for record in condition.records}
    return {seed: curve for seed, curve in found.items() if len(curve[0]) > 1}


def band_of(curves: Sequence[Curve]) -> list[Point]:
    """Return mean, lowest and highest value over seeds at common places, where every seed has been.

    The places are those of the first curve, at most 120 of them; the other curves are read linearly between
    their points.
    """
    start, end = max(places[0] for places, _ in curves), min(places[-1] for places, _ in curves)
    common = [place for place in curves[0][0] if start <= place <= end]
    if len(common) > _POINTS:
        common = [common[round(i * (len(common) - 1) / (_POINTS - 1))] for i in range(_POINTS)]
    points = []
    for place in common:
        values = [float(np.interp(place, *curve)) for curve in curves]
        points.append((place, float(np.mean(values)), min(values), max(values)))
    return points


def evaluated(conditions: Sequence[Condition]) -> list[Measure]:
    """Return the measures evaluated on the way: held-out loss and each task's first metric."""
    points = [point for condition in conditions for record in condition.records for point in curve_points(record)]
    tasks = dict.fromkeys(point["task"] for point in points if point["kind"] == "task")
    first = {task: next(point["metric"] for point in points if point["task"] == task) for task in tasks}
    held_out = [Measure(HELD_OUT, "loss")] if any(point["kind"] == HELD_OUT for point in points) else []
    return held_out + [Measure(task, metric) for task, metric in first.items()]


def course_chart(conditions: Sequence[Condition], measure: Measure) -> str:
    """Return a chart of a measure over tokens, a band per condition; "" where no run was evaluated on the way."""
    series = {}
    for condition in conditions:
        curves = list(curves_of(condition, measure).values())
        points = band_of(curves) if curves else []
        if points:
            series[condition.label] = [(x, *(value * measure.scale for value in rest)) for x, *rest in points]
    if not series:
        return ""
    title = "training loss" if measure == TRAINING else measure.title
    unit = "%" if measure.scale != 1 else measure.unit
    return bands(series, f"{title} over tokens", "tokens", unit)  # type: ignore[arg-type]


def add_course(
    page: Page,
    conditions: Sequence[Condition],
    shown: Measure | None = None,
    allowed: Sequence[Measure] | None = None,
) -> None:
    """Add a chart per curve.

    Args:
        page: to add to.
        conditions: a line each.
        shown: the measure whose chart stands on the page already.
        allowed: the measures that the runs share a meaning of; None allows all. Losses in training are shown where
            held-out ones are.
    """
    measures = [*evaluated(conditions), TRAINING]
    if allowed is not None:
        losses = Measure(HELD_OUT, "loss") in allowed or Measure(HELD_OUT, "loss") not in measures
        measures = [one for one in measures if one in allowed or (one == TRAINING and losses)]
    measures = [one for one in measures if one != shown]
    charts = [chart for measure in measures if (chart := course_chart(conditions, measure))]
    if charts:
        page.section("Over the run")
        page.add(f'<div class="beside">{"".join(charts)}</div>')
        several = any(len(condition.records) > 1 for condition in conditions)
        bands_are = "Lines are means over seeds, bands reach from the lowest seed to the highest. " if several else ""
        page.note(
            f"{bands_are}Training losses of a "
            "curriculum are those of its own samples and targets and do not compare between curricula; held-out "
            "losses do."
        )
