"""`climb eval`: what a model knows."""

from __future__ import annotations

from climb.eval.options import EvalConfig


def evaluate(config: EvalConfig) -> None:
    """Evaluate runs, model folders or Hub models.

    Without RUN the newest complete run under runs/ is taken. Results go to RUN/eval/<task>.json with
    standard errors and per-item predictions.
    """
    from climb.evaluating import evaluate_models

    evaluate_models(config)
