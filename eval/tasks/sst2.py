"""SST-2 (Socher et al. 2013): is a sentence of a film review positive?"""

from __future__ import annotations

from typing import ClassVar

from climb.eval.finetuning.finetune_task import FinetuneTask
from climb.eval.finetuning.spec import Spec, Tsv


class Sst2(FinetuneTask):
    """SST-2: sentiment of film reviews, accuracy."""

    name: ClassVar[str] = "sst2"
    description: ClassVar[str] = "SST-2: sentiment of film reviews, accuracy"
    spec: ClassVar[Spec] = Spec(
        name="sst2",
        first="{sentence}",
        second=None,
        labels=("negative", "positive"),
        metrics=("accuracy", "f1"),
        tsv=Tsv("SST-2", {"sentence": "sentence", "label": "label"}),
    )
