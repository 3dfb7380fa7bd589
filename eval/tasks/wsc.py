"""WSC (Levesque et al. 2012, in SuperGLUE's form): does a pronoun refer to a name?"""

from __future__ import annotations

from typing import ClassVar

from climb.eval.finetuning.finetune_task import FinetuneTask
from climb.eval.finetuning.spec import Spec


class Wsc(FinetuneTask):
    """WSC: what a pronoun refers to, accuracy."""

    name: ClassVar[str] = "wsc"
    description: ClassVar[str] = "WSC: what a pronoun refers to, accuracy"
    spec: ClassVar[Spec] = Spec(
        name="wsc",
        first='Does "{span2_text}" refer to "{span1_text}" in this passage?',
        second="{text}",
        labels=("no", "yes"),
        metrics=("accuracy", "f1"),
    )
