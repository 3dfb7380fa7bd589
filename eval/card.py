"""Put results into a model card, where the Hugging Face Hub reads them (`model-index` in its YAML header)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from climb.base.files import write_text
from climb.eval.results import TaskResult


def add_to_card(path: Path, name: str, results: Mapping[str, TaskResult]) -> None:
    """Write the headline of each result into a card; results of other tasks that stand there are kept.

    Args:
        path: the card, README.md beside the model; nothing happens where there is none.
        name: of the model.
        results: task name → result.
    """
    if not path.is_file() or not results:
        return
    from huggingface_hub import ModelCard

    card = ModelCard(path.read_text(encoding="utf-8"), ignore_metadata_errors=True)
    new = {_dataset(result): _entry(result) for result in results.values()}
    kept = [entry for entry in card.data.eval_results or [] if entry.dataset_type not in new]
    card.data.model_name = name
    card.data.eval_results = [*kept, *new.values()]
    write_text(path, str(card))


def _dataset(result: TaskResult) -> str:
    return result.task


def _entry(result: TaskResult) -> Any:
    from huggingface_hub import EvalResult

    headline = result.metrics[result.headline]
    part = result.coverage
    size = f" ({part.present} of {part.total} {part.unit})" if part and part.present < part.total else ""
    masked = result.model is not None and result.model.kind in ("masked", "mntp")
    return EvalResult(
        task_type="fill-mask" if masked else "text-generation",
        dataset_type=_dataset(result),
        dataset_name=f"{result.task}{size}",
        metric_type=result.headline,
        metric_name=f"{result.headline}, convention {result.convention}",
        metric_value=headline.value,
        metric_args={"standard_error": headline.standard_error, "count": headline.count},
        verified=False,
    )
