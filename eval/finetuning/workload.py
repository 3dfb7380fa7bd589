"""What one fine-tuning works on: model, tokenised sets, recipe; and what it leaves behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import numpy as np
import torch
from scipy.special import logsumexp
from torch import Tensor, nn

from climb.base.console import say
from climb.base.errors import UserError
from climb.base.random_bits import RandomBits
from climb.base.schema import Manifest, Strict
from climb.eval.finetuning.batches import Piece, by_length, stacked
from climb.eval.finetuning.classifier import Classifier, pooling_for
from climb.eval.finetuning.encoding import Encoded, Ints
from climb.eval.finetuning.metrics import METRICS, Floats
from climb.eval.finetuning.recipe import Recipe
from climb.eval.memory import out_of_memory
from climb.eval.requests import Kind

_Made = TypeVar("_Made")
_LEAST_TOKENS = 128
"""A forward pass of fewer tokens is not tried: one row alone may need that many."""


class Point(Strict):
    """An evaluation on the way: after which step, and the score by which the best is chosen."""

    step: int
    score: float


class SeedRecord(Manifest):
    """What a fine-tuning with one seed gave; kept in a file, it is not done again.

    Attributes:
        key: SHA-256 over everything it depends on.
        steps: optimiser steps taken; fewer than planned where it stopped early.
        best_step: after which the predictions were made.
        history: the evaluations on the way.
        predictions: evaluated set → a class number or value per row, in the order of the file.
    """

    schema_version: Literal[1] = 1
    task: str
    seed: int
    key: str
    steps: int
    best_step: int
    history: list[Point]
    predictions: dict[str, list[float]]


@dataclass
class Workload:
    """A task, ready for any number of seeds; nothing of it changes but `batch_tokens`, when memory runs out.

    Attributes:
        task: its name, for messages and random streams.
        model: the language model; it is copied, never changed.
        kind: "masked", "causal" or "enc_dec_prefix".
        recipe: with the task's and the user's values.
        outputs: numbers the classifier gives.
        classes: whether they are classes; else one value is predicted.
        train: tokenised.
        evaluated: name of set → tokenised.
        select_by: metric by which the best evaluation is chosen; "loss": the smallest mean loss.
        held_out: share of train held out where the recipe selects on it.
        padding: token id to pad with; never seen by the model.
        batch_tokens: most tokens of a forward pass, padding included.
        decoder_start: the token an encoder–decoder's decoder begins with; not read for others.
    """

    task: str
    model: nn.Module
    kind: Kind
    recipe: Recipe
    outputs: int
    classes: bool
    train: Encoded
    evaluated: dict[str, Encoded]
    select_by: str
    held_out: float
    padding: int
    batch_tokens: int
    decoder_start: int = 0

    @property
    def device(self) -> torch.device:
        """Where the model is."""
        return next(self.model.parameters()).device

    def classifier(self, head: nn.Module) -> Classifier:
        """Return a classifier on a copy of the model, pooled as the recipe says."""
        recipe = self.recipe
        pooling = pooling_for(recipe.pooling, self.kind)
        return Classifier(self.model, pooling, head, recipe.lora, recipe.decoder_reads, self.decoder_start)

    def precision(self) -> torch.autocast:
        """Return the context to forward in: a model in bfloat16 is trained in float32 with bfloat16 products."""
        dtype = next(self.model.parameters()).dtype
        half = dtype in (torch.bfloat16, torch.float16)
        return torch.autocast(self.device.type, dtype=dtype if half else torch.bfloat16, enabled=half)

    def within_memory(self, run: Callable[[int], _Made]) -> _Made:
        """Return what `run` makes of a number of tokens a forward pass, halved as often as memory runs out."""
        while True:
            try:
                return run(self.batch_tokens)
            except Exception as error:
                if not out_of_memory(error) or self.batch_tokens <= _LEAST_TOKENS:
                    raise
            self.batch_tokens //= 2
            say(f"The memory is full: going on with {self.batch_tokens} tokens in one forward pass.")

    def bits(self, seed: int, stream: str) -> RandomBits:
        """Return the random bits of a seed's stream."""
        return RandomBits(seed, f"finetuning/{self.task}/{stream}")

    def parts(self, seed: int) -> tuple[Encoded, Encoded | None]:
        """Return what is trained on and what the best evaluation is chosen on; None where nothing is chosen."""
        if self.recipe.select_on == "held_out":
            kept, held = held_out_rows(self.train, self.held_out, self.bits(seed, "held out"))
            return self.train.part(kept), self.train.part(held)
        first = next(iter(self.evaluated.values()))
        return self.train, first if self.recipe.select_on == "valid" else None

    def score(self, encoded: Encoded, predicted: Floats) -> float:
        """Return the metric by which is chosen, of class numbers or values [n]."""
        return METRICS[self.select_by](encoded.labels, predicted, encoded.questions)

    def merit(self, encoded: Encoded, outputs: Floats) -> float:
        """Return what the best evaluation has most of, of outputs [n, k]: the metric, or the negative mean loss."""
        if self.select_by != "loss":
            return self.score(encoded, self.chosen(outputs))
        if not self.classes:
            return -float(np.square(outputs[:, 0] - encoded.labels).mean())
        right = outputs[np.arange(len(outputs)), encoded.labels.astype(np.int64)]
        return float((right - logsumexp(outputs, axis=1)).mean())

    def chosen(self, outputs: Floats) -> Floats:
        """Return the class number, or the value, of outputs [n, k]."""
        return outputs.argmax(axis=1).astype(np.float64) if self.classes else outputs[:, 0].copy()

    def predict(self, classifier: Classifier, encoded: Encoded) -> Floats:
        """Return the classifier's outputs for every row of a set, float64 [n, k], in its order."""
        return self._of_rows(encoded, classifier, classifier)

    def features(self, classifier: Classifier, encoded: Encoded) -> Floats:
        """Return the pooled hidden states of every row of a set, [n, H], in its order."""
        return self._of_rows(encoded, classifier, classifier.pooled)

    def _of_rows(self, encoded: Encoded, classifier: Classifier, reading: Callable[[Piece], Tensor]) -> Floats:
        """Return what is read off the classifier for every row of a set, float64 [n, k], in its order."""
        classifier.eval()

        def read(batch_tokens: int) -> Floats:
            found: list[tuple[Ints, Floats]] = []
            with torch.inference_mode(), self.precision():
                for rows in by_length(encoded.lengths, batch_tokens):
                    values = reading(stacked(encoded, rows, self.padding, self.device))
                    found.append((rows, values.double().cpu().numpy()))
            table = np.empty((len(encoded), found[0][1].shape[1]))
            for rows, part in found:
                table[rows] = part
            return table

        return self.within_memory(read)


