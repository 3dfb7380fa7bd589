"""What a run will cost, counted from shapes: parameters, floating-point operations, words, time, disk."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from climb.last_layer import works_at_targets
from climb.losses.token_loss import TokenLoss
from climb.training_module import TrainingModule

_BYTES_PER_PARAMETER = {"weights": 4, "checkpoint": 12}
"""float32 weights; a checkpoint adds AdamW's two moments."""

_WHOLE = ("attention.LayerNorm", "attention.self.key", "attention.self.value")
"""Parts of a last layer that see every position even where only targets are predicted."""


def parameter_count(model: nn.Module) -> int:
    """Return the number of parameters, tied ones counted once."""
    return sum(parameter.numel() for parameter in model.parameters())


def step_flops(model: Any, loss: TokenLoss | None = None) -> Callable[[int, int, int], float]:
    """Return flops(tokens, targets, length): operations of forward and backward passes over rows of that length.

    Per token 2 operations for each weight of the body and 4·layers·length·width for attention's two
    products; per target 2 for each weight of the head and, in a masked model, of the last layer's part above
    its keys and values (`climb.last_layer`); the backward pass costs twice the forward (Kaplan et al. 2020,
    section 2.1). Embedding look-ups cost nothing. A loss adds its own.
    """
    config = model.config
    decoder = model.get_output_embeddings().weight
    embeddings = {id(module.weight) for module in model.modules() if isinstance(module, nn.Embedding)}
    parameters = dict(model.named_parameters())
    last = f"encoder.layer.{config.num_hidden_layers - 1}." if works_at_targets(model) else None
    at_targets = [parameter for name, parameter in parameters.items() if _is_at_targets(name, last)]
    skipped = embeddings | {id(decoder)} | {id(parameter) for parameter in at_targets}
    body = sum(parameter.numel() for parameter in parameters.values() if id(parameter) not in skipped)
    targeted = decoder.numel() + sum(parameter.numel() for parameter in at_targets if parameter is not decoder)
    whole_layers = config.num_hidden_layers - bool(last)

    def flops(tokens: int, targets: int, length: int) -> float:
        attention = 4 * length * config.hidden_size
        per_token = 2 * body + attention * whole_layers
        per_target = 2 * targeted + attention * bool(last)
        of_loss = loss.flops(targets, config.hidden_size) if loss else 0.0
        return float(3.0 * (tokens * per_token + targets * per_target) + of_loss)

    return flops


def _is_at_targets(name: str, last: str | None) -> bool:
    """Return whether a weight works at targets only: one of the head, or above the keys of the last layer."""
    if name.startswith(("lm_head.", "cls.")):
        return True
    return last is not None and last in name and not name.partition(last)[2].startswith(_WHOLE)


def seconds_per_step(module: TrainingModule, batches: list[dict[str, Any]]) -> float:
    """Return the time of one optimiser step, the best of a few trials on a copy-free forward and backward."""
    device = next(module.parameters()).device
    trials = []
    for _ in range(3):
        started = time.perf_counter()
        for batch in batches:
            tensors = {
                name: torch.as_tensor(batch[name], device=device)
                for name in ("input_ids", "labels", "attention_mask")
                if name in batch
            }
            module(**tensors).backward()
        if device.type == "cuda":
            torch.cuda.synchronize()
        trials.append(time.perf_counter() - started)
        module.zero_grad()
    return min(trials)


def disk_bytes(parameters: int, milestones: int, checkpoints_kept: int) -> int:
    """Return the bytes a run's folder will need at most.

    Weights at the milestones and at the end, and the kept checkpoints with one more while it is written.
    """
    weights = parameters * _BYTES_PER_PARAMETER["weights"]
    checkpoint = parameters * _BYTES_PER_PARAMETER["checkpoint"]
    return weights * (milestones + 1) + checkpoint * (checkpoints_kept + 1)
