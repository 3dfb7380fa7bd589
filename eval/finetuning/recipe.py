"""Recipes: how a task is fine-tuned. The BabyLM challenges' official ones by year, and ours, `native`.

The constants are those of evaluation-pipeline-2023, -2024 (full fine-tuning and LoRA) and -2025 and of the 2026
evaluation. Four things are done otherwise under every recipe, none of which changes what is estimated: a step's rows
are forwarded in pieces of similar length instead of padded to one, the loss is the mean over the step's rows whatever
the pieces, dropout and order come from seeds of their own, and predictions of the best epoch are kept instead of its
weights.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from climb.base.errors import UserError
from climb.base.registry import unknown_name
from climb.eval.finetuning.adapters import Lora
from climb.eval.finetuning.options import DecoderReads, FinetuningOptions, Pooling, SelectOn

_SEVEN = ("boolq", "multirc", "rte", "wsc", "mrpc", "qqp", "mnli")
_ELEVEN = ("cola", "sst2", "mrpc", "qqp", "mnli", "mnli-mm", "qnli", "rte", "boolq", "multirc", "wsc")
_ALL = ("cola", "sst2", "mrpc", "qqp", "stsb", "mnli", "mnli-mm", "qnli", "rte", "wnli", "boolq", "multirc", "wsc")
_TEN_THOUSAND = {"mnli": 10_000, "qqp": 10_000}


@dataclass(frozen=True)
class Recipe:
    """How a task is fine-tuned.

    Attributes:
        name: as given to `--recipe`.
        tasks: the tasks that make up its GLUE score, in order; "mnli-mm" is MNLI's second set.
        seeds: one fine-tuning each.
        learning_rate, batch_size, epochs, max_length: as usual; max_length in tokens, specials included.
        weight_decay: of AdamW (β 0.9 and 0.999, ε 1e-8), on all parameters.
        clip: largest norm of the gradient; None does not clip.
        schedule: "linear" to 0, or "cosine" to a tenth of the peak.
        warmup: share of the steps in which the rate rises linearly from 0.
        drop_last: whether an incomplete last batch of an epoch is left out.
        head: "classic" (what transformers puts on a masked or causal model) or "mlp" (that of 2025 and 2026).
        pooling: which hidden states the head reads; "auto" is the first for masked models, the last for causal.
        decoder_reads: what the decoder of an encoder–decoder reads, "start" token or "text"; see `classifier`.
        select_on: where the best epoch is chosen.
        select_by: "headline", or as a year did: F1 for tasks of two classes ("f1_if_binary"), accuracy but F1 for
            MRPC and QQP ("f1_for_paraphrases"), or the mean loss ("loss").
        every: optimiser steps between evaluations; None is an epoch.
        patience: stop after this many evaluations without improvement by more than `min_delta`; None never.
        train_limits: task → most rows of train.
        per_task: task → what differs from the above.
        separates: put a separator between two texts where the tokenizer puts none.
        lora: train low-rank adapters instead of the model's weights; None trains the weights.
        texts: task → templates of its texts, where they are not the task's own.
        frozen: train no weight of the model: a regularised linear classifier on its pooled states.
    """

    name: str
    tasks: tuple[str, ...]
    seeds: tuple[int, ...]
    learning_rate: float
    batch_size: int
    epochs: int
    max_length: int
    weight_decay: float
    clip: float | None
    schedule: Literal["linear", "cosine"]
    warmup: float
    drop_last: bool
    head: Literal["classic", "mlp"]
    pooling: Pooling | Literal["auto"]
    select_on: SelectOn
    select_by: Literal["headline", "f1_if_binary", "f1_for_paraphrases", "loss"]
    every: int | None = None
    patience: int | None = None
    min_delta: float = 0.0
    train_limits: Mapping[str, int] = field(default_factory=dict)
    per_task: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    separates: bool = False
    decoder_reads: DecoderReads = "start"
    lora: Lora | None = None
    texts: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    frozen: bool = False

    def steps(self, rows: int) -> int:
        """Return the optimiser steps over all epochs, early stopping aside."""
        return self.epochs * self.steps_per_epoch(rows)

    def steps_per_epoch(self, rows: int) -> int:
        """Return the optimiser steps of an epoch; at least one, even where the only batch is incomplete."""
        return max(1, rows // self.batch_size if self.drop_last else math.ceil(rows / self.batch_size))

    def rate(self, step: int, total: int) -> float:
        """Return the learning rate of a step, counted from 0, of `total`."""
        warm = int(self.warmup * total)
        if step < warm:
            return self.learning_rate * step / warm
        done = (step - warm) / max(1, total - warm)
        if self.schedule == "linear":
            return self.learning_rate * (1.0 - done)
        return self.learning_rate * (0.1 + 0.9 * 0.5 * (1.0 + math.cos(math.pi * done)))


_2023 = Recipe(
    name="babylm-2023",
    tasks=_ELEVEN,
    seeds=(12,),
    learning_rate=5e-5,
    batch_size=64,
    epochs=10,
    max_length=128,
    weight_decay=0.0,
    clip=1.0,
    schedule="linear",
    warmup=0.0,
    drop_last=False,
    head="classic",
    pooling="auto",
    select_on="valid",
    select_by="f1_if_binary",
    every=200,
    patience=10,
    decoder_reads="text",
)
_2024 = replace(_2023, name="babylm-2024", every=None, patience=3, min_delta=0.001)
_2024_LORA = replace(
    _2023,
    name="babylm-2024-lora",
    learning_rate=3e-4,
    epochs=32,
    warmup=0.06,
    every=None,
    patience=None,
    select_by="loss",
    lora=Lora(rank=8, alpha=16, dropout=0.1),
    texts={
        "multirc": ("{paragraph}", "{question} {answer}"),
        "wsc": ("{text}", 'Does "{span2_text}" refer to "{span1_text}"?'),
    },
)
_2025 = Recipe(
    name="babylm-2025",
    tasks=_SEVEN,
    seeds=(42,),
    learning_rate=3e-5,
    batch_size=32,
    epochs=10,
    max_length=512,
    weight_decay=0.01,
    clip=None,
    schedule="cosine",
    warmup=0.06,
    drop_last=True,
    head="mlp",
    pooling="first",
    select_on="valid",
    select_by="f1_for_paraphrases",
    train_limits=_TEN_THOUSAND,
    per_task={"wsc": {"epochs": 30}, "boolq": {"batch_size": 16}, "multirc": {"batch_size": 16}},
)
_2026 = replace(_2025, name="babylm-2026", pooling="last")
_NATIVE = replace(
    _2025,
    name="native",
    tasks=_ALL,
    seeds=(0, 1, 2),
    learning_rate=5e-5,
    clip=1.0,
    drop_last=False,
    pooling="auto",
    select_on="held_out",
    select_by="headline",
    train_limits={task: 10_000 for task in ("mnli", "qqp", "qnli", "sst2")},
    separates=True,
)
_PROBE = replace(_NATIVE, name="probe", seeds=(0,), pooling="mean", frozen=True)

RECIPES = {recipe.name: recipe for recipe in (_NATIVE, _2023, _2024, _2024_LORA, _2025, _2026, _PROBE)}
_OVERRIDES = ("learning_rate", "batch_size", "epochs", "max_length", "pooling", "select_on")
_NEVER_READ_WHEN_FROZEN = ("learning_rate", "batch_size", "epochs", "select_on")


def recipe_named(name: str) -> Recipe:
    """Return a recipe by name.

    Raises:
        UserError: there is no such recipe; the sentence lists near ones.
    """
    if name not in RECIPES:
        raise unknown_name("recipe", name, RECIPES)
    return RECIPES[name]


def recipe_for(task: str, options: FinetuningOptions) -> Recipe:
    """Return the recipe of one task, its own values and the user's put in, the user's last.

    Raises:
        UserError: an unknown recipe, or an option that a probe does not have.
    """
    recipe = recipe_named(options.recipe)
    given = {name: getattr(options, name) for name in _OVERRIDES if getattr(options, name) is not None}
    senseless = [name for name in given if recipe.frozen and name in _NEVER_READ_WHEN_FROZEN]
    if senseless or (recipe.frozen and options.seeds is not None and len(options.seeds) > 1):
        what = senseless[0] if senseless else "seeds"
        raise UserError(f"finetuning.{what}: a probe trains no weight of the model, so leave it out.")
    values = {**recipe.per_task.get(task, {}), **given}
    if options.seeds is not None:
        values["seeds"] = tuple(options.seeds)
    if options.train_limit is not None:
        values["train_limits"] = {task: options.train_limit}
    return replace(recipe, **values)


def convention_text(options: FinetuningOptions) -> str:
    """Return the recipe's name and what the user changed: "babylm-2025, pooling=mean"."""
    changed = [name for name in (*_OVERRIDES, "train_limit") if getattr(options, name) is not None]
    changes = [f"{name}={getattr(options, name)}" for name in changed]
    if options.select_on == "held_out":
        changes.append(f"held_out={options.held_out}")
    return ", ".join([options.recipe, *changes])
