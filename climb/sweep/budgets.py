"""Equal budgets: what a run will spend, counted from its plan, and how many steps spend a given amount.

What a run sees is a pure function of its configuration, so tokens and words are exact before anything is trained;
operations are exact but for the number of targets, which is taken from a few steps. A curriculum's ramps stretch
with the run, so the steps are found by repeating the count.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np

from climb.base.corpus import PreparedCorpus
from climb.base.errors import UserError
from climb.config import TrainConfig
from climb.curricula.plan import RunPlan
from climb.curricula.samples import Samples
from climb.estimates import step_flops
from climb.models import build_model
from climb.sweep.experiment import Budget

TOLERANCE = 0.02
"""Manifests prove a budget when they differ by less."""
_CHUNK = 65_536
_ROUNDS = 8
_PROBES = 8


def spending(config: TrainConfig, kind: Budget) -> float:
    """Return what a run of this configuration will spend.

    Raises:
        UserError: the curriculum is unknown or does not fit the corpus.
    """
    if kind == "steps":
        return float(config.max_steps)
    corpus = PreparedCorpus(Path(str(config.corpus)))
    samples = Samples(
        corpus,
        RunPlan(config.max_steps, config.batch_size),
        config.curriculum,
        config.seed,
        config.model.objective,
        config.mask_rate,
        config.mask_split,
        config.whole_word,
    )
    total = samples.plan.total_samples
    if kind != "flops":
        count = samples.tokens if kind == "tokens" else samples.words
        return float(sum(count(range(start, min(start + _CHUNK, total))) for start in range(0, total, _CHUNK)))
    model = build_model(config.model, corpus.tokenizer, corpus.manifest.block_size, config.seed)
    flops, spent = step_flops(model), 0.0
    edges = np.linspace(0, config.max_steps, min(_PROBES, config.max_steps) + 1).astype(int)
    for start, end in pairwise(edges.tolist()):
        middle = (start + end) // 2
        batch = samples.batch(samples.plan.numbers_of(middle))
        asked = int((batch["labels"] != -100).sum()) / max(samples.tokens(samples.plan.numbers_of(middle)), 1)
        numbers = range(samples.plan.numbers_of(start).start, samples.plan.numbers_of(end - 1).stop)
        tokens = samples.tokens(numbers)
        spent += flops(tokens, round(asked * tokens), samples.length(middle))
    return spent


def with_budget(config: TrainConfig, kind: Budget, amount: float) -> TrainConfig:
    """Return the configuration with the number of steps that spends the amount, as nearly as whole steps can.

    Raises:
        UserError: not even one step fits, or what the run itself would refuse.
    """
    if kind == "steps":
        return config.model_copy(update={"max_steps": round(amount)})
    best, nearest = config, float("inf")
    for _ in range(_ROUNDS):
        spent = spending(config, kind)
        if abs(spent - amount) < nearest:
            best, nearest = config, abs(spent - amount)
        steps = max(1, round(config.max_steps * amount / spent))
        if steps == config.max_steps:
            break
        config = config.model_copy(update={"max_steps": steps})
    if nearest > TOLERANCE * amount:
        raise UserError(
            f"{best.curriculum}: no whole number of steps spends {amount:.4g} {kind} to {100 * TOLERANCE:g} %; the "
            f"nearest is {best.max_steps}: raise budget.amount or lower batch_size."
        )
    return best
