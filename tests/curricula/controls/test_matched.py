"""The control keeps exposure exactly: every row of the run, as often as before, at other numbers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from climb.curricula import RunPlan, build
from climb.curricula.controls.matched import ShuffledNumbers, ShuffledSteps
from climb.curricula.plan import TablePlan

PLAN = RunPlan(steps=40, batch_size=8)
EVERYTHING = range(PLAN.total_samples)


def rows(samples, numbers):
    batch = samples.batch(numbers)
    together = np.concatenate([batch["input_ids"], batch["labels"], batch["examples"][:, None]], axis=1)
    return sorted(map(tuple, together.tolist()))


@pytest.mark.parametrize(
    "name",
    [
        "data_rarity_linear",
        "data_rarity_linear:draw=weighted",
        "data_rarity_sorted",
        "vocab_linear",
        "mask_decay_linear",
        "data_rarity_log:draw=epochs+vocab_pos_linear:hidden=ignore+mask_decay_linear",
    ],
)
def test_every_row_occurs_exactly_as_often(corpus, name):
    plain, control = build(name, corpus, PLAN, 3), build(f"matched_{name}", corpus, PLAN, 3)
    assert rows(plain, EVERYTHING) == rows(control, EVERYTHING)
    assert rows(plain, range(80)) != rows(control, range(80))
    assert control.batch(range(5, 9))["numbers"].tolist() == [5, 6, 7, 8]
    assert plain.words(EVERYTHING) == control.words(EVERYTHING)


@pytest.mark.parametrize("name", ["length_linear", "batch_linear", "batch_log+length_linear+data_rarity_linear"])
def test_steps_stay_whole_where_rows_belong_together(lines_corpus, name):
    plain, control = (build(prefix + name, lines_corpus, PLAN, 3) for prefix in ("", "matched_"))
    steps = [rows(plain, plain.plan.numbers_of(step)) for step in range(40)]
    shuffled = [rows(control, control.plan.numbers_of(step)) for step in range(40)]
    assert steps != shuffled
    assert sorted(steps) == sorted(shuffled)
    assert sorted(control.plan.sizes().tolist()) == sorted(plain.plan.sizes().tolist())


def test_nothing_is_left_of_the_order(corpus):
    plan = RunPlan(200, 20)
    records = [
        build("matched_data_rarity_linear+vocab_linear", corpus, plan, 0).record(step) for step in (0, 100, 199)
    ]
    order = [build("data_rarity_linear+vocab_linear", corpus, plan, 0).record(step) for step in range(200)]
    for key in ("data_unlocked", "vocabulary_unlocked_types", "vocabulary_pacing", "data_pacing"):
        mean = np.mean([record[key] for record in order])
        assert all(abs(record[key] - mean) < 0.3 for record in records)
        assert abs(order[0][key] - mean) > 0.3


@given(st.integers(1, 12), st.integers(1, 8), st.integers(0, 5), st.data())
def test_the_numbers_are_a_permutation(steps, batch, seed, data):
    sizes = data.draw(st.permutations([batch, batch + 2] * steps))
    for plan in (RunPlan(steps, batch), TablePlan(2 * steps, batch + 1, np.cumsum(sizes))):
        for kind in (ShuffledNumbers, ShuffledSteps):
            renumbering = kind(plan, seed)
            original = renumbering.original(np.arange(plan.total_samples))
            assert sorted(original.tolist()) == list(range(plan.total_samples))
            assert [int(renumbering.original(number)) for number in range(plan.total_samples)] == original.tolist()
