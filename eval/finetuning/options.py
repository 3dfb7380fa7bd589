"""What can be asked of the fine-tuning tasks: the section `finetuning` of an evaluation's configuration."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator

from climb.base.schema import Strict

Pooling = Literal["first", "last", "mean"]
SelectOn = Literal["held_out", "valid", "last"]
DecoderReads = Literal["start", "text"]
"""What the decoder of an encoder–decoder reads in a classifier: its start token alone, whose state has seen the whole
text through the encoder, as in the BabyLM pipelines of 2025 and 2026; or the text once more, shifted by the start
token, as transformers' classifiers on T5 and BART do (Lewis et al. 2020)."""


class FinetuningOptions(Strict):
    """How GLUE and kin are fine-tuned; what is None is as the recipe says."""

    recipe: str = Field(
        default="native",
        description="native, babylm-2023, babylm-2024, babylm-2024-lora, babylm-2025, babylm-2026 or probe.",
    )
    seeds: list[int] | None = Field(default=None, min_length=1, description="One fine-tuning per seed.")
    dataset: str | None = Field(
        default=None, description="A `datasets` id or folder with one configuration per task, such as nyu-mll/glue."
    )
    pooling: Pooling | None = Field(default=None, description="Which hidden states the classifier reads.")
    select_on: SelectOn | None = Field(
        default=None,
        description="Where the best epoch is chosen: a held-out part of train, the evaluated set itself as the "
        "official pipelines do, or nowhere (the last epoch).",
    )
    held_out: float = Field(default=0.1, gt=0, lt=1, description="Share of train held out for that choice.")
    train_limit: int | None = Field(default=None, gt=0, description="Train on at most this many rows, drawn by seed.")
    learning_rate: float | None = Field(default=None, gt=0, description="Peak of the learning rate.")
    batch_size: int | None = Field(default=None, gt=0, description="Rows in an optimiser step.")
    epochs: int | None = Field(default=None, gt=0, description="Passes over train.")
    max_length: int | None = Field(default=None, gt=3, description="Tokens of a row; longer ones are cut.")

    @field_validator("seeds", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        """Take "1,2,3", as the command line gives it, for a list; a single number for a list of one."""
        if isinstance(value, str):
            return [part for part in value.split(",") if part]
        return [value] if isinstance(value, int) else value

    @field_validator("seeds")
    @classmethod
    def _distinct(cls, value: list[int] | None) -> list[int] | None:
        if value is not None and (len(set(value)) < len(value) or min(value) < 0):
            raise ValueError("each seed once, none negative")
        return value
