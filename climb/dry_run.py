"""`climb train --dry-run`: what the run would cost, before it costs anything."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from rich.table import Table

from climb.checkpoints import KEPT
from climb.config import TrainConfig
from climb.curricula.lengths import Batch
from climb.curricula.samples import Samples
from climb.estimates import disk_bytes, parameter_count, seconds_per_step, step_flops
from climb.evaluation_points import milestones_crossed
from climb.models import build_model
from climb.run_parts import checked_parts
from climb.trainer import uses_cuda
from climb.training_module import TrainingModule

_COSTLY = ("length", "batch", "mask_rate")
"""What makes steps of one run differ in cost, as `Samples.record` calls it."""
_LOOKED_AT, _PARTS = 64, 8
"""Steps that are asked whether they differ, and steps that then stand for the run."""


@dataclass(frozen=True)
class Forecast:
    """What a run would cost; `rows` say the same, and more, to a person."""

    seconds: float
    disk: float
    rows: dict[str, str]


def dry_run_table(config: TrainConfig) -> Table:
    """Return the forecast of a run as a table.

    Raises:
        UserError: everything that the run itself would refuse before its first step.
    """
    table = Table(title="Dry run: nothing was trained", title_justify="left", show_header=False)
    for name, value in forecast(config).rows.items():
        table.add_row(name, value)
    return table


def forecast(config: TrainConfig) -> Forecast:
    """Return parameters, words, epochs, operations, estimated time and disk of a run.

    The time is the mean of a few real steps on this machine times the number of steps: one step where all are alike,
    steps from all over the run where their length, size or mask rate changes.

    Raises:
        UserError: everything that the run itself would refuse before its first step.
    """
    parts = checked_parts(config)
    corpus, samples = parts.corpus, parts.samples
    objective = config.model.objective
    model = build_model(config.model, corpus.tokenizer, corpus.manifest.block_size, config.seed)
    module = TrainingModule(model.to("cuda" if uses_cuda(config) else "cpu"), config.loss)
    sampled = _sampled_steps(samples)
    steps = [_micro_batches(samples, step, config.grad_accum) for step in sampled]
    total = corpus.manifest.total("train")
    words = samples.plan.total_samples * total.words / max(total.blocks, 1)
    tokens = samples.plan.total_samples * total.tokens / max(total.blocks, 1)
    asked = sum(int((batch["labels"] != -100).sum()) for batches in steps for batch in batches)
    targets = round(asked / len(steps) * config.max_steps)
    parameters = parameter_count(model)
    length = round(sum(samples.length(step) for step in sampled) / len(sampled))
    seconds = sum(seconds_per_step(module, batches) for batches in steps) / len(steps) * config.max_steps
    disk = disk_bytes(parameters, len(milestones_crossed(0, int(words))) + 1, KEPT)
    device = torch.cuda.get_device_name() if uses_cuda(config) else f"{torch.get_num_threads()} CPU threads"
    rows = {
        "corpus": f"{corpus.folder}: {total.words:,} words, {total.blocks:,} blocks",
        "curriculum": samples.curriculum,
        "parameters": f"{parameters:,} ({config.model.preset}, {objective})",
        "steps": f"{config.max_steps:,} of {config.batch_size} blocks",
        "words seen": f"{words:,.0f} ({samples.plan.total_samples / max(total.blocks, 1):.2f} epochs)",
        "operations": f"{step_flops(model)(int(tokens), targets, length):.3g} FLOPs",
        "time": f"about {duration(seconds)} on {device}, evaluations not counted",
        "disk": f"about {disk / 1e6:,.0f} MB",
    }
    return Forecast(seconds, disk, rows)


def _sampled_steps(samples: Samples) -> list[int]:
    """Return the steps that stand for the run: the last, or steps in the middle of equal parts of an uneven one."""
    steps = samples.plan.steps
    looked_at = [samples.record(int(step)) for step in np.linspace(0, steps - 1, min(steps, _LOOKED_AT))]
    costs = {tuple(record.get(name) for name in _COSTLY) for record in looked_at}
    parts = min(_PARTS, steps) if len(costs) > 1 else 1
    return [steps - 1] if parts == 1 else [(2 * part + 1) * steps // (2 * parts) for part in range(parts)]


def _micro_batches(samples: Samples, step: int, parts: int) -> list[Batch]:
    """Return the batches of a step, in as many parts as the trainer would."""
    return [samples.batch(part) for part in np.array_split(np.asarray(samples.plan.numbers_of(step)), parts)]


def duration(seconds: float) -> str:
    """Return seconds as "3 h 20 min", "12 min" or "40 s"."""
    minutes = round(seconds / 60)
    if seconds < 90:
        return f"{max(round(seconds), 1)} s"
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"
