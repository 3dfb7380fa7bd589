"""RTE (Dagan et al. 2006 and later): does a text entail a sentence?"""

from __future__ import annotations

from typing import ClassVar

from climb.eval.finetuning.finetune_task import FinetuneTask
from climb.eval.finetuning.spec import Spec, Tsv


class Rte(FinetuneTask):
    """RTE: textual entailment, accuracy."""

    name: ClassVar[str] = "rte"
    description: ClassVar[str] = "RTE: textual entailment, accuracy"
    spec: ClassVar[Spec] = Spec(
        name="rte",
        first="{sentence1}",
        second="{sentence2}",
        labels=("entailment", "not_entailment"),
        metrics=("accuracy",),
        tsv=Tsv("RTE", {"sentence1": "sentence1", "sentence2": "sentence2", "label": "label"}),
    )
