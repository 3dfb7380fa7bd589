import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from climb.curricula.plan import RunPlan
from tests.curricula.orders import order_of


@given(st.lists(st.integers(0, 5), min_size=4, max_size=40), st.integers(0, 3))
def test_every_pass_goes_from_easy_to_hard(scores, seed):
    size, values = len(scores), np.array(scores)
    order = order_of("data_x_sorted", values, RunPlan(2 * size, 1), seed)
    first, second = order.examples(np.arange(2 * size)).reshape(2, size)
    assert sorted(first.tolist()) == list(range(size))
    assert (np.diff(values[first]) >= 0).all()
    assert (first == second).all()
    reverse = order_of("reverse_data_x_sorted", values, RunPlan(size, 1), seed).examples(np.arange(size))
    assert (np.diff(values[reverse]) <= 0).all()


def test_equal_difficulties_are_shuffled_by_the_seed():
    values = np.repeat([1, 2], 50)
    one, other = (
        order_of("data_x_sorted", values, RunPlan(100, 1), seed).examples(np.arange(100)) for seed in (0, 1)
    )
    assert (one[:50] < 50).all()
    assert one[:50].tolist() != sorted(one[:50].tolist())
    assert one.tolist() != other.tolist()


def test_the_record_says_how_far_the_run_has_come():
    order = order_of("data_x_sorted", np.arange(40), RunPlan(10, 8))
    assert [order.shares(step)["data_unlocked"] for step in (0, 1, 4, 9)] == [0.2, 0.4, 1.0, 1.0]
    assert order.difficulties([0, 7, 39, 40]).tolist() == [0, 7, 39, 0]
