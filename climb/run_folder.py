"""Which run a folder holds: its default name, and whether it is the one that was asked for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from climb.base.console import say
from climb.base.corpus import PreparedCorpus
from climb.base.errors import UserError
from climb.base.run import CONFIG_FILE, Run, is_run
from climb.config import RUNTIME_FIELDS, TrainConfig
from climb.options import check


def resolved(config: TrainConfig, corpus: Path) -> TrainConfig:
    """Return the configuration with default folders filled in, all relative to the working directory."""
    out = config.out or f"runs/{folder_name(config.curriculum)}-s{config.seed}"
    return config.model_copy(update={"corpus": _relative(corpus), "out": _relative(out)})


def _relative(path: str | Path) -> str:
    """Return a path that can be shared: no absolute path, and so no user's name, enters a run."""
    return os.path.relpath(path).replace(os.sep, "/")


def folder_name(curriculum: str) -> str:
    """Return a curriculum's name with only characters that every file system takes."""
    return "".join(sign if sign.isalnum() or sign in "_-." else "-" for sign in curriculum)


def already_done(folder: Path, config: TrainConfig, corpus: PreparedCorpus) -> bool:
    """Return whether the folder holds this very run, finished.

    Raises:
        UserError: it holds a run of another configuration or on another corpus.
    """
    if not is_run(folder):
        return False
    stored = check(TrainConfig, yaml.safe_load((folder / CONFIG_FILE).read_text(encoding="utf-8")))
    run = Run(folder)
    different = differing_keys(stored, config)
    if different:
        raise UserError(
            f"{folder} holds a run that differs in {', '.join(different)}: repeat its command to go on with it, or "
            "give another folder with --out."
        )
    if run.manifest.corpus_fingerprint != corpus.manifest.fingerprint:
        raise UserError(f"{corpus.folder} is not the corpus that {folder} was started on: give another --out.")
    if run.complete:
        say(f"{folder} is complete ({run.manifest.steps} steps); nothing to do.")
    return run.complete


def differing_keys(stored: TrainConfig, asked: TrainConfig) -> list[str]:
    """Return the dotted keys in which two configurations differ, those without effect on results left out."""

    def flat(value: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
        for key, inner in value.items():
            if isinstance(inner, dict):
                yield from flat(inner, f"{prefix}{key}.")
            elif prefix or key not in RUNTIME_FIELDS:
                yield f"{prefix}{key}", inner

    ours, theirs = dict(flat(stored.model_dump(mode="json"))), dict(flat(asked.model_dump(mode="json")))
    return sorted(key for key in ours if ours[key] != theirs[key])
