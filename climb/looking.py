"""Look at a model while it trains: held-out loss, tasks of `climb eval`, weights at word milestones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from climb.base.run import EVAL_FOLDER
from climb.config import TrainConfig
from climb.eval.plans import Plans
from climb.eval.runner import evaluate, in_memory
from climb.held_out import HeldOut
from climb.model_files import write_model

if TYPE_CHECKING:
    from climb.run_parts import Parts
    from climb.trainer import CurriculumTrainer


class Looker:
    """Called at evaluation steps and milestones; only the first process works, the others wait.

    Weights, generators and mode of the model are left as they were, so a run with evaluations trains the
    same weights as one without.
    """

    def __init__(
        self,
        folder: Path,
        parts: Parts,
        model: Any,
        held_out: HeldOut,
        config: TrainConfig,
        trainer: CurriculumTrainer,
    ) -> None:
        self._folder = folder
        self._parts = parts
        self._model = model
        self._held_out = held_out
        self._config = config
        self._trainer = trainer
        self._plans = Plans()

    def __call__(self, step: int, milestones: list[int]) -> list[dict[str, Any]]:
        """Keep the weights of milestones (millions of words) and return records for metrics.jsonl."""
        records = []
        if self._trainer.is_world_process_zero():
            for millions in milestones:
                write_model(self._folder / f"chck_{millions}M", self._model, self._parts.corpus.folder / "tokenizer")
            if self._config.evaluations:
                objectives = self._parts.samples.objectives
                asked = {} if objectives is None else {"objective": objectives.main}
                records.append({"kind": "held_out", "step": step, **self._held_out.measure(), **asked})
            records += self._task_records(step)
        self._trainer.accelerator.wait_for_everyone()
        return records

    def _task_records(self, step: int) -> list[dict[str, Any]]:
        if not self._parts.tasks:
            return []
        loaded = in_memory(self._model, self._parts.corpus.tokenizer, self._config.model.objective)
        loaded = replace(loaded, name=f"{self._folder.name}, step {step}")
        results = evaluate(
            loaded,
            self._parts.eval_config,
            self._folder / EVAL_FOLDER / f"step-{step}",
            self._parts.tasks,
            self._plans,
        )
        return [{"kind": "task", "step": step, "task": name, **result.summary()} for name, result in results.items()]
