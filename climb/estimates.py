"""What a run will cost, counted from shapes: parameters, floating-point operations, words, time, disk."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from climb.training_module import TrainingModule

_BYTES_PER_PARAMETER = {"weights": 4, "checkpoint": 12}
"""float32 weights; a checkpoint adds AdamW's two moments."""


def parameter_count(model: nn.Module) -> int:
    """Return the number of parameters, tied ones counted once."""
    return sum(parameter.numel() for parameter in model.parameters())


def step_flops(model: Any, block_size: int) -> Callable[[int, int], float]:
    """Return flops(tokens, targets): operations of forward and backward passes over that many.

    Per token 2 operations for each weight of the body and 4·layers·length·width for attention's two
    products; per target 2 for each weight of the head; the backward pass costs twice the forward (Kaplan et
    al. 2020, section 2.1). Embedding look-ups cost nothing.
    """
    config = model.config
    decoder = model.get_output_embeddings().weight
    embeddings = {id(module.weight) for module in model.modules() if isinstance(module, nn.Embedding)}
    head_names = [name for name, _ in model.named_parameters() if name.startswith(("lm_head.", "cls."))]
    parameters = dict(model.named_parameters())
    head = sum(parameters[name].numel() for name in head_names if parameters[name] is not decoder)
    skipped = embeddings | {id(decoder)} | {id(parameters[name]) for name in head_names}
    body = sum(parameter.numel() for parameter in parameters.values() if id(parameter) not in skipped)
    per_token = 2 * body + 4 * config.num_hidden_layers * block_size * config.hidden_size
    per_target = 2 * (head + decoder.numel())
    return lambda tokens, targets: 3.0 * (tokens * per_token + targets * per_target)


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
