"""Probe a frozen model: a regularised linear classifier, or ridge regression, on its pooled hidden states.

One forward pass over the data instead of tens of passes with gradients. What it measures is another thing than
fine-tuning: what is linearly readable, not what can be learned. Features are standardised on train; the strength of
the penalty is chosen on a held-out part of train, then the classifier is fitted on all of train.
"""

from __future__ import annotations

from typing import Any

from torch import nn

from climb.base.progress_bar import Advance
from climb.eval.finetuning.metrics import Floats
from climb.eval.finetuning.workload import Workload, held_out_rows, repeatable

PENALTIES = (1.0, 10.0, 100.0, 1000.0)
"""Inverse of scikit-learn's C, and ridge's alpha."""


def probe(work: Workload, seed: int, advance: Advance) -> dict[str, Floats]:
    """Return the predictions of a probe for every evaluated set.

    Args:
        work: the task; its recipe says how to pool.
        seed: of the held-out part; nothing else is drawn.
        advance: called with shares of the whole, and a note.
    """
    with repeatable(work.device):
        classifier = work.classifier(nn.Identity())
        train = work.features(classifier, work.train)
        advance(0.6, note="features of train")
        evaluated = {name: work.features(classifier, encoded) for name, encoded in work.evaluated.items()}
        advance(0.2, note="features")
    kept, held = held_out_rows(work.train, work.held_out, work.bits(seed, "held out"))
    labels = work.train.labels
    scores = [
        work.score(work.train.part(held), _fitted(work, train[kept], labels[kept], penalty).predict(train[held]))
        for penalty in PENALTIES
    ]
    best = _fitted(work, train, labels, PENALTIES[max(range(len(scores)), key=scores.__getitem__)])
    advance(0.2, note="classifier")
    return {name: best.predict(features).astype(float) for name, features in evaluated.items()}


def _fitted(work: Workload, features: Floats, labels: Floats, penalty: float) -> Any:
    """Return a fitted pipeline; train with one class only gives a constant."""
    from sklearn.dummy import DummyClassifier
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model: Any
    if not work.classes:
        model = Ridge(alpha=penalty)
    elif len(set(labels)) == 1:
        model = DummyClassifier()
    else:
        model = LogisticRegression(C=1 / penalty, max_iter=1000)
    return make_pipeline(StandardScaler(), model).fit(features, labels)