def held_out_rows(encoded: Encoded, share: float, bits: RandomBits) -> tuple[Ints, Ints]:
    """Return (rows to train on, rows held out), each ascending; whole clusters are held out.

    Clusters are drawn until `share` of the rows is reached; at least one is held out and one kept.

    Raises:
        UserError: there is one cluster only.
    """
    if (encoded.clusters == "").all():
        cluster = np.arange(len(encoded))
    else:
        cluster = np.unique(encoded.clusters, return_inverse=True)[1]
    clusters = int(cluster.max()) + 1
    if clusters < 2:
        raise UserError(
            "A train of one row, or of rows about one text, leaves nothing to hold out: give more rows, or, where "
            "weights are trained, --set finetuning.select_on=last."
        )
    order = bits.permuted(np.arange(clusters), clusters, 0)
    sizes = np.bincount(cluster)[order]
    taken = int(np.searchsorted(np.cumsum(sizes), share * len(encoded))) + 1
    held = np.isin(cluster, order[: min(max(taken, 1), clusters - 1)])
    return np.flatnonzero(~held), np.flatnonzero(held)


@contextmanager
def repeatable(device: torch.device) -> Iterator[None]:
    """Leave torch's random state as it was, and let no sum depend on the timing of threads.

    On a GPU an operation without a deterministic form is still done; its last bits may then differ.
    """
    before = torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()
    settings: Any = torch.utils.deterministic  # its property is unknown to type checkers
    filled = settings.fill_uninitialized_memory
    cuda = [device.index or 0] if device.type == "cuda" else []
    with torch.random.fork_rng(devices=cuda):
        torch.use_deterministic_algorithms(True, warn_only=device.type != "cpu")
        settings.fill_uninitialized_memory = False
        try:
            yield
        finally:
            torch.use_deterministic_algorithms(before[0], warn_only=before[1])
            settings.fill_uninitialized_memory = filled
