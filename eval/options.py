"""What can be asked of an evaluation: the one definition behind `climb eval`, YAML and Python."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from climb.base.schema import Strict
from climb.eval.finetuning.options import FinetuningOptions

Device = Literal["auto", "cpu", "cuda"]
Precision = Literal["fp32", "bf16"]
Backend = Literal["auto", "masked", "mntp", "causal", "enc_dec_mask", "enc_dec_prefix"]


class EvalConfig(Strict):
    """An evaluation: which models, on what, scored how. Every field is an option of `climb eval`."""

    models: list[str] = Field(
        default_factory=list,
        description="Runs, model folders or Hub ids; none means the newest finished run under runs/.",
    )
    tasks: list[str] = Field(
        default_factory=lambda: ["sample_pairs"],
        description="Any of sample_pairs, minimal_pairs, blimp, blimp_one_prefix, blimp_two_prefix, "
        "blimp_supplement, ewok, entity_tracking, comps, wug_past, wug_adj, reading, aoa, arc_easy, arc_challenge, "
        "hellaswag, piqa, lambada, perplexity, sample_frequency_bias, frequency_bias, frequency_perplexity, "
        "anisotropy, glue or one of its tasks: cola, sst2, mrpc, qqp, stsb, mnli, qnli, rte, wnli, boolq, multirc, "
        "wsc; or a folder with a task.yaml.",
    )
    data: str | None = Field(
        default=None, description="Folder of the benchmarks; without it ./evaluation_data, then $CLIMB_DATA."
    )
    corpus: str | None = Field(
        default=None,
        description="Prepared corpus or text files for perplexity; without it --data, then the newest under data/.",
    )
    checkpoints: bool = Field(
        default=False, description="Evaluate every checkpoint that a run kept (chck_<N>M) too, under one plan."
    )
    fast: bool = Field(default=False, description="Take the BabyLM challenge's fast sets, for checkpoints.")
    convention: str = Field(
        default="native",
        description="How texts are scored and decided: native, babylm-2023, babylm-2024, babylm-2025, babylm-2026, "
        "lm-eval, minicons or blimp-paper.",
    )
    bos: Literal["auto", "yes", "no"] = Field(
        default="auto",
        description="A BOS token before a causal model's text, under native; auto does what the tokenizer does.",
    )
    backend: Backend = Field(
        default="auto",
        description="How the model is asked; auto goes by its architecture. mntp: masked, read one position before.",
    )
    pll: Literal["original", "within_word_l2r"] = Field(
        default="original",
        description="What a masked model has masked: the scored token, or with it the rest of its word.",
    )
    sharing: bool = Field(default=True, description="Read beginnings that causal texts share once.")
    out: str | None = Field(default=None, description="Folder of the results; without it RUN/eval.")
    batch_tokens: int | None = Field(
        default=None,
        gt=0,
        description="Tokens in one forward pass, padding included; none means 1,024 on a processor, 65,536 on a GPU.",
    )
    precision: Precision = Field(default="fp32", description="Number format of the weights while scoring.")
    allow_bin: bool = Field(
        default=False, description="Read pytorch_model.bin, as weights only, where there are no safetensors."
    )
    device: Device = Field(default="auto", description="cpu, cuda, or auto: cuda where there is one.")
    pairs: int = Field(default=200, gt=0, description="Pairs per paradigm of the embedded minimal pairs.")
    limit: int | None = Field(
        default=None, gt=0, description="Score only this many pairs of each paradigm, drawn by seed; none means all."
    )
    passages: int = Field(default=64, gt=0, description="Passages per source for perplexity, drawn by seed.")
    stride: int | None = Field(
        default=None,
        gt=0,
        description="Perplexity: tokens between windows over a text longer than the model; none means half a window.",
    )
    unseen_only: bool = Field(
        default=False, description="Perplexity: score no line that stands word for word in the corpus' training text."
    )
    positions: int = Field(
        default=8,
        gt=0,
        description="Positions per passage a masked model is asked for, drawn by seed; a large number asks all.",
    )
    untrained: bool = Field(
        default=True, description="Frequency bias of a run: score its untrained weights (chck_0M) too, as reference."
    )
    specials: bool = Field(default=False, description="Anisotropy: count special tokens too, as published.")
    cosine_pairs: int | None = Field(
        default=None,
        gt=1,
        description="Anisotropy: also estimate it from this many drawn pairs of tokens, as published (there 1,001).",
    )
    seed: int = Field(default=0, ge=0, description="Seed of every draw in the evaluation.")
    finetuning: FinetuningOptions = Field(default_factory=FinetuningOptions, description="GLUE and kin: the recipe.")
