import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from climb.base.errors import UserError
from climb.curricula.order import Chunked, ShuffledEpochs
from climb.curricula.plan import RunPlan
from tests.curricula.orders import order_of


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


@given(st.lists(st.integers(0, 999), min_size=1, max_size=40), st.integers(1, 64))
def test_any_split_gives_the_same_blocks(numbers, chunk):
    plan = RunPlan(100, 10)
    pool = order_of("data_x_root", np.arange(200)[::-1], plan, seed=1)
    everything = pool.examples(np.arange(1000))
    expected = everything[numbers].tolist()
    assert pool.examples(numbers).tolist() == expected
    chunked = Chunked(pool, plan.total_samples, chunk)
    assert chunked.examples(numbers).tolist() == expected
    assert [int(chunked.examples([number])[0]) for number in numbers] == expected


def test_no_blocks_are_refused():
    with pytest.raises(UserError, match="no training blocks"):
        ShuffledEpochs(0, 0)
    with pytest.raises(UserError, match="no training blocks"):
        order_of("data_x_linear", np.zeros(0), RunPlan(1, 1))
