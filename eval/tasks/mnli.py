"""MNLI (Williams et al. 2018): does a premise entail, contradict or leave open a hypothesis?"""

from __future__ import annotations

from typing import ClassVar

from climb.eval.finetuning.finetune_task import FinetuneTask
from climb.eval.finetuning.spec import EvaluatedSet, Spec, Tsv


class Mnli(FinetuneTask):
    """MNLI: inference, accuracy on matched and mismatched genres."""

    name: ClassVar[str] = "mnli"
    description: ClassVar[str] = "MNLI: inference, accuracy on matched and mismatched genres"
    spec: ClassVar[Spec] = Spec(
        name="mnli",
        first="{premise}",
        second="{hypothesis}",
        labels=("entailment", "neutral", "contradiction"),
        metrics=("accuracy",),
        tsv=Tsv("MNLI", {"premise": "sentence1", "hypothesis": "sentence2", "label": "gold_label"}),
        sets=(
            EvaluatedSet("", "mnli", "dev_matched", "validation_matched"),
            EvaluatedSet("mismatched", "mnli-mm", "dev_mismatched", "validation_mismatched"),
        ),
    )
