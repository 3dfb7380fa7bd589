"""How sure a fine-tuned score is: the noise of the items and the noise of the seeds.

A figure is the mean over k seeds of a metric m. Its standard error is sqrt(e² + s² / k): e is the error from having
drawn these items (all seeds are scored on the same ones), s the standard deviation over seeds (n − 1). With one
seed the second term is unknown and left out, which a note of the result says.

e of an accuracy: in closed form from the credits, averaged over seeds; with clusters the linearised error of a ratio
(`climb.eval.results`). e of any other metric: delete-a-group jackknife over at most 50 groups of whole clusters
(Efron & Tibshirani 1993, chapter 11), sqrt((G − 1) / G Σ_g (m_(g) − m̄)²), the groups drawn by a fixed seed.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from climb.base.random_bits import RandomBits
from climb.eval.finetuning.metrics import METRICS, Floats, Strings
from climb.eval.results import Figure, mean_figure, ratio_figure

GROUPS = 50
Ints = npt.NDArray[np.int64]


def scored(metric: str, gold: Floats, predicted: Floats, question: Strings, cluster: Strings) -> Figure:
    """Return a metric's mean over seeds with its uncertainty.

    Args:
        metric: a name in `METRICS`.
        gold: [n].
        predicted: [k, n], one row per seed.
        question: [n], the unit of "exact_match".
        cluster: [n]; rows with the same value are not independent; all "" where all are.

    Returns:
        value; standard_error as above; spread, the standard deviation over seeds (None for one); count n.
    """
    values = np.array([METRICS[metric](gold, of_seed, question) for of_seed in predicted])
    spread = float(values.std(ddof=1)) if len(values) > 1 else None
    error = _of_items(metric, gold, predicted, question, _numbers(cluster))
    if error is not None and spread is not None:
        error = math.hypot(error, spread / math.sqrt(len(values)))
    return Figure(value=float(values.mean()), standard_error=error, count=len(gold), spread=spread)


def _numbers(cluster: Strings) -> Ints:
    """Return the number of each row's cluster: every row is one of its own where none is named."""
    if (cluster == "").all():
        return np.arange(len(cluster), dtype=np.int64)
    return np.asarray(np.unique(cluster, return_inverse=True)[1], dtype=np.int64)


def _of_items(metric: str, gold: Floats, predicted: Floats, question: Strings, cluster: Ints) -> float | None:
    """Return the standard error over items, None where one cluster allows none."""
    clusters = int(cluster.max()) + 1
    if metric == "accuracy":
        credits = (predicted == gold).mean(axis=0)
        if clusters == len(gold):
            return mean_figure(credits).standard_error
        right = np.bincount(cluster, weights=credits, minlength=clusters).astype(np.float64)
        size = np.bincount(cluster, minlength=clusters).astype(np.float64)
        return ratio_figure(right, size, len(gold)).standard_error
    groups = min(clusters, GROUPS)
    if groups < 2:
        return None
    shuffled = RandomBits(0, "jackknife").permuted(np.arange(clusters), clusters, 0)
    group = (shuffled % groups)[cluster]
    without = []
    for number in range(groups):
        kept = group != number
        without.append(np.mean([METRICS[metric](gold[kept], p[kept], question[kept]) for p in predicted]))
    return math.sqrt((groups - 1) / groups * float(np.square(np.array(without) - np.mean(without)).sum()))
