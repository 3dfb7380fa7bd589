"""QNLI (Wang et al. 2019, from SQuAD): does a sentence answer a question?"""

from __future__ import annotations

from typing import ClassVar

from climb.eval.finetuning.finetune_task import FinetuneTask
from climb.eval.finetuning.spec import Spec, Tsv


class Qnli(FinetuneTask):
    """QNLI: does a sentence answer a question, accuracy."""

    name: ClassVar[str] = "qnli"
    description: ClassVar[str] = "QNLI: does a sentence answer a question, accuracy"
    spec: ClassVar[Spec] = Spec(
        name="qnli",
        first="{question}",
        second="{sentence}",
        labels=("entailment", "not_entailment"),
        metrics=("accuracy",),
        tsv=Tsv("QNLI", {"question": "question", "sentence": "sentence", "label": "label"}),
    )
