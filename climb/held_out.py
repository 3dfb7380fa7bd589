"""The loss on held-out blocks: fixed seeded masks, eval mode, plain cross-entropy whatever the training loss.

Every evaluation of a run reads the same blocks with the same masks, so its losses differ only by the model.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from climb.targets import IGNORED
from climb.training_module import TrainingModule


class HeldOut:
    """Held-out loss of a module.

    Args:
        module: the unwrapped training module.
        samples: gives `held_out(count)`, an iterator of batches of numpy arrays.
        count: blocks to read.
        device: where the module lies.
        bf16: whether training runs its forward pass in bfloat16.
    """

    def __init__(self, module: TrainingModule, samples: Any, count: int, device: torch.device, bf16: bool) -> None:
        self._module = module
        self._samples = samples
        self._count = count
        self._device = device
        self._bf16 = bf16

    def measure(self) -> dict[str, float | int | None]:
        """Return loss (nats per target), its standard error (None from one block), blocks and targets.

        The standard error is that of a ratio estimator over blocks: with block sums L_i and target counts n_i,
        sqrt(m / (m − 1) · Σ (L_i − loss · n_i)²) / Σ n_i for m blocks.
        """
        with _evaluating(self._module):
            parts = [self._block_sums(batch) for batch in self._samples.held_out(self._count)]
        sums = np.concatenate([part[0] for part in parts])
        counts = np.concatenate([part[1] for part in parts])
        blocks, targets = len(sums), int(counts.sum())
        loss = float(sums.sum() / max(targets, 1))
        spread = float(np.square(sums - loss * counts).sum())
        error = (spread * blocks / (blocks - 1)) ** 0.5 / max(targets, 1) if blocks > 1 else None
        return {"loss": loss, "standard_error": error, "blocks": blocks, "targets": targets}

    def _block_sums(self, batch: dict[str, Any]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        """Return (summed loss, number of targets) of each block of a batch."""
        names = ("input_ids", "labels", "attention_mask")
        tensors = {name: torch.as_tensor(batch[name], device=self._device) for name in names if name in batch}
        with torch.autocast(self._device.type, dtype=torch.bfloat16, enabled=self._bf16):
            losses = self._module.token_losses(**tensors)
        labels = np.asarray(batch["labels"])
        rows = np.nonzero(labels != IGNORED)[0]
        sums = np.bincount(rows, weights=losses.double().cpu().numpy(), minlength=len(labels))
        return sums, np.bincount(rows, minlength=len(labels)).astype(np.float64)


@contextlib.contextmanager
def _evaluating(module: torch.nn.Module) -> Iterator[None]:
    training = module.training
    module.eval()
    try:
        with torch.inference_mode():
            yield
    finally:
        module.train(training)
