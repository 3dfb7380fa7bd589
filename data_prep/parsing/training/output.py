"""The folder of a trained pipeline: plain spaCy loads it, and meta.json says where it comes from.

The vocabulary is left out: words are hashed, and the labels stand with the parts that use them.
"""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from climb.base.errors import UserError
from climb.base.files import atomic_folder, read_json
from climb.data_prep.parsing.training.scores import Scores

_VERSION = "1.0.0"
"""Of the pipeline's form: parts, features and what meta.json says."""


@dataclass
class Provenance:
    """What a training depends on."""

    recipe: dict[str, Any]
    train: list[tuple[str, str]]
    """Name and sha256 of each training file."""
    dev: list[tuple[str, str]]
    versions: dict[str, str]
    """Of the libraries that decide the weights."""
    key: str
    """Checksum of all that."""
    words: int = 0
    """Words with gold tags and heads that were learnt from."""


def refuse_other_folder(out: Path, about: Provenance) -> bool:
    """Return whether the folder holds the result of this very training.

    Raises:
        UserError: it holds something else.
    """
    if not os.path.lexists(out) or (out.is_dir() and not any(out.iterdir())):
        return False
    meta = read_json(out / "meta.json") if (out / "meta.json").is_file() else {}
    if not isinstance(meta, dict) or "recipe_key" not in meta:
        raise UserError(f"{out} holds something else than a trained pipeline: choose another folder with --out.")
    if meta["recipe_key"] != about.key:
        raise UserError(f"{out} holds a pipeline of another recipe or other treebanks: choose another --out.")
    return True


def finished_scores(out: Path) -> dict[str, Scores]:
    """Return the scores that the meta.json of a finished pipeline holds."""
    performance = read_json(out / "meta.json")["performance"]
    return {name: Scores(**values) for name, values in performance.items()}


def write_pipeline(nlp: Any, out: Path, about: Provenance, scores: dict[str, Scores]) -> None:
    """Write the pipeline, atomically."""
    nlp.meta.update(
        {
            "name": "ud",
            "version": _VERSION,
            "description": "Part-of-speech tags and dependencies of Universal Dependencies.",
            "author": "",
            "license": about.recipe["license"],
            "spacy_version": ">=3.8.0,<4.0.0",
            "sources": [{"name": name, "sha256": digest} for name, digest in about.train],
            "scored_on": [{"name": name, "sha256": digest} for name, digest in about.dev],
            "training_words": about.words,
            "recipe": about.recipe,
            "recipe_key": about.key,
            "trained_with": about.versions,
            "performance": {name: asdict(one) for name, one in scores.items()},
        }
    )
    with atomic_folder(out) as partial:
        nlp.to_disk(partial, exclude=["vocab"])
