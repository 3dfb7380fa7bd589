"""STS-B (Cer et al. 2017): how similar are two sentences, from 0 to 5?"""

from __future__ import annotations

from typing import ClassVar

from climb.eval.finetuning.finetune_task import FinetuneTask
from climb.eval.finetuning.spec import Spec, Tsv


class Stsb(FinetuneTask):
    """STS-B: similarity of sentences, Spearman and Pearson correlation."""

    name: ClassVar[str] = "stsb"
    description: ClassVar[str] = "STS-B: similarity of sentences, Spearman and Pearson correlation"
    spec: ClassVar[Spec] = Spec(
        name="stsb",
        first="{sentence1}",
        second="{sentence2}",
        labels=None,
        metrics=("spearman", "pearson"),
        tsv=Tsv("STS-B", {"sentence1": "sentence1", "sentence2": "sentence2", "label": "score"}),
    )
