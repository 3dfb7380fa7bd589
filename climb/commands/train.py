"""`climb train`: train a model under a curriculum."""

from __future__ import annotations

import os

from climb.base.console import show
from climb.config import TrainConfig


def train_model(config: TrainConfig, dry_run: bool = False) -> None:
    """Train a masked or causal language model under a curriculum.

    Without CORPUS the newest prepared corpus under data/ is taken. The same command goes on with a run that
    was interrupted; a finished one says so.
    """
    if dry_run:
        from climb.dry_run import dry_run_table

        show(dry_run_table(config))
        return
    from climb.training import train as train_run

    folder = train_run(config)
    if os.environ.get("RANK", "0") == "0":
        show(f"Run: {folder}")
