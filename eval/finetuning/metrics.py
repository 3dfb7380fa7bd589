"""The metrics of GLUE and kin, by scikit-learn and scipy; each a function of gold, predicted and question ids."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Strings = npt.NDArray[np.str_]
Metric = Callable[[Floats, Floats, Strings], float]


def accuracy(gold: Floats, predicted: Floats, question: Strings) -> float:
    """Return the share of right predictions."""
    return float((gold == predicted).mean())


def f1(gold: Floats, predicted: Floats, question: Strings) -> float:
    """Return F1 of class 1 (MRPC, QQP: paraphrases); 0 where class 1 is neither there nor predicted."""
    from sklearn.metrics import f1_score

    return float(f1_score(gold, predicted, pos_label=1, average="binary", zero_division=0.0))


def mcc(gold: Floats, predicted: Floats, question: Strings) -> float:
    """Return Matthews' correlation coefficient; 0 for constant predictions, as scikit-learn defines it."""
    from sklearn.metrics import matthews_corrcoef

    return float(matthews_corrcoef(gold, predicted))


def pearson(gold: Floats, predicted: Floats, question: Strings) -> float:
    """Return Pearson's r; 0 for constant predictions, which know nothing about the gold values."""
    from scipy.stats import pearsonr

    return _unless_constant(gold, predicted, lambda: pearsonr(gold, predicted).statistic)


def spearman(gold: Floats, predicted: Floats, question: Strings) -> float:
    """Return Spearman's ρ; 0 for constant predictions."""
    from scipy.stats import spearmanr

    return _unless_constant(gold, predicted, lambda: spearmanr(gold, predicted).statistic)


def exact_match(gold: Floats, predicted: Floats, question: Strings) -> float:
    """Return the share of questions whose answers are all classified right (MultiRC; Khashabi et al. 2018)."""
    _, number = np.unique(question, return_inverse=True)
    wrong = np.bincount(number, weights=gold != predicted)
    return float((wrong == 0).mean())


METRICS: dict[str, Metric] = {
    "accuracy": accuracy,
    "f1": f1,
    "mcc": mcc,
    "pearson": pearson,
    "spearman": spearman,
    "exact_match": exact_match,
}


def _unless_constant(gold: Floats, predicted: Floats, value: Callable[[], float]) -> float:
    if np.ptp(predicted) == 0 or np.ptp(gold) == 0:
        return 0.0
    return float(value())


def chance_of(metric: str, labels: Sequence[str] | None, gold: Floats, question: Strings) -> float:
    """Return the best score that a constant prediction reaches: what a model that knows nothing can get."""
    constants = [0.0] if labels is None else [float(number) for number in range(len(labels))]
    return max(METRICS[metric](gold, np.full(len(gold), constant), question) for constant in constants)
