import numpy as np

from climb.curricula.plan import RunPlan
from tests.curricula.orders import order_of

PLAN = RunPlan(100, 8)


def test_as_many_blocks_are_open_but_not_the_easy_ones():
    scores = np.arange(1000)
    plain, control = (order_of(f"{prefix}data_x_linear", scores, PLAN) for prefix in ("", "random_"))
    steps = np.arange(100)
    assert (plain.pool_size(steps) == control.pool_size(steps)).all()
    first = np.arange(80)
    assert plain.examples(first).max() < 150
    assert control.examples(first).max() > 500
    assert abs(control.difficulties(np.arange(80)).mean() - 500) < 150
    assert plain.difficulties(first).tolist() == plain.examples(first).tolist()
    assert control.difficulties(first).tolist() == control.examples(first).tolist()


def test_the_pool_is_one_permutation_of_the_scores_through_the_run():
    scores = np.repeat([1, 2, 3], [50, 30, 20])
    order = order_of("random_data_x_linear:start=0,from=0,to=1", scores, RunPlan(200, 10))
    assert sorted(set(order.pool_size(np.arange(200)).tolist())) == [50, 80, 100]
    early = set(order.examples(np.arange(500)).tolist())
    assert len(early) == 50
    assert early != set(range(50))


def test_metrics_move_together_and_seeds_apart():
    scores = np.arange(200)
    alone = order_of("random_data_x_linear", scores, PLAN).examples(np.arange(800))
    twice = order_of("random_data_x-y_linear", [scores, scores * 2 + 1], PLAN).examples(np.arange(800))
    other = order_of("random_data_x_linear", scores, PLAN, seed=1).examples(np.arange(800))
    assert alone.tolist() == twice.tolist()
    assert set(alone[:8].tolist()) != set(other[:8].tolist())
