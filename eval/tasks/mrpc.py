"""MRPC (Dolan & Brockett 2005): do two sentences of the news say the same?"""

from __future__ import annotations

from typing import ClassVar

from climb.eval.finetuning.finetune_task import FinetuneTask
from climb.eval.finetuning.spec import Spec, Tsv


class Mrpc(FinetuneTask):
    """MRPC: paraphrases in the news, F1."""

    name: ClassVar[str] = "mrpc"
    description: ClassVar[str] = "MRPC: paraphrases in the news, F1"
    spec: ClassVar[Spec] = Spec(
        name="mrpc",
        first="{sentence1}",
        second="{sentence2}",
        labels=("not_equivalent", "equivalent"),
        metrics=("f1", "accuracy"),
        tsv=Tsv("MRPC", {"sentence1": "#1 String", "sentence2": "#2 String", "label": "Quality"}),
    )
