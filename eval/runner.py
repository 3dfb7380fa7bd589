"""Evaluate a model on tasks and write what comes out; the same for `climb eval` and for a model in training."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
from torch import nn

from climb.base.console import say
from climb.base.errors import Interrupted, UserError
from climb.base.files import said_plainly
from climb.eval.loading import LoadedModel
from climb.eval.options import EvalConfig
from climb.eval.output import write_result
from climb.eval.requests import Kind
from climb.eval.results import ModelInfo, TaskResult
from climb.eval.scoring import Scorer
from climb.eval.task import Task, known_tasks, tasks_named


def prepare_tasks(config: EvalConfig) -> list[Task]:
    """Return the tasks of a configuration with their data loaded; use them for any number of models.

    Raises:
        UserError: no task, an unknown task or convention, missing or malformed data; nothing was scored yet.
    """
    from climb.eval.conventions import convention_named

    convention_named(config.convention)
    if not config.tasks:
        raise UserError(f"No task is named: give --tasks one or more of {', '.join(known_tasks())}.")
    tasks = tasks_named(config.tasks, config)
    for task in tasks:
        task.load()
    return tasks


def evaluate(
    loaded: LoadedModel, config: EvalConfig, out: Path | None = None, tasks: Iterable[Task] | None = None
) -> dict[str, TaskResult]:
    """Evaluate one model.

    Args:
        loaded: from `climb.eval.loading.load`.
        config: what to evaluate and how; its `models`, `out`, `device` and `precision` are not read here.
        out: folder for `<task>.json` and `<task>.predictions.jsonl`; each task's files are written, whole, as
            soon as the task is done. None writes nothing.
        tasks: from `prepare_tasks(config)`, to load data once for many models.

    Returns:
        {task name: result}, in the order of the tasks.

    Raises:
        UserError: data or scores are unusable, or `out` cannot be made.
        Interrupted: Ctrl-C; the files of finished tasks are there.
    """
    prepared = prepare_tasks(config) if tasks is None else list(tasks)
    info = ModelInfo(name=loaded.name, kind=loaded.kind, sha256=loaded.sha256, precision=loaded.precision)
    if out is not None:
        with said_plainly(out):  # now, not after minutes of scoring
            out.mkdir(parents=True, exist_ok=True)
    scorer = Scorer(loaded.model, loaded.tokenizer, loaded.kind, config.batch_tokens, loaded.origin)
    results: dict[str, TaskResult] = {}
    try:
        for task in prepared:
            result = task.evaluate(scorer)
            results[task.name] = result.model_copy(update={"model": info})
            if out is not None:
                write_result(out, results[task.name])
            for note in result.notes:
                say(f"{loaded.name}, {task.name}: {note}")
    except KeyboardInterrupt:
        done = f"{len(results)} of {len(prepared)} tasks are done"
        raise Interrupted(f"Stopped: {done}{f' and lie in {out}' if out is not None else ''}.") from None
    return results


def evaluate_model(
    model: nn.Module,
    tokenizer: Any,
    kind: Kind,
    tasks: list[str],
    data: str | None = None,
    out: Path | None = None,
    **options: Any,
) -> dict[str, TaskResult]:
    """Evaluate a model in memory, as the trainer does on the way.

    Weights, gradients, train or eval mode of every module, and the random states stay as they are.

    Args:
        model: the Hugging Face model, not a wrapper around it.
        tokenizer: its fast tokenizer.
        kind: "masked" or "causal".
        tasks: names of tasks.
        data: folder of the benchmarks, as `--data`.
        out: folder for the results; None writes nothing.
        options: more fields of `EvalConfig`, such as corpus=…, pairs=….

    Raises:
        UserError: as `evaluate`.
    """
    config = EvalConfig(tasks=tasks, data=data, **options)
    return evaluate(in_memory(model, tokenizer, kind), config, out)


def in_memory(model: nn.Module, tokenizer: Any, kind: Kind) -> LoadedModel:
    """Return a model that is being trained in the form that `evaluate` takes."""
    dtype = next(model.parameters()).dtype
    names = {torch.float32: "fp32", torch.bfloat16: "bf16"}
    precision = names.get(dtype, str(dtype).removeprefix("torch."))
    return LoadedModel(model, tokenizer, kind, "model in memory", weights_sha256(model), precision)


def weights_sha256(model: nn.Module) -> str:
    """Return the SHA-256 over names, types, shapes and bytes of a model's parameters (each shared one once)."""
    digest = hashlib.sha256()
    with torch.no_grad():
        for name, parameter in sorted(model.named_parameters()):
            digest.update(f"{name} {parameter.dtype} {tuple(parameter.shape)}".encode())
            digest.update(parameter.detach().cpu().contiguous().view(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()
