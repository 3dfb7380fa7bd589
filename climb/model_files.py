"""The folders that `from_pretrained` loads: the final model and the weights kept at word milestones."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from climb.base.files import atomic_folder, write_text
from climb.config import TrainConfig

_READING = """
Its main objective is `{objective}` (`climb_objective` in config.json), so it does not fill masks as other models
of its kind do: `climb eval` knows how its predictions are read.
"""

_CARD = """---
library_name: transformers
{task}tags: [climb, curriculum-learning, small-language-model]
---

# {title}

A {objective} language model of {parameters:,} parameters, trained from scratch with `climb`.
{reading}
| | |
|---|---|
| corpus | {corpus} (fingerprint `{fingerprint}`) |
| model | {architecture}, {layers} layers of width {width} |
| curriculum | `{curriculum}` |
| loss | {loss} |
| steps × blocks | {steps:,} × {batch_size} |
| words seen | {words:,} |
| held-out loss | {held_out} |
| seed | {seed} |

One seed shows what one run did, not what the curriculum does: compare several seeds before you conclude.
`../config.yaml` repeats this run with `climb train --config`.
"""


def write_model(folder: Path, model: Any, tokenizer_folder: Path, card: str | None = None) -> None:
    """Write weights, configuration and tokenizer, atomically; the model card too when given."""
    with atomic_folder(folder) as partial:
        model.save_pretrained(partial)
        for file in sorted(tokenizer_folder.iterdir()):
            shutil.copyfile(file, partial / file.name)
        if card is not None:
            write_text(partial / "README.md", card)


def model_card(config: TrainConfig, facts: dict[str, Any], unusual: str | None = None) -> str:
    """Return the model card.

    Args:
        config: the resolved configuration.
        facts: title, corpus, fingerprint, parameters, words, held_out.
        unusual: the main objective, where it is not that of the kind of model.
    """
    task = "fill-mask" if config.model.objective == "masked" else "text-generation"
    return _CARD.format(
        task="" if unusual else f"pipeline_tag: {task}\n",
        reading=_READING.format(objective=unusual) if unusual else "",
        objective=config.model.objective,
        architecture=config.model.built_as,
        layers=config.model.layers,
        width=config.model.hidden_size,
        curriculum=config.curriculum,
        loss=config.loss.name,
        steps=config.max_steps,
        batch_size=config.batch_size,
        seed=config.seed,
        **facts,
    )
