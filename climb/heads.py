"""Heads that say which tag a token has, beside the language-model head (CLIMB, Martinez et al. 2023).

heads.safetensors    in a checkpoint and in the run's folder: "<objective>.<weight>", where a run has such heads;
                     in the folder averaged as the final model is, in a checkpoint as trained, as its model is
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor, nn

from climb.base.errors import UserError
from climb.base.files import atomic_file
from climb.base.random_bits import RandomBits
from climb.curricula.objective_base import UnitShape

FILE = "heads.safetensors"
_EPSILON = 1e-12


class TagHead(nn.Module):
    """Dense layer, GELU, layer norm, and a decoder with bias: [n, hidden] → [n, classes].

    Args:
        hidden: width of the model.
        classes: of the head.
        seed: of the initial weights, which are drawn from a generator of their own.
        stream: another one gives other weights.
        scale: standard deviation of the weights; biases are 0.
    """

    def __init__(self, hidden: int, classes: int, seed: int, stream: str, scale: float) -> None:
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(int(RandomBits(seed, f"weights/heads/{stream}").bits(0)) >> 1)
            self.dense = nn.Linear(hidden, hidden)
            self.norm = nn.LayerNorm(hidden, eps=_EPSILON)
            self.decoder = nn.Linear(hidden, classes)
            for layer in (self.dense, self.decoder):
                nn.init.normal_(layer.weight, std=scale)
                nn.init.zeros_(layer.bias)

    def forward(self, rows: Tensor) -> Tensor:
        """Return the logits [n, classes] of hidden states [n, hidden]."""
        logits: Tensor = self.decoder(self.norm(nn.functional.gelu(self.dense(rows))))
        return logits


def tag_heads(units: Sequence[UnitShape], hidden: int, seed: int, scale: float) -> nn.ModuleDict:
    """Return {unit: head} for those units that have classes of their own."""
    return nn.ModuleDict(
        {unit.name: TagHead(hidden, unit.classes, seed, unit.name, scale) for unit in units if unit.classes}
    )


def save_heads(heads: nn.Module, folder: Path) -> None:
    """Write heads.safetensors into a folder, whole or not at all; nothing where there are no heads."""
    tensors = {name: values.detach().cpu().contiguous() for name, values in heads.state_dict().items()}
    if tensors:
        with atomic_file(folder / FILE, "wb") as file:
            file.write(save(tensors))


def load_heads(heads: nn.Module, folder: Path) -> None:
    """Load heads.safetensors of a checkpoint in place; nothing where there are no heads.

    Raises:
        UserError: the file cannot be read, or its heads are others.
    """
    if not heads.state_dict():
        return
    try:
        heads.load_state_dict(load_file(folder / FILE))
    except (OSError, SafetensorError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        raise UserError(
            f"{folder / FILE} cannot be loaded ({reason}): remove the checkpoint to go on without it."
        ) from None
