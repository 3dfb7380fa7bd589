"""Perplexities of training blocks under the model that trains on them, for self-scored curricula.

A masked model is asked for some tokens of a block, each masked alone: the pseudo-perplexity (Salazar et al. 2020)
exp(−1/|S| Σ_{t in S} ln p(x_t | x_{∖t})), where S are all tokens but special ones, or a few of them. A causal model
is asked for all of them at once: exp(−1/|S| Σ ln p(x_t | x_{<t})), S the tokens that are not special and have one
before them. A block without any has perplexity 1.

Cost: a block of L tokens takes as many forward passes of L tokens as it has positions scored (`all`: nearly L of
them); a causal model one. The head works at the scored positions only, and so does the last layer of a masked model.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from climb.base.corpus import PreparedCorpus
from climb.base.lm_head import in_eval_mode
from climb.curricula.plan import IntArray
from climb.curricula.self_scoring import FloatArray, SelfScoring
from climb.curricula.special_tokens import special_ids
from climb.targets import IGNORED
from climb.training_module import TrainingModule

_TOKENS = {"cpu": 2**12, "cuda": 2**17}
"""Tokens of a forward pass."""
_PASSES = 8
"""Forward passes between two looks at what was asked meanwhile."""


@dataclass
class Sums:
    """What scoring some blocks gave.

    Attributes:
        nats: −Σ ln p of each block's scored tokens, float64 [n].
        counts: how many these were, float64 [n].
        tokens: read in all forward passes, padding not counted.
        targets: positions scored.
    """

    nats: FloatArray
    counts: FloatArray
    tokens: int = 0
    targets: int = 0

    def perplexities(self) -> FloatArray:
        """Return exp(nats / counts) of each block, float64 [n]; 1 where nothing was scored."""
        with np.errstate(over="ignore"):
            return np.asarray(np.exp(self.nats / np.maximum(self.counts, 1.0)))


class SelfScorer:
    """Scores training blocks by the model as it is now; leaves its weights, modes and all generators as they were.

    Args:
        module: the unwrapped training module.
        corpus: the prepared corpus.
        scoring: which positions of a block are masked.
        objective: "masked" or "causal".
        seed: of the run.
        bf16: whether training runs its forward pass in bfloat16.
    """

    def __init__(
        self,
        module: TrainingModule,
        corpus: PreparedCorpus,
        scoring: SelfScoring,
        objective: str,
        seed: int,
        bf16: bool,
    ) -> None:
        self._module = module
        self._blocks = corpus.train
        self._special = special_ids(corpus)
        self._mask_id = corpus.tokenizer.mask_token_id if objective == "masked" else None
        self._scoring = scoring
        self._seed = seed
        self._bf16 = bf16

    def by_length(self, blocks: IntArray) -> IntArray:
        """Return the blocks from the shortest to the longest: neighbours need little padding."""
        return blocks[np.argsort(self._blocks.length[blocks], kind="stable")]

    def blocks_at_once(self) -> int:
        """Return how many blocks to score in one call, so that a call lasts some forward passes."""
        length = self._blocks.block_size
        rows = 1 if self._mask_id is None else min(self._scoring.positions or length, length)
        return max(1, _PASSES * self._budget() // (rows * length))

    def score(self, blocks: IntArray, refresh: int) -> Sums:
        """Score some blocks.

        Args:
            blocks: their numbers [n].
            refresh: which refresh this is: another one masks other positions.
        """
        sums = Sums(np.zeros(len(blocks)), np.zeros(len(blocks)))
        if not len(blocks):
            return sums
        tokens, lengths = self._blocks.tokens(blocks), self._blocks.length[blocks].astype(np.int64)
        row, inputs, labels = self._asked(tokens, lengths, blocks, refresh)
        with in_eval_mode(self._module), torch.inference_mode():
            for part in _parts(len(row), max(1, self._budget() // int(lengths.max()))):
                width = int(lengths[row[part]].max())
                targets = labels[part, :width] != IGNORED
                real = np.arange(width)[None, :] < lengths[row[part], None]
                nats = self._losses(inputs[part, :width], labels[part, :width], real)
                owner = np.broadcast_to(row[part, None], targets.shape)[targets]
                sums.nats += np.bincount(owner, weights=nats, minlength=len(blocks))
                sums.counts += np.bincount(owner, minlength=len(blocks))
                sums.tokens += int(real.sum())
                sums.targets += len(nats)
        return sums

    def _asked(
        self, tokens: IntArray, lengths: IntArray, blocks: IntArray, refresh: int
    ) -> tuple[IntArray, IntArray, IntArray]:
        """Return (block, inputs, labels) of each row, [r], [r, L], [r, L]; the block is a place among `blocks`."""
        scorable = ~self._special[tokens] & (np.arange(tokens.shape[1])[None, :] < lengths[:, None])
        if self._mask_id is None:
            labels = np.full_like(tokens, IGNORED)
            labels[:, :-1] = np.where(scorable[:, 1:], tokens[:, 1:], IGNORED)
            return np.arange(len(blocks)), tokens, labels
        row, column = np.nonzero(self._scoring.chosen(scorable, blocks, self._seed, refresh))
        place = np.arange(len(row))
        inputs = tokens[row]
        labels = np.full_like(inputs, IGNORED)
        labels[place, column] = inputs[place, column]
        inputs[place, column] = self._mask_id
        return row, inputs, labels

    def _losses(self, inputs: IntArray, labels: IntArray, real: npt.NDArray[np.bool_]) -> FloatArray:
        """Return −ln p of each target, float64 [targets], in row-major order."""
        device = next(self._module.parameters()).device
        given: dict[str, Any] = {"input_ids": inputs, "labels": labels}
        if not real.all():
            given["attention_mask"] = real.astype(np.int64)
        tensors = {name: torch.as_tensor(values, device=device) for name, values in given.items()}
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=self._bf16):
            losses = self._module.token_losses(**tensors)
        return np.asarray(losses.double().cpu().numpy())

    def _budget(self) -> int:
        device = next(self._module.parameters()).device.type
        return _TOKENS.get(device, _TOKENS["cpu"])


def _parts(size: int, most: int) -> Iterator[slice]:
    for first in range(0, size, most):
        yield slice(first, first + most)
