"""`climb train --dry-run`: what the run would cost, before it costs anything."""

from __future__ import annotations

import torch
from rich.table import Table

from climb.checkpoints import KEPT
from climb.config import TrainConfig
from climb.estimates import disk_bytes, parameter_count, seconds_per_step, step_flops
from climb.evaluation_points import milestones_crossed
from climb.models import build_model
from climb.run_parts import checked_parts
from climb.trainer import uses_cuda
from climb.training_module import TrainingModule


def dry_run_table(config: TrainConfig) -> Table:
    """Return parameters, words, epochs, operations, estimated time and disk of a run.

    The time is that of a few real steps on this machine times the number of steps.

    Raises:
        UserError: everything that the run itself would refuse before its first step.
    """
    parts = checked_parts(config)
    corpus, samples = parts.corpus, parts.samples
    objective = config.model.objective
    model = build_model(config.model, corpus.tokenizer, corpus.manifest.block_size, config.seed)
    module = TrainingModule(model, parts.loss).to("cuda" if uses_cuda(config) else "cpu")
    numbers = samples.plan.numbers_of(config.max_steps - 1)
    micro = len(numbers) // config.grad_accum
    batches = [samples.batch(numbers[start : start + micro]) for start in range(0, len(numbers), micro)]
    total = corpus.manifest.total("train")
    words = samples.plan.total_samples * total.words / max(total.blocks, 1)
    tokens = samples.plan.total_samples * total.tokens / max(total.blocks, 1)
    targets = sum(int((batch["labels"] != -100).sum()) for batch in batches)
    flops = step_flops(model, parts.loss)(int(tokens / config.max_steps), targets, corpus.manifest.block_size)
    parameters = parameter_count(model)
    seconds = seconds_per_step(module, batches) * config.max_steps
    disk = disk_bytes(parameters, len(milestones_crossed(0, int(words))) + 1, KEPT)
    device = torch.cuda.get_device_name() if uses_cuda(config) else f"{torch.get_num_threads()} CPU threads"
    rows = {
        "corpus": f"{corpus.folder}: {total.words:,} words, {total.blocks:,} blocks",
        "curriculum": samples.curriculum,
        "parameters": f"{parameters:,} ({config.model.preset}, {objective})",
        "steps": f"{config.max_steps:,} of {config.batch_size} blocks",
        "words seen": f"{words:,.0f} ({samples.plan.total_samples / max(total.blocks, 1):.2f} epochs)",
        "operations": f"{flops * config.max_steps:.3g} FLOPs",
        "time": f"about {_duration(seconds)} on {device}, evaluations not counted",
        "disk": f"about {disk / 1e6:,.0f} MB",
    }
    table = Table(title="Dry run: nothing was trained", title_justify="left", show_header=False)
    for name, value in rows.items():
        table.add_row(name, value)
    return table


def _duration(seconds: float) -> str:
    """Return seconds as "3 h 20 min", "12 min" or "40 s"."""
    minutes = round(seconds / 60)
    if seconds < 90:
        return f"{max(round(seconds), 1)} s"
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"
