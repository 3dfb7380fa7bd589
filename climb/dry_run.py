"""`climb train --dry-run`: what the run would cost, before it costs anything."""

from __future__ import annotations

import torch
from rich.table import Table

from climb.checkpoints import KEPT
from climb.config import TrainConfig
from climb.curricula.samples import Samples
from climb.estimates import counted_flops, disk_bytes, parameter_count, seconds_per_step
from climb.evaluation_points import milestones_crossed
from climb.models import build_model
from climb.objective_module import training_module
from climb.run_parts import checked_parts
from climb.step_terms import StepTerms
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
    module = training_module(model.to("cuda" if uses_cuda(config) else "cpu"), config, samples)
    total = corpus.manifest.total("train")
    words = samples.plan.total_samples * total.words / max(total.blocks, 1)
    parameters = parameter_count(model)
    operations, seconds = _cost(config, samples, module)
    disk = disk_bytes(parameters, len(milestones_crossed(0, int(words))) + 1, KEPT)
    device = torch.cuda.get_device_name() if uses_cuda(config) else f"{torch.get_num_threads()} CPU threads"
    rows = {
        "corpus": f"{corpus.folder}: {total.words:,} words, {total.blocks:,} blocks",
        "curriculum": samples.curriculum,
        "parameters": f"{parameters:,} ({config.model.preset}, {objective})",
        "steps": f"{config.max_steps:,} of {config.batch_size} blocks",
        "words seen": f"{words:,.0f} ({samples.plan.total_samples / max(total.blocks, 1):.2f} epochs)",
        "operations": f"{operations:.3g} FLOPs",
        "time": f"about {_duration(seconds)} on {device}, evaluations not counted",
        "disk": f"about {disk / 1e6:,.0f} MB",
    }
    if samples.objectives is not None:
        rows["objectives"] = _timetable(samples)
    table = Table(title="Dry run: nothing was trained", title_justify="left", show_header=False)
    for name, value in rows.items():
        table.add_row(name, value)
    return table


def _cost(config: TrainConfig, samples: Samples, module: TrainingModule) -> tuple[float, float]:
    """Return the operations and the seconds of a run, by one step, the last, with each set of objectives."""
    operations = seconds = 0.0
    for steps in samples.steps_by_objectives().values():
        step = int(steps[-1])
        numbers = samples.plan.numbers_of(step)
        micro = max(len(numbers) // config.grad_accum, 1)
        batches = [samples.batch(numbers[start : start + micro]) for start in range(0, len(numbers), micro)]
        terms = StepTerms([unit.name for unit in samples.units] or [""], samples.asked, torch.device("cpu"))
        terms.begin(step, terms.count(batches))
        times = int(samples.plan.sizes()[steps].sum()) / len(numbers)
        operations += times * counted_flops(module)(terms.counts, samples.length(step))
        seconds += times * seconds_per_step(module, batches)
    return operations, seconds


def _timetable(samples: Samples) -> str:
    """Return which objectives are asked together, in how many steps from which to which."""
    return "; ".join(
        f"{' + '.join(units)}: {len(steps):,} steps, {steps[0]:,} to {steps[-1]:,}"
        for units, steps in samples.steps_by_objectives().items()
    )


def _duration(seconds: float) -> str:
    """Return seconds as "3 h 20 min", "12 min" or "40 s"."""
    minutes = round(seconds / 60)
    if seconds < 90:
        return f"{max(round(seconds), 1)} s"
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"
