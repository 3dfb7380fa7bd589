"""What a fine-tuning task is made of, declared: its texts, labels, metrics, and the columns of each format.

A task of `climb.eval.tasks` holds one `Spec` and no code:

    spec = Spec("rte", "{sentence1}", "{sentence2}", ("entailment", "not_entailment"), ("accuracy",),
                Tsv("RTE", {"sentence1": "sentence1", "sentence2": "sentence2", "label": "label"}))

BabyLM's `.jsonl` and the `datasets` library name the fields as the templates do; only GLUE's `.tsv` files differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from string import Formatter


@dataclass(frozen=True)
class Tsv:
    """How the original GLUE distribution writes a task.

    Attributes:
        folder: of its files.
        columns: field of the templates, or "label" → the column's header; its number where the files have no header.
        skips_short_rows: some rows are known to be broken (a line break inside a text): they are counted and left
            out, as `datasets` does, instead of refused.
    """

    folder: str
    columns: Mapping[str, str | int]
    skips_short_rows: bool = False


@dataclass(frozen=True)
class EvaluatedSet:
    """A labelled set the fine-tuned model is evaluated on.

    Attributes:
        name: "" for the main one; else what its metrics end in.
        json: `<json>.valid.jsonl` of BabyLM.
        tsv: `<tsv>.tsv` of GLUE.
        hub: split of the `datasets` library.
    """

    name: str
    json: str
    tsv: str = "dev"
    hub: str = "validation"


@dataclass(frozen=True)
class Spec:
    """A task.

    Attributes:
        name: as given to `--tasks`.
        first: template of the first text, with the fields in braces.
        second: of the second text; None for tasks on single texts.
        labels: names of the classes, in the order of their numbers; None where a number is to be predicted.
        metrics: names in `climb.eval.finetuning.metrics`, the one to quote first.
        tsv: the GLUE format; None for tasks that GLUE does not have.
        sets: what is evaluated, the main set first.
        cluster: field whose equal values bind rows together (answers on one paragraph): they are held out
            together and the standard error counts clusters.
        question: fields that make the unit of "exact_match"; () where there is none.
    """

    name: str
    first: str
    second: str | None
    labels: tuple[str, ...] | None
    metrics: tuple[str, ...]
    tsv: Tsv | None = None
    sets: tuple[EvaluatedSet, ...] = ()
    cluster: str | None = None
    question: tuple[str, ...] = field(default=())

    @property
    def evaluated(self) -> tuple[EvaluatedSet, ...]:
        """The evaluated sets: by default the one validation set."""
        return self.sets or (EvaluatedSet("", self.name),)

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that the templates need, each once."""
        text = self.first + (self.second or "")
        return tuple(dict.fromkeys(name for _, name, _, _ in Formatter().parse(text) if name))

    @property
    def outputs(self) -> int:
        """Numbers the classifier gives: one per class, or one."""
        return 1 if self.labels is None else len(self.labels)
