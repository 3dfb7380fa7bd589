import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from climb.base.errors import UserError
from climb.curricula.naming import parse
from climb.curricula.plan import RunPlan
from tests.curricula.orders import held_bytes, order_of


def climb_rule(scores, share):
    """The reference: every block at or below numpy's percentile, in float64."""
    return np.flatnonzero(scores <= np.percentile(scores.astype(np.float64), 100 * share))


@given(
    scores=st.lists(st.integers(0, 12), min_size=4, max_size=60),
    start=st.floats(0, 1),
    end=st.floats(0, 1),
)
def test_pool_is_climbs_up_to_ties(scores, start, end):
    values = np.array(scores, dtype=np.float32)
    spec = f"data_x_linear:start={start!r},end={end!r}"
    pacing = parse(spec)[0].pacing
    pool = order_of(spec, values, RunPlan(32, 1))
    for step in range(0, 32, 5):
        expected = climb_rule(values, float(pacing.value(step, 32)))
        # The interpolated percentile may round down below a tie or up to the next score; both differ from
        # the exact one by one rounding, so compare with the rule just above and just below.
        size = int(pool.pool_size(step))
        share = float(pacing.value(step, 32))
        near = {len(climb_rule(values, min(1.0, share + 1e-9))), len(climb_rule(values, max(0.0, share - 1e-9)))}
        assert size in {len(expected)} | near


def test_pool_without_ties_at_climbs_percentile():
    """101 distinct scores: at p = 0.1 the percentile is the eleventh score exactly."""
    scores = np.random.default_rng(0).permutation(101).astype(np.float32)
    pool = order_of("data_x_constant:value=0.1", scores, RunPlan(2000, 4))
    drawn = pool.examples(np.arange(8000))
    assert set(drawn.tolist()) == set(np.flatnonzero(scores <= 10).tolist())


def test_whole_tiers_open_at_once():
    scores = np.repeat([1, 2, 3], [50, 30, 20]).astype(np.float32)
    plan = RunPlan(100, 4)
    pool = order_of("data_x_linear:start=0,from=0,to=1", scores, plan)
    sizes = pool.pool_size(np.arange(100))
    assert sorted(set(sizes.tolist())) == [50, 80, 100]
    assert (np.diff(sizes) >= 0).all()


@given(st.integers(1, 30), st.integers(0, 10))
def test_no_repeats_inside_a_batch(batch, seed):
    scores = np.arange(300, dtype=np.float32)
    plan = RunPlan(20, batch)
    pool = order_of("data_x_linear", scores, plan, seed)
    for step in range(20):
        drawn = pool.examples(plan.numbers_of(step))
        assert len(set(drawn.tolist())) == batch
        assert drawn.max() < pool.pool_size(step)


def test_draws_are_uniform_over_the_pool():
    pool = order_of("data_x_constant:value=0.37", np.arange(100), RunPlan(10_000, 8), seed=3)
    drawn = pool.examples(np.arange(80_000))
    size = int(pool.pool_size(0))
    assert size == 37
    # Draws without repeats inside a batch are negatively correlated, so the statistic is smaller, not larger.
    assert chisquare(np.bincount(drawn, minlength=size)).pvalue > 1e-4
    assert drawn.max() < size


def test_description_is_of_the_batch_drawn():
    scores = np.random.default_rng(1).normal(size=500).astype(np.float32)
    plan = RunPlan(50, 16)
    pool = order_of("data_x_linear", scores, plan)
    drawn = scores[pool.examples(plan.numbers_of(25))].astype(np.float64)
    assert pool.difficulties(plan.numbers_of(25)).tolist() == drawn.tolist()
    record = pool.shares(25)
    assert record["data_unlocked"] == pytest.approx(record["data_pacing"], abs=1 / 500)


def test_memory_is_eight_bytes_a_block():
    assert held_bytes(order_of("data_x_linear:start=1", np.zeros(1000), RunPlan(10, 1))) == 8


def test_small_pools_are_refused_before_the_first_step():
    scores = np.arange(100, dtype=np.float32)
    with pytest.raises(UserError, match="opens 10 of 100 blocks at step 0, fewer than the batch of 32"):
        order_of("data_x_linear", scores, RunPlan(1000, 32))
    with pytest.raises(UserError, match="at step 875"):
        order_of("data_x_linear:start=1,end=0.1", scores, RunPlan(1000, 32))
    order_of("data_x_constant", scores, RunPlan(1000, 100))
