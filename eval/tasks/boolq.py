"""BoolQ (Clark et al. 2019): is the answer to a question about a passage yes?"""

from __future__ import annotations

from typing import ClassVar

from climb.eval.finetuning.finetune_task import FinetuneTask
from climb.eval.finetuning.spec import Spec


class Boolq(FinetuneTask):
    """BoolQ: yes-no questions on passages, accuracy."""

    name: ClassVar[str] = "boolq"
    description: ClassVar[str] = "BoolQ: yes-no questions on passages, accuracy"
    spec: ClassVar[Spec] = Spec(
        name="boolq",
        first="{question}",
        second="{passage}",
        labels=("no", "yes"),
        metrics=("accuracy", "f1"),
        cluster="passage",
    )
