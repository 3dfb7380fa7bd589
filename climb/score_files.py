"""The scores of a self-scored curriculum in the folder of a checkpoint: 4 bytes a block.

scores.safetensors    scores float32 [N], refreshes int64 [1]; mean and correlation float64 [1] where there are any
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from climb.base.errors import UserError
from climb.curricula.self_scoring import SelfScores

SCORES_FILE = "scores.safetensors"


def save_scores(folder: Path, scores: SelfScores) -> None:
    """Write the scores into the folder of a checkpoint."""
    facts = {"mean": scores.mean, "correlation": scores.correlation}
    numbers = {name: np.array([value], dtype=np.float64) for name, value in facts.items() if value is not None}
    refreshes = np.array([scores.refreshes], dtype=np.int64)
    save_file({"scores": scores.values, "refreshes": refreshes, **numbers}, folder / SCORES_FILE)


def load_scores(folder: Path, blocks: int) -> SelfScores:
    """Return the scores of a checkpoint.

    Raises:
        UserError: there are none, or not one for each block.
    """
    path = folder / SCORES_FILE
    try:
        found = load_file(path)
        values, refreshes = found["scores"], int(found["refreshes"][0])
    except (OSError, SafetensorError, KeyError) as error:
        raise UserError(f"{path} cannot be read ({error}): remove the checkpoint to go on without it.") from None
    if values.shape != (blocks,):
        raise UserError(f"{path} holds {len(values)} scores for {blocks} blocks: start a new run with --out.")
    mean, correlation = (float(found[name][0]) if name in found else None for name in ("mean", "correlation"))
    return SelfScores(values, refreshes, mean, correlation)
