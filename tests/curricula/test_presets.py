import numpy as np
import pytest

from climb.config import TrainConfig
from climb.curricula.control_base import Control
from climb.curricula.naming import curriculum_name, parse
from climb.curricula.objective_schedule import ObjectiveSchedule
from climb.curricula.plan import RunPlan
from climb.curricula.self_scoring import SelfScoring
from climb.options import presets, resolve

COMBINED = ("climb-vocab-objective", "climb-data-vocab-objective")
ROWS = [
    name for name in presets("train") if name.startswith(("climb-data-", "climb-vocab-")) and name not in COMBINED
]

# CLIMB's objective curricula as published: unit → part of the run.
SCHEDULES = {
    "base-mlm": {"mlm": (0, 1)},
    "pos-nv-mlm": {"pos-nv": (0, 0.125), "mlm": (0.125, 1)},
    "pos-all-mlm": {"pos": (0, 0.125), "mlm": (0.125, 1)},
    "multitask-pos-all-mlm": {"pos": (0, 1), "mlm": (0.125, 1)},
    "multitask-pos-all-mlm-0": {"pos": (0, 1), "mlm": (0, 1)},
    "multitask-pos-nv-all-mlm": {"pos-nv": (0, 0.0625), "pos": (0.0625, 1), "mlm": (0.125, 1)},
    "multitask-pos-nv-all-mlm-0": {"pos-nv": (0, 0.0625), "pos": (0.0625, 1), "mlm": (0, 1)},
    "multitask-pos-nv-mlm-0": {"pos-nv": (0, 1), "mlm": (0, 1)},
}


def test_the_published_rows_are_there():
    whats = {
        "data": ("source-spoken", "source-written", "ngram", "selfppl", "selfppl-random"),
        "vocab": ("token", "pos", "pos-token"),
    }
    expected = {
        f"climb-{kind}-{what}-{pacing}"
        for kind, some in whats.items()
        for what in some
        for pacing in ("linear", "log")
    }
    assert set(ROWS) == expected


@pytest.mark.parametrize("name", ROWS)
def test_a_row_is_climb_small_under_the_curriculum_of_its_name(name):
    row, small = resolve(TrainConfig, preset=name), resolve(TrainConfig, preset="climb-small")
    _, kind, middle = name.split("-", 2)
    what, pacing = middle.rsplit("-", 1)
    (spec,) = parse(row.curriculum)
    assert (spec.kind, spec.what.replace("_", "-"), spec.pacing.name) == (kind, what.removesuffix("-random"), pacing)
    if spec.self_scored:
        # CLIMB scores every position every 25,000 steps; before the first time its "random" start opens everything.
        scoring = SelfScoring.from_options(spec.options)
        assert scoring == SelfScoring(0.0625, None, 1.0, "equal" if what.endswith("-random") else "ngram")
        assert scoring.refresh_steps(row.max_steps).tolist() == list(range(25_000, 400_000, 25_000))
    assert curriculum_name([spec]) == row.curriculum
    assert row.model_copy(update={"curriculum": "none"}) == small


def test_the_published_objective_curricula_are_there():
    names = [name.removeprefix("climb-objective-") for name in presets("train") if "climb-objective-" in name]
    assert sorted(names) == sorted(SCHEDULES)


@pytest.mark.parametrize("name", SCHEDULES)
def test_objective_curricula_have_their_published_parts_of_the_run(name):
    row, small = resolve(TrainConfig, preset=f"climb-objective-{name}"), resolve(TrainConfig, preset="climb-small")
    assert row.model_copy(update={"curriculum": "none"}) == small
    (spec,) = parse(row.curriculum)
    assert curriculum_name([spec]) == row.curriculum
    steps = 400_000
    schedule = ObjectiveSchedule(spec, RunPlan(steps, 128), Control(), 0)
    assert schedule.units == tuple(SCHEDULES[name])
    for column, (first, last) in enumerate(SCHEDULES[name].values()):
        expected = np.zeros(steps, dtype=bool)
        expected[int(first * steps) : int(last * steps)] = True
        assert (schedule.table[:, column] == expected).all()
    assert schedule.main == "mlm"
    assert set(schedule.loss_weights(steps - 1).values()) == {1.0}


def test_the_sizes_and_the_combinations_are_there():
    assert {"climb-medium", "climb-large"} <= set(presets("train")) & set(presets("models"))
    for name, kinds in zip(COMBINED, (("vocab", "objective"), ("data", "vocab", "objective")), strict=True):
        assert tuple(spec.kind for spec in parse(resolve(TrainConfig, preset=name).curriculum)) == kinds


def test_gpt_bert_masks_fifteen_samples_of_sixteen():
    objective, mask = parse(resolve(TrainConfig, preset="gpt-bert-hybrid").curriculum)
    schedule = ObjectiveSchedule(objective, RunPlan(100, 64), Control(), 0)
    assert schedule.loss_weights(50) == {"mntp": 15 / 16, "clm": 1 / 16}
    assert (np.bincount(schedule.serving(np.arange(6400))) == [6000, 400]).all()
    assert mask.pacing.value([0, 100], 100).tolist() == [0.3, 0.15]
