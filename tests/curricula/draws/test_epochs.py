import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from climb.curricula.draws.epochs import passes
from climb.curricula.plan import RunPlan
from tests.curricula.orders import held_bytes, order_of


def naive_passes(sizes, plan):
    """Number by number: a pass ends when its blocks are used up, or when the pool has shrunk."""
    starts, counts = [], []
    for number in range(plan.total_samples):
        step = number // plan.batch_size
        fresh = not starts or number - starts[-1] == counts[-1]
        shrunk = number % plan.batch_size == 0 and step and sizes[step] < sizes[step - 1]
        if fresh or shrunk:
            starts.append(number)
            counts.append(sizes[step])
    return starts, counts


@given(st.lists(st.integers(4, 30), min_size=1, max_size=25), st.integers(1, 4))
def test_passes_are_planned_as_a_naive_loop_would(sizes, batch):
    plan = RunPlan(len(sizes), batch)
    starts, counts = passes(np.array(sizes), plan)
    assert (starts.tolist(), counts.tolist()) == naive_passes(sizes, plan)


@given(st.integers(20, 80), st.integers(1, 9), st.integers(0, 3))
def test_each_pass_shows_each_open_block_once(size, batch, seed):
    plan = RunPlan(60, batch)
    order = order_of("data_x_linear:start=0.5,draw=epochs", np.arange(size), plan, seed)
    starts, counts = passes(order.pool_size(np.arange(60)), plan)
    drawn = order.examples(np.arange(plan.total_samples))
    for start, count in zip(starts, counts, strict=True):
        one = drawn[start : start + count].tolist()
        assert len(set(one)) == len(one)
        assert max(one) < count
        if start + count <= plan.total_samples:
            assert sorted(one) == list(range(count))


def test_exposure_is_balanced_where_uniform_draws_are_not():
    plan, scores = RunPlan(500, 20), np.arange(200)
    seen = {}
    for draw in ("uniform", "epochs"):
        order = order_of(f"data_x_constant:value=0.5,draw={draw}", scores, plan)
        seen[draw] = np.bincount(order.examples(np.arange(10_000)), minlength=200)
    assert seen["epochs"][:100].tolist() == [100] * 100
    assert np.ptp(seen["uniform"][:100]) > 10
    assert not seen["epochs"][100:].any()


def test_a_shrinking_pool_is_obeyed():
    plan = RunPlan(100, 5)
    order = order_of("data_x_linear:start=1,end=0.1,from=0,to=1,draw=epochs", np.arange(200), plan)
    pools = order.pool_size(plan.step_of(np.arange(500)))
    assert (order.examples(np.arange(500)) < pools).all()


def test_any_split_gives_the_same_blocks_in_eight_bytes_each():
    order = order_of("data_x_root:draw=epochs", np.arange(100)[::-1], RunPlan(50, 4))
    whole = order.examples(np.arange(200))
    assert [int(order.examples([number])[0]) for number in range(200)] == whole.tolist()
    assert held_bytes(order) == 8
