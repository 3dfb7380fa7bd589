"""The training module of a run with an objective curriculum: one model, several questions, one forward pass.

A unit's rows go through the body once (units that share rows go together); its hidden states, at its targets only,
go through the language-model head or through a head of its own. A masked model is given a causal attention mask
where a unit asks for the next token. Heads that no active unit uses take part with a term of zero, so that every
parameter has a gradient in every forward pass, as distributed training demands.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from climb.base.picking import pick_rows
from climb.config import TrainConfig
from climb.curricula.objective_base import UnitShape
from climb.curricula.samples import Samples
from climb.heads import tag_heads
from climb.losses.token_loss import TokenLoss
from climb.targets import IGNORED, pick_targets
from climb.training_module import TrainingModule

Asked = Mapping[str, Mapping[str, Tensor]]


class ObjectiveModule(TrainingModule):
    """A Hugging Face language model with heads, whose forward pass returns the summed loss of each unit.

    Args:
        model: the Hugging Face model; its initial weights do not depend on the heads.
        loss: of predicted tokens; classes have plain cross-entropy.
        units: all that the run ever asks, in the order of the losses.
        main: the unit that held-out text is asked with.
        seed: of the heads' initial weights.
    """

    def __init__(self, model: Any, loss: TokenLoss, units: Sequence[UnitShape], main: str, seed: int) -> None:
        super().__init__(model, loss)
        self.units = {unit.name: unit for unit in units}
        self._main = self.units[main]
        self.heads = tag_heads(units, model.config.hidden_size, seed, model.config.initializer_range)

    def forward(self, objectives: Asked) -> Tensor:  # type: ignore[override]
        """Return the loss summed over each unit's targets, float32 [units], nats; 0 for units without any.

        Args:
            objectives: unit → input_ids, labels int64 [n, L] and attention_mask where a row holds padding; a unit
                without input_ids is asked on those of the unit before it.
        """
        losses: dict[str, Tensor] = {}
        for group in _passes(objectives):
            losses |= self._pass(group)
        some = next(iter(losses.values()))
        ordered = [losses[name] if name in losses else torch.zeros_like(some) for name in self.units]
        return torch.stack(ordered) + _nothing_of(self.resting(losses))

    def resting(self, active: Iterable[str]) -> list[nn.Parameter]:
        """Return the parameters of heads that none of these units uses."""
        names = set(active)
        used = {name for name in names if self.units[name].classes}
        parameters = [one for name, head in self.heads.items() if name not in used for one in head.parameters()]
        if names == used:
            body = {id(one) for one in self.model.base_model.parameters()}
            parameters += [one for one in self.model.parameters() if id(one) not in body]
        return parameters

    def reads_everywhere(self, unit: str) -> bool:
        """Return whether the last layer works at all positions for an objective, though few of them are read."""
        return self._needs_mask(self.units[unit])

    def _needs_mask(self, unit: UnitShape) -> bool:
        """Return whether the model would see what comes later unless told not to."""
        return unit.causal and type(self.model).__name__.endswith("ForMaskedLM")

    def token_losses(self, input_ids: Tensor, labels: Tensor, attention_mask: Tensor | None = None) -> Tensor:
        """Return the plain cross-entropy of each target of the main unit, float32 [targets], row by row."""
        rows = self._hidden(input_ids, labels != IGNORED, attention_mask, self._main)
        return nn.functional.cross_entropy(self._head(rows).float(), labels[labels != IGNORED], reduction="none")

    def _pass(self, group: Mapping[str, Mapping[str, Tensor]]) -> dict[str, Tensor]:
        """Return the summed losses of units that share their rows; none where there are no rows."""
        leader = next(iter(group.values()))
        if not len(leader["input_ids"]):
            return {}
        labels = {name: asked["labels"].reshape(-1) for name, asked in group.items()}
        wanted = torch.stack([one != IGNORED for one in labels.values()]).any(dim=0)
        shape = leader["labels"].shape
        first = self.units[next(iter(group))]
        rows = self._hidden(leader["input_ids"], wanted.view(shape), leader.get("attention_mask"), first)
        losses = {}
        for name, one in labels.items():
            targets = one[wanted]
            place = (targets != IGNORED).nonzero().squeeze(1)
            picked = rows if len(group) == 1 else pick_rows(rows, place)
            losses[name] = self._loss(self.units[name], picked, targets[place])
        return losses

    def _loss(self, unit: UnitShape, rows: Tensor, targets: Tensor) -> Tensor:
        if unit.classes:
            return nn.functional.cross_entropy(self.heads[unit.name](rows).float(), targets, reduction="sum")
        return self._of_tokens(rows, targets)

    def _hidden(self, input_ids: Tensor, wanted: Tensor, attention_mask: Tensor | None, unit: UnitShape) -> Tensor:
        """Return the hidden states [wanted, width] of the positions that are wanted, row by row."""
        labels = torch.where(wanted, 0, IGNORED)
        if self._needs_mask(unit):
            mask = causal_mask(self.model, input_ids, attention_mask)
            return pick_targets(self._body(input_ids, mask), labels)[0]
        return self._at_targets(input_ids, labels, attention_mask)[0]


def training_module(model: Any, config: TrainConfig, samples: Samples, loss: TokenLoss) -> TrainingModule:
    """Return the module of a run; its model's configuration says so where held-out text is read in an unusual way.

    `climb_objective` in config.json names the objective, for example mntp, of a model whose main objective is not
    the one of its kind (masked tokens where they stand, or the next token): `climb.eval` reads it.
    """
    if samples.objectives is None:
        return TrainingModule(model, loss)
    main = samples.objectives.main
    module = ObjectiveModule(model, loss, samples.units, main, config.seed)
    if unusual(samples, config.model.objective):
        model.config.climb_objective = main
    return module


def unusual(samples: Samples, kind: str) -> bool:
    """Return whether the main objective of a run is another one than that of its kind of model."""
    if samples.objectives is None:
        return False
    shape = next(unit for unit in samples.units if unit.name == samples.objectives.main)
    return (shape.causal, shape.before) != (kind == "causal", kind == "causal")


def causal_mask(model: Any, input_ids: Tensor, attention_mask: Tensor | None) -> Tensor:
    """Return the attention mask [n, 1, L, L] with which a bidirectional model sees only what stands before.

    Args:
        model: says which form its attention takes.
        input_ids: [n, L].
        attention_mask: 0 at padding [n, L]; None where there is none.
    """
    rows, length = input_ids.shape
    seen = torch.ones(length, length, dtype=torch.bool, device=input_ids.device).tril().expand(rows, 1, -1, -1)
    if attention_mask is not None:
        seen = seen & attention_mask.bool()[:, None, None, :]
    if model.config._attn_implementation == "sdpa":
        return seen
    hidden = torch.finfo(model.dtype).min
    return torch.zeros(seen.shape, dtype=model.dtype, device=seen.device).masked_fill(~seen, hidden)


def _passes(objectives: Asked) -> list[dict[str, Mapping[str, Tensor]]]:
    """Return the units that share rows, group by group."""
    groups: list[dict[str, Mapping[str, Tensor]]] = []
    for name, asked in objectives.items():
        if "input_ids" in asked:
            groups.append({})
        groups[-1][name] = asked
    return groups


def _nothing_of(parameters: Sequence[nn.Parameter]) -> Tensor | float:
    """Return 0, of which every given parameter is a part with a gradient of zero."""
    # Empty slices: nothing is read, so that not even an infinite weight would make it anything but 0.
    return sum((one.flatten()[:0].sum() for one in parameters), 0.0)
