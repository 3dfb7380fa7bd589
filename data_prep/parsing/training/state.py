"""The state of a training between two steps, and its file: a resumed training ends with the same bytes.

Weights, Adam's moments and averages are arrays in the order in which the models are walked, since thinc's own keys
count the models of a process. Batches and dropout are functions of the step, so no generator has a state to save.
The file takes about five times the size of the pipeline.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from climb.base.console import say
from climb.base.files import atomic_file

FloatArray = npt.NDArray[np.float32]
Key = tuple[int, str]
_FACTS = "facts"


@dataclass
class Progress:
    """How far a training is."""

    step: int = 0
    """Finished updates."""
    best_step: int = 0
    """When the best state by the development files was scored; 0: never."""
    best: float = -1.0
    """Its score."""


@dataclass
class State:
    """Everything that decides how a training goes on.

    Args:
        nlp: the pipeline in training, initialised.
        optimizer: its Adam.
    """

    nlp: Any
    optimizer: Any
    progress: Progress = field(default_factory=Progress)
    best: dict[int, FloatArray] = field(default_factory=dict)
    """Averaged weights of the best state, by place of the parameter."""

    def parameters(self) -> list[tuple[Any, Key]]:
        """Return every parameter as (node, key of thinc), in the order of the walk."""
        found: dict[Key, Any] = {}
        for _, pipe in self.nlp.pipeline:
            for node in pipe.model.walk():
                found.update({(node.id, name): node for name in node.param_names if node.has_param(name)})
        return [(node, key) for key, node in found.items()]

    def averages(self) -> Mapping[Key, FloatArray]:
        """Return the running averages of the weights, as `use_params` takes them."""
        averages: Mapping[Key, FloatArray] = self.optimizer.averages
        return averages

    def keep_best(self, score: float) -> None:
        """Keep the averaged weights when they score better than any before."""
        if score > self.progress.best:
            self.progress.best, self.progress.best_step = score, self.progress.step
            averages = self.averages()
            keys = [key for _, key in self.parameters()]
            self.best = {place: averages[key].copy() for place, key in enumerate(keys) if key in averages}

    def best_weights(self) -> Mapping[Key, FloatArray]:
        """Return the weights to keep: the best scored ones, without scores the last averages."""
        if not self.best:
            return self.averages()
        keys = [key for _, key in self.parameters()]
        return {keys[place]: weights for place, weights in self.best.items()}

    def save(self, path: Path, recipe: str) -> None:
        """Write the state, atomically.

        Args:
            path: the file.
            recipe: checksum of what decides the training.
        """
        arrays: dict[str, npt.NDArray[Any]] = {f"best {place}": weights for place, weights in self.best.items()}
        updates = []
        for place, (node, key) in enumerate(self.parameters()):
            arrays[f"weights {place}"] = node.get_param(key[1])
            updates.append(int(self.optimizer.nr_update.get(key, 0)))
            for name, values in self._moments().items():
                if key in values:
                    arrays[f"{name} {place}"] = values[key]
        facts = {"recipe": recipe, "updates": updates, "progress": asdict(self.progress)}
        arrays[_FACTS] = np.array(json.dumps(facts))
        with atomic_file(path, "wb") as file:
            np.savez(file, **arrays)  # type: ignore[arg-type]

    def restore(self, path: Path, recipe: str) -> None:
        """Take over a saved state of the same recipe; a file of another recipe, or a damaged one, is passed over."""
        if not path.exists():
            return
        try:
            with np.load(path) as file:
                arrays = {name: file[name] for name in file.files}
            facts = json.loads(str(arrays.pop(_FACTS)))
        except Exception as error:  # a damaged archive raises what zipfile, zlib, numpy or json like
            say(f"{path} is damaged ({error}): the training starts anew.")
            return
        if facts["recipe"] != recipe:
            say(f"{path} belongs to another recipe or other treebanks: the training starts anew.")
            return
        self._take_over(arrays, facts)
        say(f"Going on from step {self.progress.step:,}.")

    def _take_over(self, arrays: Mapping[str, npt.NDArray[Any]], facts: Mapping[str, Any]) -> None:
        self.progress = Progress(**facts["progress"])
        for place, (node, key) in enumerate(self.parameters()):
            node.set_param(key[1], arrays[f"weights {place}"])
            self.optimizer.nr_update[key] = facts["updates"][place]
            for name, values in self._moments().items():
                if f"{name} {place}" in arrays:
                    values[key] = arrays[f"{name} {place}"]
            if f"best {place}" in arrays:
                self.best[place] = arrays[f"best {place}"]

    def _moments(self) -> dict[str, dict[Key, FloatArray]]:
        optimizer = self.optimizer
        return {"first": optimizer.mom1, "second": optimizer.mom2, "average": optimizer.averages}
