import math

import numpy as np
import pytest

from climb.eval.finetuning.metrics import METRICS, chance_of
from climb.eval.finetuning.uncertainty import scored

NONE = np.array([""] * 8)
GOLD = np.array([1, 1, 1, 0, 0, 0, 0, 1], dtype=float)
PREDICTED = np.array([1, 0, 1, 1, 0, 0, 0, 1], dtype=float)  # tp 3, fn 1, fp 1, tn 3


def test_classes_by_hand():
    assert METRICS["accuracy"](GOLD, PREDICTED, NONE) == 6 / 8
    assert METRICS["f1"](GOLD, PREDICTED, NONE) == pytest.approx(2 * 3 / (2 * 3 + 1 + 1))
    assert METRICS["mcc"](GOLD, PREDICTED, NONE) == pytest.approx((3 * 3 - 1 * 1) / math.sqrt(4 * 4 * 4 * 4))


def test_correlations_by_hand():
    gold, predicted = np.array([1.0, 2.0, 3.0, 10.0]), np.array([1.0, 3.0, 2.0, 4.0])
    centred, other = gold - gold.mean(), predicted - predicted.mean()
    r = (centred @ other) / math.sqrt((centred @ centred) * (other @ other))
    assert METRICS["pearson"](gold, predicted, NONE[:4]) == pytest.approx(r)
    assert METRICS["spearman"](gold, predicted, NONE[:4]) == pytest.approx(1 - 6 * 2 / (4 * 15))


@pytest.mark.parametrize("metric", ["f1", "mcc", "pearson", "spearman"])
def test_a_constant_prediction_earns_nothing(metric):
    assert METRICS[metric](GOLD, np.zeros(8), NONE) == 0.0


def test_a_question_is_right_when_all_its_answers_are():
    question = np.array(["p1 q1", "p1 q1", "p1 q2", "p1 q2", "p2 q1", "p2 q1", "p2 q3", "p2 q3"])
    assert METRICS["exact_match"](GOLD, PREDICTED, question) == 2 / 4


def test_chance_is_the_best_constant():
    gold = np.array([1, 1, 1, 0], dtype=float)
    assert chance_of("accuracy", ("no", "yes"), gold, NONE[:4]) == 0.75
    assert chance_of("f1", ("no", "yes"), gold, NONE[:4]) == pytest.approx(2 * 0.75 / 1.75)
    assert chance_of("mcc", ("no", "yes"), gold, NONE[:4]) == 0.0
    assert chance_of("spearman", None, gold, NONE[:4]) == 0.0


def test_the_error_of_an_accuracy_is_the_binomial_one():
    figure = scored("accuracy", GOLD, PREDICTED[None], NONE, NONE)
    assert (figure.value, figure.spread, figure.count) == (0.75, None, 8)
    assert figure.standard_error == pytest.approx(math.sqrt(0.75 * 0.25 / 8))


def test_seeds_add_their_noise():
    other = PREDICTED.copy()
    other[0] = 0
    figure = scored("accuracy", GOLD, np.array([PREDICTED, other]), NONE, NONE)
    spread = float(np.std([0.75, 0.625], ddof=1))
    credits = np.array([0.5, 0, 1, 0, 1, 1, 1, 1])
    assert figure.value == 0.6875
    assert figure.spread == pytest.approx(spread)
    assert figure.standard_error == pytest.approx(math.hypot(credits.std() / math.sqrt(8), spread / math.sqrt(2)))


def test_copies_of_a_cluster_are_no_new_evidence():
    """Each row ten times over, bound into clusters: accuracy and F1 are as uncertain as the rows once."""
    gold, predicted = np.repeat(GOLD, 10), np.repeat(PREDICTED, 10)
    cluster = np.repeat(np.arange(8).astype(str), 10)
    empty = np.array([""] * 80)
    for metric in ("accuracy", "f1"):
        bound = scored(metric, gold, predicted[None], empty, cluster).standard_error
        once = scored(metric, GOLD, PREDICTED[None], NONE, np.arange(8).astype(str)).standard_error
        free = scored(metric, gold, predicted[None], empty, empty).standard_error
        assert bound == pytest.approx(once * (math.sqrt(8 / 7) if metric == "accuracy" else 1))
        assert free < 0.5 * bound


@pytest.mark.parametrize("metric", ["f1", "spearman"])
def test_the_jackknife_agrees_with_repeated_sampling(metric):
    bits = np.random.default_rng(0)

    def draw(n):
        gold = bits.integers(0, 2, n).astype(float)
        noise = bits.normal(size=n)
        return (
            (gold + noise, gold + bits.normal(size=n)) if metric == "spearman" else (gold, (gold + noise > 0.5) * 1.0)
        )

    empty = np.array([""] * 400)
    values = [METRICS[metric](*draw(400), empty) for _ in range(80)]
    gold, predicted = draw(400)
    error = scored(metric, gold, predicted[None], empty, empty).standard_error
    assert error == pytest.approx(np.std(values), rel=0.3)
