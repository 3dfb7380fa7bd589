"""The terms of a step's loss: what each objective asked, how much, and how they add up.

    loss = Σ over objectives of weight × (Σ cross-entropy ÷ targets in the whole optimiser step)

over all micro-batches and processes; an objective without targets gives 0. A run without an objective curriculum has
one nameless objective of weight 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Any

import torch
from torch import Tensor, nn

from climb.targets import IGNORED


@dataclass(frozen=True)
class Count:
    """What one objective asked in a step.

    Attributes:
        targets: positions with an answer.
        tokens: tokens, padding not counted, that went through the body for it; 0 where it went with another one.
        reads: positions of them at which some objective read an answer.
    """

    targets: int = 0
    tokens: int = 0
    reads: int = 0


class StepTerms:
    """The terms of the step under way, on one process.

    Args:
        units: names of the objectives of the run, in the order in which the module gives their losses.
        weights: step → {objective active: its weight}.
        device: where losses lie.

    Attributes:
        counts: of the step under way, over all processes, in the order of the units.
        losses: float64 [units]; this process's part of each objective's mean loss.
    """

    def __init__(
        self, units: Sequence[str], weights: Callable[[int], Mapping[str, float]], device: torch.device
    ) -> None:
        self.units = tuple(units)
        self.counts = {unit: Count() for unit in self.units}
        self.losses = torch.zeros(len(self.units), dtype=torch.float64, device=device)
        self._weights_of = weights
        self._weights: Mapping[str, float] = {}

    @property
    def active(self) -> tuple[str, ...]:
        """The objectives of the step under way."""
        return tuple(self._weights)

    def count(self, batches: Iterable[Mapping[str, Any]]) -> list[int]:
        """Return targets, tokens and reads of every objective in some micro-batches, as flat integers."""
        sums = {unit: [0, 0, 0] for unit in self.units}
        for batch in batches:
            for unit, count in counts_of(batch).items():
                sums[unit] = [old + new for old, new in zip(sums[unit], astuple(count), strict=True)]
        return [number for unit in self.units for number in sums[unit]]

    def begin(self, step: int, numbers: Sequence[int]) -> None:
        """Start a step.

        Args:
            step: 0 first.
            numbers: as `count` gives them, added up over processes.
        """
        self.counts = {unit: Count(*numbers[3 * place : 3 * place + 3]) for place, unit in enumerate(self.units)}
        self._weights = self._weights_of(step)
        self.losses.zero_()

    def share(self, model: nn.Module, batch: Mapping[str, Any]) -> Tensor:
        """Return the part of a micro-batch in the step's loss, a scalar, and add it to `losses`."""
        sums = self.sums(model, batch)
        total = sums.new_zeros(())
        for place, unit in enumerate(self.units):
            if unit in self._weights:
                term = sums[place] / max(self.counts[unit].targets, 1)
                self.losses[place] += term.detach().double()
                total = total + term * self._weights[unit]
        return total

    @staticmethod
    def sums(model: nn.Module, batch: Mapping[str, Any]) -> Tensor:
        """Return the summed loss of each objective on a batch of tensors, float32 [units]."""
        if "objectives" in batch:
            sums: Tensor = model(batch["objectives"])
            return sums
        total: Tensor = model(batch["input_ids"], batch["labels"], batch.get("attention_mask"))
        return total.reshape(1)


def counts_of(batch: Mapping[str, Any]) -> dict[str, Count]:
    """Return what each objective asks in a batch of arrays or tensors."""
    counts: dict[str, Count] = {}
    leader, reads = "", None
    for unit, asked in batch.get("objectives", {"": batch}).items():
        is_target = asked["labels"] != IGNORED
        tokens = 0
        if "input_ids" in asked:
            leader, reads = unit, is_target
            mask = asked.get("attention_mask")
            tokens = int(asked["input_ids"].shape[0] * asked["input_ids"].shape[1] if mask is None else mask.sum())
        else:
            reads = reads | is_target
            first = counts[leader]
            counts[leader] = Count(first.targets, first.tokens, int(reads.sum()))
        counts[unit] = Count(int(is_target.sum()), tokens, int(reads.sum()) if unit == leader else 0)
    return counts
