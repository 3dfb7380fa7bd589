"""Equal budgets: what a run will spend, counted from its plan, and how many steps spend a given amount.

What a run sees is a pure function of its configuration, so tokens and words are exact before anything is trained;
operations are those per token of a few steps. The order of a self-scored curriculum is not known before it is
trained: that which it begins with stands for all. A curriculum's ramps stretch with the run, so the steps are found
by repeating the count.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from climb.base.corpus import PreparedCorpus
from climb.base.errors import UserError
from climb.config import TrainConfig
from climb.curricula.plan import IntArray, RunPlan
from climb.curricula.samples import Samples
from climb.estimates import counted_flops
from climb.eval.options import EvalConfig
from climb.losses.token_loss import make_loss
from climb.models import build_model
from climb.objective_module import training_module
from climb.run_parts import Parts
from climb.scoring_estimate import scoring_cost
from climb.step_terms import StepTerms
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
    if samples.scores is not None:
        samples.foresee()
    if kind == "flops":
        return _operations(config, corpus, samples)
    return _counted(samples.tokens if kind == "tokens" else samples.words, np.arange(samples.plan.total_samples))


def _counted(count: Callable[[IntArray], int], numbers: IntArray) -> float:
    """Return what samples hold, counted in pieces that fit into memory."""
    return float(sum(count(numbers[start : start + _CHUNK]) for start in range(0, len(numbers), _CHUNK)))


def _operations(config: TrainConfig, corpus: PreparedCorpus, samples: Samples) -> float:
    """Return the operations of scoring and of training, by those per token of steps with each set of objectives."""
    model = build_model(config.model, corpus.tokenizer, corpus.manifest.block_size, config.seed)
    loss = make_loss(config.loss, corpus, config.max_steps)
    module = training_module(model, config, samples, loss)
    flops = counted_flops(module)
    spent = scoring_cost(config, Parts(corpus, samples, EvalConfig(), [], 1, loss), module).flops
    names = [unit.name for unit in samples.units] or [""]
    for steps in samples.steps_by_objectives().values():
        probed, tokens = 0.0, 0
        for place in range(min(_PROBES, len(steps))):
            step = int(steps[(2 * place + 1) * len(steps) // (2 * min(_PROBES, len(steps)))])
            numbers = samples.plan.numbers_of(step)
            terms = StepTerms(names, samples.asked, torch.device("cpu"))
            terms.begin(step, terms.count([samples.batch(numbers)]))
            probed += flops(terms.counts, samples.length(step))
            tokens += samples.tokens(numbers)
        everything = np.concatenate([np.asarray(samples.plan.numbers_of(int(step))) for step in steps])
        spent += probed / max(tokens, 1) * _counted(samples.tokens, everything)
    return spent


def with_budget(config: TrainConfig, kind: Budget, amount: float) -> TrainConfig:
    """Return the configuration with the number of steps that spends the amount, as nearly as whole steps can.

    Raises:
        UserError: not even one step fits, or what the run itself would refuse.
    """
    if kind == "steps":
        return config.model_copy(update={"max_steps": max(1, round(amount))})
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
