"""The samples of a run as a torch data set: virtual, map-style, fetched by number.

    loader = DataLoader(SampleDataset(samples), batch_size=32, collate_fn=collate, num_workers=2)

Its length is the number of samples of the run, not of the corpus; read it in order (shuffle=False), because
the curriculum is the order. Any number of workers, processes or micro-batches gives the same rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch.utils.data import Dataset

from climb.curricula.lengths import Batch
from climb.curricula.samples import Samples


class SampleDataset(Dataset[Batch]):
    """A run's samples by number; a loader gets whole batches through `__getitems__`."""

    def __init__(self, samples: Samples) -> None:
        self.samples = samples

    def __len__(self) -> int:
        return self.samples.plan.total_samples

    def __getitem__(self, number: int) -> Batch:
        """Return one row: input_ids, labels, attention_mask int64 [L]; example and number as int64 []."""
        batch = self.samples.batch([number])
        batch.setdefault("attention_mask", np.ones_like(batch["input_ids"]))
        return {name: values[0] for name, values in batch.items()}

    def __getitems__(self, numbers: Sequence[int]) -> Batch:
        """Return the rows of these numbers as one batch; see `Samples.batch`."""
        return self.samples.batch(numbers)


def collate(batch: Batch | Sequence[Batch]) -> dict[str, torch.Tensor]:
    """Return tensors of a batch from `__getitems__`, or of rows from `__getitem__`."""
    if not isinstance(batch, dict):
        rows: Sequence[dict[str, Any]] = batch
        batch = {name: np.stack([row[name] for row in rows]) for name in rows[0]}
    return {name: torch.from_numpy(np.ascontiguousarray(values)) for name, values in batch.items()}
