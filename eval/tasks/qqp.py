"""QQP (Quora Question Pairs): do two questions ask the same?"""

from __future__ import annotations

from typing import ClassVar

from climb.eval.finetuning.finetune_task import FinetuneTask
from climb.eval.finetuning.spec import Spec, Tsv


class Qqp(FinetuneTask):
    """QQP: questions that ask the same, F1."""

    name: ClassVar[str] = "qqp"
    description: ClassVar[str] = "QQP: questions that ask the same, F1"
    spec: ClassVar[Spec] = Spec(
        name="qqp",
        first="{question1}",
        second="{question2}",
        labels=("not_duplicate", "duplicate"),
        metrics=("f1", "accuracy"),
        tsv=Tsv(
            "QQP",
            {"question1": "question1", "question2": "question2", "label": "is_duplicate"},
            skips_short_rows=True,  # a few questions hold a line break
        ),
    )
