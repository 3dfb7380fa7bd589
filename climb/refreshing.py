"""Refresh the difficulties of a self-scored curriculum between two segments of a run, on one process or several.

The state before a refresh is that at the end of a step. Asked to stop meanwhile, the run saves that state, and the
refresh begins again when the run goes on; killed, it goes on from the checkpoint before.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from climb.base.console import say
from climb.base.errors import Interrupted
from climb.curricula.self_scoring import FloatArray
from climb.run_logs import must_be_finite
from climb.self_scorer import SelfScorer, Sums

if TYPE_CHECKING:
    from climb.curricula.samples import Samples
    from climb.journal import Journal
    from climb.trainer import CurriculumTrainer

Flops = Callable[[int, int, int], float]


class Refresher:
    """Called with the number of a refresh, gives the samples their new scores.

    Args:
        samples: of a self-scored curriculum.
        scorer: scores blocks.
        trainer: whose processes share the work.
        journal: counts it, and saves when the run is asked to stop.
        flops: flops(tokens, targets, length of rows) of a training step; a forward pass costs a third.
        length: tokens of a block.
        seed: of the run.
    """

    def __init__(
        self,
        *,
        samples: Samples,
        scorer: SelfScorer,
        trainer: CurriculumTrainer,
        journal: Journal,
        flops: Flops,
        length: int,
        seed: int,
    ) -> None:
        self._samples = samples
        self._scorer = scorer
        self._trainer = trainer
        self._journal = journal
        self._flops = flops
        self._length = length
        self._seed = seed

    def __call__(self, refresh: int) -> None:
        """Score the blocks of this refresh.

        Raises:
            Interrupted: the run was asked to stop; its state before the refresh is saved.
            UserError: a perplexity is not finite.
        """
        scoring, before = self._samples.self_scoring, self._samples.scores
        assert scoring is not None
        assert before is not None
        started, step = time.perf_counter(), self._trainer.state.global_step
        blocks = self._scorer.by_length(scoring.cohort(len(before.values), self._seed, refresh))
        say(
            f"Refresh {refresh} of {len(self._samples.segments()) - 1}, after step {step:,}: the model scores "
            f"{len(blocks):,} blocks."
        )
        sums = self._all_scored(blocks, refresh)
        perplexities = sums.perplexities()
        largest = int(np.argmax(perplexities))
        with np.errstate(over="ignore"):
            told = float(np.float32(perplexities[largest]))
        must_be_finite(f"The perplexity of block {blocks[largest]} after step {step}", told)
        self._samples.refresh(before.refreshed(blocks, perplexities, scoring.whole))
        flops = self._flops(sums.tokens, sums.targets, self._length) / 3.0
        self._journal.scored(step, flops, time.perf_counter() - started)

    def _all_scored(self, blocks: np.ndarray[Any, Any], refresh: int) -> Sums:
        """Return what all processes found of the blocks, each having scored its part; the same on all of them."""
        args = self._trainer.args
        places = np.arange(args.process_index, len(blocks), args.world_size)
        at_once = self._scorer.blocks_at_once()
        whole = Sums(np.zeros(len(blocks)), np.zeros(len(blocks)))
        # The first process has the most blocks; the others ask about stopping as often as it does.
        for first in range(0, -(-len(blocks) // args.world_size), at_once):
            self._stop_if_asked()
            part = places[first : first + at_once]
            found = self._scorer.score(blocks[part], refresh)
            whole.nats[part], whole.counts[part] = found.nats, found.counts
            whole.tokens += found.tokens
            whole.targets += found.targets
            self._journal.note(f"scoring {min(1.0, (first + at_once) * args.world_size / len(blocks)):.0%}")
        counts = self._summed(np.array([whole.tokens, whole.targets], dtype=np.float64))
        return Sums(self._summed(whole.nats), self._summed(whole.counts), int(counts[0]), int(counts[1]))

    def _summed(self, values: FloatArray) -> FloatArray:
        """Return the sum over processes, of which at most one has an element other than 0 where order matters."""
        if self._trainer.args.world_size == 1:
            return values
        tensor = torch.as_tensor(values, device=self._trainer.args.device)
        summed = self._trainer.accelerator.reduce(tensor, reduction="sum")
        return np.asarray(summed.cpu().numpy(), dtype=np.float64)

    def _stop_if_asked(self) -> None:
        asked = np.array([float(self._trainer.stop_requested)])
        if self._summed(asked)[0]:
            self._journal.save_now()
            step = self._trainer.state.global_step
            raise Interrupted(f"Stopped at step {step}; the same command goes on from there.")
