import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from climb.base.errors import UserError
from climb.curricula.order import Chunked, PercentilePool, ShuffledEpochs
from climb.curricula.pacing_base import pacing_named
from climb.curricula.plan import RunPlan

FULL = pacing_named("constant")


@given(st.integers(1, 200), st.integers(0, 5), st.integers(0, 3))
def test_an_epoch_holds_every_block_once(size, epoch, seed):
    drawn = ShuffledEpochs(size, seed).examples(np.arange(epoch * size, (epoch + 1) * size))
    assert sorted(drawn.tolist()) == list(range(size))


def test_epochs_and_seeds_differ():
    first, second = ShuffledEpochs(100, 0).examples(np.arange(200)).reshape(2, 100)
    other = ShuffledEpochs(100, 1).examples(np.arange(100))
    assert not np.array_equal(first, second)
    assert not np.array_equal(first, other)


def test_first_place_of_an_epoch_is_uniform():
    drawn = ShuffledEpochs(20, 0).examples(np.arange(0, 20 * 20_000, 20))
    assert chisquare(np.bincount(drawn, minlength=20)).pvalue > 1e-4


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
    pacing = pacing_named("linear", {"start": repr(start), "end": repr(end)})
    pool = PercentilePool(values, pacing, RunPlan(32, 1), seed=0)
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
    pool = PercentilePool(scores, pacing_named("constant", {"value": "0.1"}), RunPlan(2000, 4), seed=0)
    drawn = pool.examples(np.arange(8000))
    assert set(drawn.tolist()) == set(np.flatnonzero(scores <= 10).tolist())


def test_whole_tiers_open_at_once():
    scores = np.repeat([1, 2, 3], [50, 30, 20]).astype(np.float32)
    plan = RunPlan(100, 4)
    pool = PercentilePool(scores, pacing_named("linear", {"start": "0", "from": "0", "to": "1"}), plan, seed=0)
    sizes = pool.pool_size(np.arange(100))
    assert sorted(set(sizes.tolist())) == [50, 80, 100]
    assert (np.diff(sizes) >= 0).all()


@given(st.integers(1, 30), st.integers(0, 10))
def test_no_repeats_inside_a_batch(batch, seed):
    scores = np.arange(300, dtype=np.float32)
    plan = RunPlan(20, batch)
    pool = PercentilePool(scores, pacing_named("linear"), plan, seed)
    for step in range(20):
        drawn = pool.examples(plan.numbers_of(step))
        assert len(set(drawn.tolist())) == batch
        assert drawn.max() < pool.pool_size(step)


def test_draws_are_uniform_over_the_pool():
    pacing = pacing_named("constant", {"value": "0.37"})
    pool = PercentilePool(np.arange(100, dtype=np.float32), pacing, RunPlan(10_000, 8), seed=3)
    drawn = pool.examples(np.arange(80_000))
    size = int(pool.pool_size(0))
    assert size == 37
    # Draws without repeats inside a batch are negatively correlated, so the statistic is smaller, not larger.
    assert chisquare(np.bincount(drawn, minlength=size)).pvalue > 1e-4
    assert drawn.max() < size


@given(st.lists(st.integers(0, 999), min_size=1, max_size=40), st.integers(1, 64))
def test_any_split_gives_the_same_blocks(numbers, chunk):
    plan = RunPlan(100, 10)
    pool = PercentilePool(np.arange(200, dtype=np.float32)[::-1], pacing_named("root"), plan, seed=1)
    everything = pool.examples(np.arange(1000))
    expected = everything[numbers].tolist()
    assert pool.examples(numbers).tolist() == expected
    chunked = Chunked(pool, plan.total_samples, chunk)
    assert chunked.examples(numbers).tolist() == expected
    assert [int(chunked.examples([number])[0]) for number in numbers] == expected


def test_description_is_of_the_batch_drawn():
    scores = np.random.default_rng(1).normal(size=500).astype(np.float32)
    plan = RunPlan(50, 16)
    pool = PercentilePool(scores, pacing_named("linear"), plan, seed=0)
    drawn = scores[pool.examples(plan.numbers_of(25))].astype(np.float64)
    record = pool.describe(25)
    assert record["difficulty_mean"] == pytest.approx(drawn.mean())
    assert (record["difficulty_min"], record["difficulty_max"]) == (drawn.min(), drawn.max())
    assert record["data_unlocked"] == pytest.approx(record["data_pacing"], abs=1 / 500)


def test_memory_is_eight_bytes_a_block():
    pool = PercentilePool(np.zeros(1000, dtype=np.float32), FULL, RunPlan(1, 1), seed=0)
    held = sum(value.nbytes for value in vars(pool).values() if isinstance(value, np.ndarray))
    assert held == 8 * 1000


def test_small_pools_are_refused_before_the_first_step():
    scores = np.arange(100, dtype=np.float32)
    with pytest.raises(UserError, match="opens 10 of 100 blocks at step 0, fewer than the batch of 32"):
        PercentilePool(scores, pacing_named("linear"), RunPlan(1000, 32), seed=0)
    falling = pacing_named("linear", {"start": "1", "end": "0.1"})
    with pytest.raises(UserError, match="at step 875"):
        PercentilePool(scores, falling, RunPlan(1000, 32), seed=0)
    PercentilePool(scores, FULL, RunPlan(1000, 100), seed=0)


def test_no_blocks_are_refused():
    with pytest.raises(UserError, match="no training blocks"):
        ShuffledEpochs(0, 0)
    with pytest.raises(UserError, match="no training blocks"):
        PercentilePool(np.zeros(0), FULL, RunPlan(1, 1), 0)
