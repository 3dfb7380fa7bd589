"""MultiRC (Khashabi et al. 2018): is an answer to a question about a paragraph right?"""

from __future__ import annotations

from typing import ClassVar

from climb.eval.finetuning.finetune_task import FinetuneTask
from climb.eval.finetuning.spec import Spec


class Multirc(FinetuneTask):
    """MultiRC: right and wrong answers on paragraphs, accuracy."""

    name: ClassVar[str] = "multirc"
    description: ClassVar[str] = "MultiRC: right and wrong answers on paragraphs, accuracy"
    spec: ClassVar[Spec] = Spec(
        name="multirc",
        first="Question: {question} Answer: {answer}",
        second="{paragraph}",
        labels=("wrong", "right"),
        metrics=("accuracy", "f1", "exact_match"),
        cluster="paragraph",
        question=("paragraph", "question"),
    )
