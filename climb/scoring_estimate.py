"""What the refreshes of a self-scored curriculum will cost a run: from its shape, and from scoring a few blocks."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from climb.config import TrainConfig
from climb.estimates import step_flops
from climb.self_scorer import SelfScorer
from climb.training_module import TrainingModule

if TYPE_CHECKING:
    from climb.curricula.samples import Samples
    from climb.run_parts import Parts

_TRIALS = 3
_MUCH = 0.5
"""Forward passes of scoring, as a share of the work of training, above which a run says so."""


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


def costly_scoring(config: TrainConfig, samples: Samples, blocks: int, block_size: int) -> str:
    """Return a sentence where scoring takes much beside training; nothing else.

    A forward pass is counted as a third of a training step over the same tokens.

    Args:
        config: of the run.
        samples: its samples.
        blocks: of the corpus.
        block_size: their tokens.
    """
    scoring = samples.self_scoring
    if scoring is None:
        return ""
    positions = 1 if config.model.objective == "causal" else min(scoring.positions or block_size, block_size)
    passes = (len(samples.segments()) - 1) * scoring.subset * blocks * positions
    times = passes / (3.0 * samples.plan.total_samples)
    if times <= _MUCH:
        return ""
    cure = "raise every or lower subset" + ("" if positions == 1 else " or positions")
    return f"{samples.curriculum}: scoring takes about {times:.1f} times the work of training; {cure}."


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
