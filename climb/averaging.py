"""Averages of a model's weights over its training: exponential, or over the last snapshots.

A curriculum that ends while the learning rate is already low can only show in weights that low steps no longer
move (arXiv 2511.18903); averaging does what decay does without shrinking the steps. The average is a copy of the
weights in float32 beside the model; an update costs one pass over them.

    ema   a_t = d_t a_{t−1} + (1 − d_t) w_t, with d_t = min(decay, (1 + t) / (10 + t)), so that early weights fade
    last  the mean of `snapshots` sets of weights, evenly spaced over the last `share` of the run (LAWA,
          arXiv 2306.03241)

The heads of objectives are averaged with the model: each has been trained on the hidden states that the model gave at
the same time.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from climb.base.errors import UserError
from climb.config import AveragingConfig

FILE = "average.safetensors"
_COUNT = "updates"
_HEADS = "heads."
"""What the names of the heads' weights begin with, beside those of the model."""


class WeightAverage:
    """The average of one run.

    Args:
        model: the Hugging Face model; its parameters are read at each update.
        config: which average.
        steps: optimiser steps of the run.
        heads: of objectives, where there are any.
    """

    def __init__(
        self, model: torch.nn.Module, config: AveragingConfig, steps: int, heads: torch.nn.Module | None = None
    ) -> None:
        self._model = model
        self._heads = heads
        self._config = config
        self._snapshots = snapshot_steps(config, steps) if config.name == "last" else frozenset()
        self._average: dict[str, torch.Tensor] = {}
        self._updates = 0

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Take the weights after optimiser step `step` (1 first) into the average, if they belong to it."""
        if self._config.name == "none" or (self._config.name == "last" and step not in self._snapshots):
            return
        self._updates += 1
        for name, parameter in self._parameters().items():
            weights = parameter.detach().float()
            if name in self._average:
                self._average[name].lerp_(weights, self._weight())
            else:
                self._average[name] = weights.clone()

    def _parameters(self) -> dict[str, torch.nn.Parameter]:
        """Return what is averaged, by name."""
        heads = {} if self._heads is None else dict(self._heads.named_parameters())
        return dict(self._model.named_parameters()) | {f"{_HEADS}{name}": one for name, one in heads.items()}

    def _weight(self) -> float:
        """Return the weight of the newest set of weights."""
        if self._config.name == "last":
            return 1.0 / self._updates
        return 1.0 - min(self._config.decay, (1 + self._updates) / (10 + self._updates))

    @contextlib.contextmanager
    def applied(self) -> Iterator[bool]:
        """Within the block model and heads have the averaged weights; yields whether there is an average yet."""
        if not self._average:
            yield False
            return
        parameters = self._parameters()
        held = {name: parameter.detach().clone() for name, parameter in parameters.items()}
        try:
            _copy(self._average, parameters)
            yield True
        finally:
            _copy(held, parameters)

    def save(self, folder: Path) -> None:
        """Write the average into the folder of a checkpoint; nothing when there is none yet."""
        if self._average:
            tensors = {name: values.cpu().contiguous() for name, values in self._average.items()}
            save_file({**tensors, _COUNT: torch.tensor([self._updates])}, folder / FILE)

    def load(self, folder: Path) -> None:
        """Take up the average of a checkpoint.

        Raises:
            UserError: it is the average of other weights than the run has.
        """
        if not (folder / FILE).is_file():
            return
        tensors = load_file(folder / FILE)
        self._updates = int(tensors.pop(_COUNT)[0])
        if other := tensors.keys() ^ self._parameters().keys():
            raise UserError(
                f"{folder / FILE} is no average of this run's weights ({min(other)} is in one of them alone): start "
                "a new run with --out."
            )
        device = next(self._model.parameters()).device
        self._average = {name: values.to(device) for name, values in tensors.items()}


@torch.no_grad()
def _copy(source: dict[str, torch.Tensor], target: dict[str, Any]) -> None:
    for name, parameter in target.items():
        parameter.copy_(source[name])


def snapshot_steps(config: AveragingConfig, steps: int) -> frozenset[int]:
    """Return the steps after which weights are taken into the average "last"; the last step is one of them."""
    spacing = max(1, round(config.share * steps / config.snapshots))
    return frozenset(step for number in range(config.snapshots) if (step := steps - number * spacing) > 0)
