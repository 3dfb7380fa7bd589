"""WNLI (Levesque et al. 2012, in GLUE's form): does a sentence follow when its pronoun is filled in?"""

from __future__ import annotations

from typing import ClassVar

from climb.eval.finetuning.finetune_task import FinetuneTask
from climb.eval.finetuning.spec import Spec, Tsv


class Wnli(FinetuneTask):
    """WNLI: Winograd schemas as inference, accuracy."""

    name: ClassVar[str] = "wnli"
    description: ClassVar[str] = "WNLI: Winograd schemas as inference, accuracy"
    spec: ClassVar[Spec] = Spec(
        name="wnli",
        first="{sentence1}",
        second="{sentence2}",
        labels=("not_entailment", "entailment"),
        metrics=("accuracy",),
        tsv=Tsv("WNLI", {"sentence1": "sentence1", "sentence2": "sentence2", "label": "label"}),
    )
