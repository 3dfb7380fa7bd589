import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from climb.base.errors import UserError
from climb.curricula import RunPlan, build
from climb.curricula.batches import paced_plan
from climb.curricula.naming import parse
from climb.curricula.pacing_base import pacing_named

RAMPS = st.sampled_from(["linear", "log", "root", "quad", "step", "cosine"])


@given(RAMPS, st.integers(2, 400), st.integers(2, 60), st.floats(0.2, 1), st.floats(0.2, 1))
def test_the_budget_is_kept_and_sizes_follow_the_pacing(name, steps, batch, start, end):
    pacing = pacing_named(name, {"start": repr(start), "end": repr(end)})
    shares = pacing.value(np.arange(steps), steps)
    ideal = shares * (steps * batch / shares.sum())
    if ideal.min() < 1.01:
        return
    plan = paced_plan(RunPlan(steps, batch), pacing)
    sizes = plan.sizes()
    assert sizes.sum() == plan.total_samples == steps * batch
    assert (np.abs(sizes - ideal) <= 1 + 1e-6).all()
    order = np.argsort(shares, kind="stable")
    assert (np.diff(sizes[order]) >= 0).all()


@given(st.integers(1, 60), st.integers(1, 40))
def test_a_constant_batch_is_the_plan_without_it(steps, batch):
    plan = paced_plan(RunPlan(steps, batch), pacing_named("constant", {"value": "0.3"}))
    assert plan.sizes().tolist() == [batch] * steps


@given(st.integers(4, 60), st.integers(4, 20))
def test_numbers_and_steps_are_inverse(steps, batch):
    plan = paced_plan(RunPlan(steps, batch), parse("batch_linear")[0].pacing)
    ranges = [plan.numbers_of(step) for step in range(steps)]
    flat = [number for numbers in ranges for number in numbers]
    assert flat == list(range(steps * batch))
    assert plan.step_of(flat).tolist() == [step for step, numbers in enumerate(ranges) for _ in numbers]
    assert plan.place_of(flat).tolist() == [place for numbers in ranges for place in range(len(numbers))]
    assert plan.first_of(np.arange(steps)).tolist() == [numbers.start for numbers in ranges]
    assert plan.largest_batch() == max(map(len, ranges))
    assert plan.smallest_batch() == min(map(len, ranges))


def test_the_defaults_go_from_a_quarter_of_the_largest():
    sizes = paced_plan(RunPlan(10_000, 64), parse("batch_linear")[0].pacing).sizes()
    assert sizes[0] == pytest.approx(sizes[-1] / 4, abs=1)
    assert sizes[-1] / 64 == pytest.approx(1.544, abs=0.02)


def test_backwards_is_the_same_sizes_from_large_to_small(corpus):
    plans = [build(name, corpus, RunPlan(50, 10), 0).plan for name in ("batch_linear", "reverse_batch_linear")]
    assert sorted(plans[0].sizes().tolist()) == sorted(plans[1].sizes().tolist())
    assert (np.diff(plans[1].sizes()) <= 0).all()


def test_other_parts_go_by_the_steps_of_the_table(corpus):
    samples = build("batch_linear+data_rarity_linear+mask_decay_step:to=0.5", corpus, RunPlan(50, 10), 0)
    plan = samples.plan
    records = [samples.record(step) for step in range(50)]
    assert [record["batch"] for record in records] == plan.sizes().tolist()
    assert [record["mask_rate"] for record in records] == [0.3] * 25 + [0.15] * 25
    for step in (0, 20, 49):
        drawn = samples.batch(plan.numbers_of(step))["examples"]
        assert len(drawn) == len(set(drawn.tolist())) == plan.sizes()[step]


def test_a_pool_smaller_than_the_batch_of_its_own_step_is_refused(corpus):
    build("batch_linear+data_rarity_linear", corpus, RunPlan(100, 20), 0)
    with pytest.raises(UserError, match=r"opens 24 of 240 blocks at step \d+, fewer than the batch of 3"):
        build("batch_linear+data_rarity_linear", corpus, RunPlan(100, 90), 0)


def test_empty_steps_are_refused():
    with pytest.raises(UserError, match="Step 0 has a batch of 0 blocks: raise the start"):
        paced_plan(RunPlan(50, 2), pacing_named("linear", {"start": "0.01"}))
    with pytest.raises(UserError, match="0 throughout"):
        paced_plan(RunPlan(50, 2), pacing_named("constant", {"value": "0"}))
