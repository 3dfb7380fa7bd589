import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from climb.curricula.controls.reverse import Backwards
from climb.curricula.pacing_base import pacing_named
from climb.curricula.plan import RunPlan
from tests.curricula.orders import order_of


@given(st.lists(st.integers(0, 9), min_size=12, max_size=40), st.sampled_from(["", ",by=value", ",join=ranks"]))
def test_the_hardest_open_first(scores, rules):
    """The pool of the mirrored scores is the mirror of the pool: counted from the other end, ties included."""
    values, plan = np.array(scores, dtype=np.float32), RunPlan(20, 1)
    turned = order_of(f"reverse_data_x_linear:start=0.3{rules}", values, plan)
    mirrored = order_of(f"data_x_linear:start=0.3{rules}", -values, plan)
    steps = np.arange(20)
    assert turned.pool_size(steps).tolist() == mirrored.pool_size(steps).tolist()
    assert turned.examples(steps).tolist() == mirrored.examples(steps).tolist()
    assert turned.difficulties(steps).tolist() == values[turned.examples(steps)].tolist() or ",join" in rules


def test_no_two_scores_become_equal():
    values = np.array([1e6, 1e6 + 0.0625, 1e-3, 2e-3], dtype=np.float32)
    order = order_of("reverse_data_x_sorted", values, RunPlan(4, 1))
    assert order.examples(np.arange(4)).tolist() == [1, 0, 3, 2]


def test_schedules_run_backwards():
    pacing = pacing_named("quad", {"start": "0.3", "end": "0.15"})
    there, back = (one.value(np.arange(50), 50) for one in (pacing, Backwards(pacing)))
    assert back.tolist() == there[::-1].tolist()
    assert float(Backwards(pacing).value(0, 50)) == float(there[-1])
