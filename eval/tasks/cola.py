"""CoLA (Warstadt et al. 2019): is a sentence acceptable English?"""

from __future__ import annotations

from typing import ClassVar

from climb.eval.finetuning.finetune_task import FinetuneTask
from climb.eval.finetuning.spec import Spec, Tsv


class Cola(FinetuneTask):
    """CoLA: acceptability, Matthews correlation."""

    name: ClassVar[str] = "cola"
    description: ClassVar[str] = "CoLA: acceptability, Matthews correlation"
    spec: ClassVar[Spec] = Spec(
        name="cola",
        first="{sentence}",
        second=None,
        labels=("unacceptable", "acceptable"),
        metrics=("mcc", "accuracy", "f1"),
        tsv=Tsv("CoLA", {"label": 1, "sentence": 3}),  # no header: source, label, author's mark, sentence
    )
