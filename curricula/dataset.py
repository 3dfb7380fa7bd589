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
from copy import copy
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch.utils.data import Dataset, Sampler

from climb.base.errors import UserError
from climb.curricula.catalogue import control_named, controls
from climb.curricula.data import data_order
from climb.curricula.lengths import Batch
from climb.curricula.naming import NONE, CurriculumSpec, parse
from climb.curricula.order import Chunked, Order, ShuffledEpochs
from climb.curricula.plan import Renumbering, RunPlan
from climb.curricula.samples import Samples

_FOR_MODEL = ("input_ids", "labels", "attention_mask")
_GIVEN = "given"
"""What stands for the difficulty in a sampler's curriculum."""


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
        return _WholeBatch(self.samples.batch(numbers))


class _WholeBatch(Batch):
    """A batch that is whole already, which a loader's own way to put rows together does not expect."""

    def __missing__(self, key: object) -> Any:
        if isinstance(key, int):
            raise TypeError(
                "samples come in whole batches: give the DataLoader collate_fn=climb.curricula.dataset.collate"
            )
        raise KeyError(key)


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
        difficulty: npt.ArrayLike | torch.Tensor,
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
                such as "log:start=0.2,draw=weighted"; a control may stand before it, as in "random_linear". "none":
                shuffled passes over all examples.
            seed: of the draws.
            start: the sample number to begin with, after an interruption.

        Raises:
            UserError: an unknown name, a pool smaller than a batch, difficulties that are no finite numbers, or a
                start outside the run.
        """
        scores = _numbers(difficulty)
        self.plan = RunPlan(steps, batch_size)
        self.start = self._checked(start)
        self._renumbering: Renumbering | None = None
        order: Order = ShuffledEpochs(len(scores), seed)
        if curriculum != NONE:
            spec = _data_alone(curriculum)
            order = data_order(spec, [scores], self.plan, seed)
            self._renumbering = control_named(spec.control).renumbering(self.plan, seed, whole_steps=False)
        self._order = Chunked(order, self.plan.total_samples)

    def __len__(self) -> int:
        return self.plan.total_samples - self.start

    def __iter__(self) -> Iterator[int]:
        for first in range(self.start, self.plan.total_samples, self.plan.batch_size):
            numbers = np.arange(first, min(first + self.plan.batch_size, self.plan.total_samples))
            original = numbers if self._renumbering is None else self._renumbering.original(numbers)
            yield from self._order.examples(original).tolist()

    def seek(self, number: int) -> CurriculumSampler:
        """Return the sampler from a sample number on: what iterating to there would leave.

        Raises:
            UserError: the number is outside the run.
        """
        later = copy(self)
        later.start = self._checked(number)
        return later

    def _checked(self, start: int) -> int:
        if not 0 <= start <= self.plan.total_samples:
            raise UserError(f"A run of {self.plan.total_samples} samples cannot begin at number {start}.")
        return start


def _numbers(difficulty: npt.ArrayLike | torch.Tensor) -> npt.NDArray[np.float64]:
    """Return the difficulties of the examples as an array [N].

    Raises:
        UserError: they are no finite numbers, one for each.
    """
    given = difficulty.detach().cpu() if isinstance(difficulty, torch.Tensor) else difficulty
    try:
        scores = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError):
        scores = np.full(1, np.nan)
    # Pools tell difficulties in half of these digits.
    if scores.ndim != 1 or not (np.abs(scores) <= np.finfo(np.float32).max).all():
        raise UserError("A curriculum sampler needs one finite difficulty per example: mend or drop the others.")
    return scores


def _data_alone(curriculum: str) -> CurriculumSpec:
    """Return the data curriculum of a name without a difficulty.

    Raises:
        UserError: it names a difficulty of its own, or more than a data curriculum.
    """
    head, joint, rest = curriculum.partition("_")
    control, rest = (f"{head}_", rest) if joint and head in controls() else ("", curriculum)
    specs = parse(f"{control}data_{_GIVEN}_{rest}")
    if [spec.kind for spec in specs] != ["data"]:
        raise UserError(f"A curriculum sampler orders examples and nothing else: {curriculum!r} asks for more.")
    if specs[0].what != _GIVEN:
        pacing = f"{control}{rest.partition(':')[0].rpartition('_')[2]}"
        raise UserError(
            f"A curriculum sampler goes by the difficulties that it is given, and {curriculum!r} names another: "
            f"write {pacing!r}."
        )
    return specs[0]
