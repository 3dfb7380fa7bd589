"""What the refreshes of a self-scored curriculum will cost a run, from scoring a few blocks on this machine."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from climb.config import TrainConfig
from climb.estimates import step_flops
from climb.run_parts import Parts
from climb.self_scorer import SelfScorer
from climb.training_module import TrainingModule

_TRIALS = 3


@dataclass(frozen=True)
class ScoringCost:
    """All refreshes of a run.

    Attributes:
        blocks: scored, repeats counted.
        flops: of the forward passes.
        seconds: on this machine.
    """

    blocks: int = 0
    flops: float = 0.0
    seconds: float = 0.0


def scoring_cost(config: TrainConfig, parts: Parts, module: TrainingModule) -> ScoringCost:
    """Return the cost of scoring, estimated from blocks spread over the corpus; nothing for other curricula."""
    samples, blocks = parts.samples, len(parts.corpus.train)
    scoring = samples.self_scoring
    if scoring is None:
        return ScoringCost()
    bf16, objective = config.precision == "bf16", config.model.objective
    scorer = SelfScorer(module, parts.corpus, scoring, objective, config.seed, bf16)
    count = min(blocks, scorer.blocks_at_once())
    some = scorer.by_length(np.arange(count, dtype=np.int64) * blocks // count)
    trials = []
    for _ in range(_TRIALS):
        started = time.perf_counter()
        sums = scorer.score(some, 1)
        trials.append(time.perf_counter() - started)
    refreshes = range(1, len(samples.segments()))
    scored = sum(len(scoring.cohort(blocks, config.seed, refresh)) for refresh in refreshes)
    flops = step_flops(module.model)(sums.tokens, sums.targets, parts.corpus.manifest.block_size) / 3.0
    return ScoringCost(scored, flops * scored / count, min(trials) * scored / count)
