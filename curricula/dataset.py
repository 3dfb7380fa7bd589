"""The samples of a run as a torch data set, and a curriculum over any data set of yours.

    loader = DataLoader(SampleDataset(samples), batch_size=32, collate_fn=collate, num_workers=2)

A `SampleDataset` is virtual and map-style: its length is the number of samples of the run, not of the corpus; read
it in order (shuffle=False), because the curriculum is the order. Any number of workers, processes or micro-batches
gives the same rows. A stock Hugging Face Trainer takes it with `collate_for_model`, remove_unused_columns=False and
train_sampling_strategy="sequential".

A `CurriculumSampler` needs no prepared corpus, only one difficulty per example:

    loader = DataLoader(texts, batch_size=32, sampler=CurriculumSampler([len(text) for text in texts], 32, 1000))
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch.utils.data import Dataset, Sampler

from climb.base.errors import UserError
from climb.curricula.catalogue import control_named, controls
from climb.curricula.data import data_order
from climb.curricula.lengths import Batch
from climb.curricula.naming import parse
from climb.curricula.order import Chunked
from climb.curricula.plan import RunPlan
from climb.curricula.samples import Samples

_FOR_MODEL = ("input_ids", "labels", "attention_mask")


class SampleDataset(Dataset[Batch]):
    """A run's samples by number; a loader gets whole batches through `__getitems__`."""

    def __init__(self, samples: Samples) -> None:
        self.samples = samples

    def __len__(self) -> int:
        return self.samples.plan.total_samples

    def __getitem__(self, number: int) -> Batch:
        """Return one row: input_ids, labels, attention_mask int64 [L]; example and number as int64 [].

        Raises:
            ValueError: under a length or objective curriculum a sample may be several rows, which only whole batches
                hold.
        """
        batch = self.samples.batch([number])
        if "objectives" in batch:
            raise ValueError("a sample of an objective curriculum is asked in several ways: ask for batches")
        if len(batch["input_ids"]) != 1:
            raise ValueError("a sample of a length curriculum is several rows: ask for batches, with __getitems__")
        batch.setdefault("attention_mask", np.ones_like(batch["input_ids"]))
        return {name: values[0] for name, values in batch.items()}

    def __getitems__(self, numbers: Sequence[int]) -> Batch:
        """Return the rows of these numbers as one batch; see `Samples.batch`."""
        return self.samples.batch(numbers)


def collate(batch: Batch | Sequence[Batch]) -> dict[str, Any]:
    """Return tensors of a batch from `__getitems__`, those of its objectives too, or of rows from `__getitem__`."""
    if not isinstance(batch, dict):
        rows: Sequence[dict[str, Any]] = batch
        batch = {name: np.stack([row[name] for row in rows]) for name in rows[0]}
    return {
        name: collate(values) if isinstance(values, dict) else torch.from_numpy(np.ascontiguousarray(values))
        for name, values in batch.items()
    }


def collate_for_model(batch: Batch | Sequence[Batch]) -> dict[str, torch.Tensor]:
    """Return what a Hugging Face model takes, input_ids, labels and attention_mask, and nothing it does not.

    Raises:
        ValueError: the batch asks for several objectives, which such a model knows nothing of.
    """
    if "objectives" in batch:
        raise ValueError("a Hugging Face model has one objective: take collate and climb.objective_module")
    return {name: values for name, values in collate(batch).items() if name in _FOR_MODEL}


class CurriculumSampler(Sampler[int]):
    """The indices of a data set of yours in the order of a data curriculum, for a `DataLoader`.

    The loader must take batches of `batch_size` and must not shuffle. Iterating again begins again at `start`.

    Example:
        >>> sampler = CurriculumSampler([3.0, 1.0, 2.0, 4.0], 1, 8, "sorted")
        >>> list(sampler)
        [1, 2, 0, 3, 1, 2, 0, 3]
        >>> list(sampler.seek(6))
        [0, 3]
    """

    def __init__(
        self,
        difficulty: npt.ArrayLike,
        batch_size: int,
        steps: int,
        curriculum: str = "linear",
        seed: int = 0,
        start: int = 0,
    ) -> None:
        """Sort the examples.

        Args:
            difficulty: one finite number per example [N], higher meaning harder.
            batch_size: indices of a step.
            steps: of the run.
            curriculum: a data curriculum without its difficulty: a pacing function or "sorted", with parameters,
                such as "log:start=0.2,draw=weighted"; a control may stand before it, as in "random_linear".
            seed: of the draws.
            start: the sample number to begin with, after an interruption.

        Raises:
            UserError: an unknown name, a pool smaller than a batch, or difficulties that are no finite numbers.
        """
        scores = np.asarray(difficulty, dtype=np.float32)
        if scores.ndim != 1 or not np.isfinite(scores).all():
            raise UserError("A curriculum sampler needs one finite difficulty per example: mend or drop the others.")
        head, joint, rest = curriculum.partition("_")
        name = f"{head}_data_given_{rest}" if joint and head in controls() else f"data_given_{curriculum}"
        self.plan = RunPlan(steps, batch_size)
        self.start = start
        specs = parse(name)
        if [spec.kind for spec in specs] != ["data"]:
            raise UserError(f"A curriculum sampler orders examples and nothing else: {curriculum!r} asks for more.")
        self._arguments = (scores, batch_size, steps, curriculum, seed)
        self._order = Chunked(data_order(specs[0], [scores], self.plan, seed), self.plan.total_samples)
        self._renumbering = control_named(specs[0].control).renumbering(self.plan, seed, whole_steps=False)

    def __len__(self) -> int:
        return self.plan.total_samples - self.start

    def __iter__(self) -> Iterator[int]:
        for first in range(self.start, self.plan.total_samples, self.plan.batch_size):
            numbers = np.arange(first, min(first + self.plan.batch_size, self.plan.total_samples))
            original = numbers if self._renumbering is None else self._renumbering.original(numbers)
            yield from self._order.examples(original).tolist()

    def seek(self, number: int) -> CurriculumSampler:
        """Return the sampler from a sample number on: what iterating to there would leave."""
        return CurriculumSampler(*self._arguments, start=number)
