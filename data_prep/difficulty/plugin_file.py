"""A user's own metrics: `--plugin my_metric.py` holds classes derived from `climb.data_prep.metric.Metric`.

    from climb.data_prep.metric import Metric

    class Commas(Metric):
        name, unit, description = "commas", "commas", "commas in a sentence"

        def sentences(self, batch):
            return [text.count(",") for text in batch.texts]

The file's sha256 is recorded and part of the key of the metric's values. What the file does wrong is said with its
name and line. Every process loads the file once.
"""

from __future__ import annotations

import inspect
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from climb.base.errors import UserError
from climb.base.files import sha256_file
from climb.base.plugin import classes_of, load_module, said_with_place
from climb.data_prep.metric import BlockBatch, Metric, SentenceBatch, Values, with_options
from climb.data_prep.options import PrepConfig


def plugin_metrics(config: PrepConfig) -> dict[str, type[Metric]]:
    """Return the metrics of the user's files, by name.

    Raises:
        UserError: a file is missing, fails, holds no metric, or one without name, unit or description; two metrics
            bear the same name.
    """
    kinds: dict[str, type[Metric]] = {}
    for text in config.plugin:
        path = Path(text)
        if not path.is_file():
            raise UserError(f"--plugin {text}: there is no such file.")
        for name, kind in _metrics_of(path.resolve(), sha256_file(path)).items():
            if name in kinds:
                raise UserError(f"--plugin {text}: two metrics are called {name!r}: rename one.")
            kinds[name] = kind
    return kinds


@lru_cache(maxsize=8)
def _metrics_of(path: Path, digest: str) -> dict[str, type[Metric]]:
    """Return the metrics of one file."""
    found: dict[str, type[Metric]] = {}
    for kind in classes_of(load_module(path, digest), Metric):  # type: ignore[type-abstract]
        _check(path, kind)
        if kind.name in found:
            raise UserError(f"{path.name}: two metrics are called {kind.name!r}: rename one.")
        found[kind.name] = _guarded(path, kind, digest)
    if not found:
        raise UserError(f"{path.name} holds no metric: write a class derived from climb.data_prep.metric.Metric.")
    return found


def _check(path: Path, kind: type[Metric]) -> None:
    """Refuse a metric that cannot be used, naming what it lacks."""
    line = inspect.getsourcelines(kind)[1]
    lacking = [field for field in ("name", "unit", "description") if not isinstance(getattr(kind, field, None), str)]
    if lacking:
        raise UserError(f"{path.name}, line {line}: {kind.__name__} lacks {', '.join(lacking)} (a string each).")
    if not kind.name.isidentifier():
        raise UserError(f"{path.name}, line {line}: {kind.name!r} is no name: use letters, digits and _.")
    if inspect.isabstract(kind):
        raise UserError(f"{path.name}, line {line}: {kind.__name__} lacks the method sentences(self, batch).")


def _guarded(path: Path, kind: type[Metric], digest: str) -> type[Metric]:
    """Return a metric whose mistakes are said in one sentence."""

    def sentences(self: Metric, batch: SentenceBatch) -> Values:
        with said_with_place(path):
            values = kind.sentences(self, batch)
        return _checked(path, kind, "sentences", values, len(batch.words))

    def blocks(self: Metric, batch: BlockBatch) -> Values | None:
        with said_with_place(path):
            values = kind.blocks(self, batch)
        return None if values is None else _checked(path, kind, "blocks", values, len(batch.words))

    options = {**kind.options, "plugin": path.name, "sha256": digest}
    return with_options(kind, sentences=sentences, blocks=blocks, options=options)


def _checked(path: Path, kind: type[Metric], method: str, values: Any, size: int) -> Values:
    """Return values as an array after checking that there is one finite number per row."""
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        array = np.zeros(0)
    if array.shape != (size,):
        raise UserError(f"{path.name}: {kind.__name__}.{method} must return one number for each of {size:,} rows.")
    wrong = np.flatnonzero(~np.isfinite(array))
    if len(wrong):
        raise UserError(
            f"{path.name}: {kind.__name__}.{method} returned {array[wrong[0]]} for row {wrong[0]:,}: "
            "every value must be a finite number."
        )
    return array
