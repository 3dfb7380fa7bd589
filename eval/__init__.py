"""What a model knows: minimal pairs and perplexity, scored exactly by one engine, with standard errors.

    loaded = load("runs/none-s0")
    results = evaluate(loaded, EvalConfig(tasks=["blimp"], data="evaluation_data"), out=Path("results"))
    show(results_table({loaded.name: results}))

Names are imported when first used, so that listing tasks or options costs no torch.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from climb.eval.loading import LoadedModel, load, locate
    from climb.eval.options import EvalConfig
    from climb.eval.output import out_folder, own_folders, results_table
    from climb.eval.results import TaskResult
    from climb.eval.runner import evaluate, evaluate_model, evaluate_object, prepare_tasks
    from climb.eval.scoring import Scorer
    from climb.eval.task import Task, known_tasks

__all__ = [
    "EvalConfig",
    "LoadedModel",
    "Scorer",
    "Task",
    "TaskResult",
    "evaluate",
    "evaluate_model",
    "evaluate_object",
    "known_tasks",
    "load",
    "locate",
    "out_folder",
    "own_folders",
    "prepare_tasks",
    "results_table",
]

_HOMES = {
    "EvalConfig": "options",
    "LoadedModel": "loading",
    "Scorer": "scoring",
    "Task": "task",
    "TaskResult": "results",
    "evaluate": "runner",
    "evaluate_model": "runner",
    "evaluate_object": "runner",
    "known_tasks": "task",
    "load": "loading",
    "locate": "loading",
    "out_folder": "output",
    "own_folders": "output",
    "prepare_tasks": "runner",
    "results_table": "output",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
