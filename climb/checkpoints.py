"""Resumable checkpoints: whole or absent, checked by sha256, without pickles.

    checkpoint-<step>/
        model.safetensors, config.json ...   the Hugging Face model alone, as from_pretrained reads it
        optimizer.safetensors                AdamW's moments, "<parameter index>.<name>"
        state.json                           parameter groups, scheduler, counters
        trainer_state.json                   what transformers' Trainer wants to see
        average.safetensors                  the average of the weights, where one is kept
        heads.safetensors                    the heads of objectives, where there are any
        scores.safetensors                   the difficulties that the model gave, under a self-scored curriculum
        sha256.json                          checksum of every other file, written last

Nothing random is stored: order, masks and dropout are functions of (seed, step), and of those scores.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from climb.averaging import WeightAverage
from climb.base.console import say
from climb.base.errors import UserError
from climb.base.files import atomic_folder, read_json, sha256_file, write_json
from climb.curricula.self_scoring import SelfScores
from climb.heads import save_heads
from climb.score_files import save_scores

_CHECKSUMS = "sha256.json"
_NAME = re.compile(r"checkpoint-(\d+)")
_REQUIRED = {"config.json", "model.safetensors", "optimizer.safetensors", "state.json", "trainer_state.json"}
KEPT = 2


def save(
    folder: Path,
    step: int,
    model: Any,
    optimizer: Any,
    scheduler: Any,
    state: dict[str, Any],
    trainer_state: Any,
    average: WeightAverage,
    heads: torch.nn.Module | None = None,
    scores: SelfScores | None = None,
) -> Path:
    """Write checkpoint-<step> under `folder` and drop all but the two newest.

    Args:
        folder: the run.
        step: optimiser steps done.
        model: the Hugging Face model.
        optimizer: with `state_dict()`.
        scheduler: with `state_dict()`.
        state: counters of the run, JSON values.
        trainer_state: a transformers.TrainerState.
        average: of the weights.
        heads: of objectives, where there are any.
        scores: of a self-scored curriculum.

    Returns:
        The checkpoint's folder.
    """
    target = folder / f"checkpoint-{step}"
    with atomic_folder(target) as partial:
        model.save_pretrained(partial)
        tensors, groups = _flatten(optimizer.state_dict())
        save_file(tensors, partial / "optimizer.safetensors")
        record = {"step": step, "optimizer_groups": groups, "scheduler": scheduler.state_dict(), "run": state}
        write_json(partial / "state.json", record)
        trainer_state.save_to_json(str(partial / "trainer_state.json"))
        average.save(partial)
        if heads is not None:
            save_heads(heads, partial)
        if scores is not None:
            save_scores(partial, scores)
        files = sorted(path for path in partial.iterdir() if path.is_file())
        write_json(partial / _CHECKSUMS, {path.name: sha256_file(path) for path in files})
    for old in by_step(folder)[:-KEPT]:
        shutil.rmtree(old)
    return target


def by_step(folder: Path) -> list[Path]:
    """Return the run's checkpoints, oldest first."""
    found = [(int(match[1]), path) for path in folder.glob("checkpoint-*") if (match := _NAME.fullmatch(path.name))]
    return [path for _, path in sorted(found)]


def step_of(checkpoint: Path) -> int:
    """Return the step after which a checkpoint was saved, from its folder's name."""
    return int(checkpoint.name.rpartition("-")[2])


def newest_sound(folder: Path) -> Path | None:
    """Return the newest checkpoint whose files match their checksums; None when there is none.

    A damaged one is said in one line, renamed out of the way and skipped.
    """
    for path in reversed(by_step(folder)):
        problem = _damage(path)
        if problem is None:
            return path
        say(f"{path} is damaged ({problem}): leaving it out.")
        damaged = path.with_name(f"damaged-{path.name}")
        shutil.rmtree(damaged, ignore_errors=True)
        os.replace(path, damaged)
    return None


def _damage(path: Path) -> str | None:
    """Return what is wrong with a checkpoint, or None."""
    try:
        checksums = read_json(path / _CHECKSUMS)
    except UserError:
        return f"no readable {_CHECKSUMS}"
    if not isinstance(checksums, dict) or not checksums.keys() >= _REQUIRED:
        return f"{_CHECKSUMS} does not list every file"
    for name, digest in checksums.items():
        if not (path / name).is_file():
            return f"{name} is missing"
        if sha256_file(path / name) != digest:
            return f"{name} differs from its checksum"
    return None


def load_model(path: Path, model: Any) -> None:
    """Load a checkpoint's weights into a Hugging Face model in place, every tensor checked by name.

    Raises:
        UserError: the file cannot be read or belongs to a model of another shape.
    """
    from transformers import AutoConfig

    file = path / "model.safetensors"
    try:
        missing, unexpected = model.load_state_dict(load_file(file), strict=False)
    except (OSError, SafetensorError, RuntimeError) as error:
        raise UserError(f"{file} cannot be loaded ({error}): remove the checkpoint to go on without it.") from None
    tied = set(getattr(model, "_tied_weights_keys", None) or ())
    if unexpected or set(missing) - tied:
        kind = AutoConfig.from_pretrained(path).model_type
        raise UserError(f"{file} holds a {kind} of another shape: start a new run with --out.")
    model.tie_weights()


def load_training(path: Path, optimizer: Any, scheduler: Any) -> None:
    """Load a checkpoint's optimiser and scheduler in place."""
    record = read_json(path / "state.json")
    tensors = load_file(path / "optimizer.safetensors")
    optimizer.load_state_dict({"state": _unflatten(tensors), "param_groups": record["optimizer_groups"]})
    scheduler.load_state_dict(record["scheduler"])


def run_state(path: Path) -> dict[str, Any]:
    """Return the run's counters as they were at the checkpoint."""
    state: dict[str, Any] = read_json(path / "state.json")["run"]
    return state


def _flatten(state: dict[str, Any]) -> tuple[dict[str, torch.Tensor], list[dict[str, Any]]]:
    """Split an optimiser's state into named tensors and JSON-ready parameter groups."""
    tensors = {
        f"{index}.{name}": value.detach().cpu().contiguous()
        for index, values in state["state"].items()
        for name, value in values.items()
    }
    return tensors, [dict(group) for group in state["param_groups"]]


def _unflatten(tensors: dict[str, torch.Tensor]) -> dict[int, dict[str, torch.Tensor]]:
    state: dict[int, dict[str, torch.Tensor]] = {}
    for key, value in tensors.items():
        index, name = key.split(".", 1)
        state.setdefault(int(index), {})[name] = value
    return state
