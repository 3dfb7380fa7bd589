"""Read a task from the `datasets` library: a Hub id or a local folder with one configuration per task."""

from __future__ import annotations

from typing import Any

from climb.eval.finetuning.examples import MissingData, Row
from climb.eval.finetuning.spec import Spec


def read_dataset_rows(spec: Spec, dataset: str) -> tuple[dict[str, list[Row]], int]:
    """Return the rows of train and of the evaluated sets, and 0 broken ones.

    Args:
        spec: the task; its configuration bears its name.
        dataset: such as nyu-mll/glue (GLUE) or aps/super_glue (BoolQ, MultiRC, WSC).

    Raises:
        MissingData: the data set, its configuration or a split cannot be had.
    """
    from datasets import load_dataset

    splits = {"train": "train", **{evaluated.name: evaluated.hub for evaluated in spec.evaluated}}
    try:
        loaded: Any = load_dataset(dataset, spec.name)
    except Exception as error:  # network, cache, scripts, unknown configurations: no common type
        reason = (str(error).splitlines() or [""])[0][:160]
        raise MissingData(
            f"--dataset {dataset}: the configuration {spec.name!r} cannot be loaded "
            f"({type(error).__name__}: {reason}); "
            f"where there is a network, fetch it with `hf download --repo-type dataset {dataset}`."
        ) from error
    rows: dict[str, list[Row]] = {}
    for name, split in splits.items():
        if split not in loaded:
            raise MissingData(f"--dataset {dataset}: {spec.name} has no split {split!r}, only {', '.join(loaded)}.")
        place = f"{dataset}, {spec.name}, {split}"
        rows[name] = [
            Row(f"{place}, row {number}", record, record.get("label")) for number, record in enumerate(loaded[split])
        ]
    return rows, 0
