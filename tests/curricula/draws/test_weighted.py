from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from climb.base.errors import UserError
from climb.curricula.plan import RunPlan
from tests.curricula.orders import held_bytes, order_of

NAME = "data_x_constant:draw=weighted"


def successive(weights, batch):
    """The probability of every ordered batch: product of w_i / (W − weights already drawn)."""
    chances = {}
    for drawn in permutations(range(len(weights)), batch):
        left, chance = float(sum(weights)), 1.0
        for block in drawn:
            chance *= weights[block] / left
            left -= weights[block]
        chances[drawn] = chance
    return chances


@pytest.mark.parametrize("columns", [None, 1, 2])
@pytest.mark.parametrize("weights", [(1, 2, 3, 4), (1, 1, 1, 97), (0.5, 0, 2, 7)])
def test_batches_are_exact_successive_samples(weights, columns):
    """Once from rows of draws, and with these cut short, from what is left: both must have the same law."""
    steps = 20_000
    order = order_of(NAME, np.array(weights), RunPlan(steps, 3), seed=5)
    if columns is not None:
        order._columns = columns
    batches = order.examples(np.arange(3 * steps)).reshape(steps, 3)
    expected = {drawn: chance for drawn, chance in successive(weights, 3).items() if chance > 0}
    counts = dict.fromkeys(expected, 0)
    for drawn in map(tuple, batches.tolist()):
        counts[drawn] += 1
    assert chisquare(list(counts.values()), [chance * steps for chance in expected.values()]).pvalue > 1e-4


@settings(deadline=None)
@given(
    scores=st.lists(st.floats(0, 1e6, width=32), min_size=12, max_size=60),
    asked=st.lists(st.integers(0, 99), min_size=1, max_size=30),
    seed=st.integers(0, 3),
)
def test_a_batch_has_no_repeats_and_a_number_one_block(scores, asked, seed):
    values = np.array(scores, dtype=np.float32) + 1
    order = order_of("data_x_linear:start=0.95,draw=weighted", values, RunPlan(10, 10), seed)
    whole = order.examples(np.arange(100))
    assert all(len(set(batch)) == 10 for batch in whole.reshape(10, 10).tolist())
    assert order.examples(asked).tolist() == whole[asked].tolist()
    assert [int(order.examples([number])[0]) for number in asked] == whole[asked].tolist()


def test_a_block_that_weighs_more_than_all_others_together():
    scores = np.append(np.arange(1, 64), 1e12)
    batches = order_of(NAME, scores, RunPlan(50, 64)).examples(np.arange(50 * 64)).reshape(50, 64)
    assert (batches[:, 0] == 63).all()
    assert (np.sort(batches, axis=1) == np.arange(64)).all()
    assert (batches[1:] != batches[:-1]).any()


def test_blocks_of_no_difficulty_are_never_drawn_and_closed_ones_neither():
    scores = np.append(np.zeros(20), np.arange(1, 81))
    order = order_of("data_x_constant:value=0.5,draw=weighted", scores, RunPlan(200, 8))
    drawn = order.examples(np.arange(1600))
    assert drawn.min() >= 20
    assert drawn.max() < order.pool_size(0) == 50


def test_harder_blocks_are_likelier_in_proportion():
    scores = np.arange(1, 1001)
    drawn = order_of(NAME, scores, RunPlan(20_000, 2)).examples(np.arange(40_000))
    assert drawn.mean() + 1 == pytest.approx((scores**2).sum() / scores.sum(), rel=0.01)


def test_memory_is_sixteen_bytes_a_block():
    assert held_bytes(order_of(NAME, np.ones(1000), RunPlan(10, 1))) == 16
    joined = "random_data_x-y_log:start=1,draw=weighted,join=ranks"
    assert held_bytes(order_of(joined, [np.arange(1000.0)] * 2, RunPlan(10, 1))) == 16


def test_difficulties_that_are_no_weights_are_refused():
    with pytest.raises(UserError, match="-1 for the easiest block: add join=ranks"):
        order_of(NAME, np.arange(-1, 20), RunPlan(10, 4))
    with pytest.raises(UserError, match="3 open blocks of a difficulty above 0 at step 0, fewer than the batch of 4"):
        order_of(NAME, np.append(np.zeros(30), [1, 2, 3]), RunPlan(10, 4))
    order_of(f"{NAME},join=ranks", np.arange(-1, 20), RunPlan(10, 4))
    order_of(f"reverse_{NAME}", np.arange(20), RunPlan(10, 4))
