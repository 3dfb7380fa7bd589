"""What can be asked of an evaluation: the one definition behind `climb eval`, YAML and Python."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from climb.base.schema import Strict

Device = Literal["auto", "cpu", "cuda"]
Precision = Literal["fp32", "bf16"]


class EvalConfig(Strict):
    """An evaluation: which models, on what, scored how. Every field is an option of `climb eval`."""

    models: list[str] = Field(
        default_factory=list,
        description="Runs, model folders or Hub ids; none means the newest finished run under runs/.",
    )
    tasks: list[str] = Field(
        default_factory=lambda: ["sample_pairs"],
        description="Any of sample_pairs, minimal_pairs, blimp, "
        "perplexity, sample_frequency_bias, frequency_bias, frequency_perplexity, anisotropy.",
    )
    data: str | None = Field(
        default=None, description="Folder of the benchmarks; without it ./evaluation_data, then $CLIMB_DATA."
    )
    corpus: str | None = Field(
        default=None,
        description="Prepared corpus or text files for perplexity; without it --data, then the newest under data/.",
    )
    convention: str = Field(default="native", description="How scores become decisions: native or babylm-2025.")
    out: str | None = Field(default=None, description="Folder of the results; without it RUN/eval.")
    batch_tokens: int | None = Field(
        default=None,
        gt=0,
        description="Tokens in one forward pass, padding included; none means 1,024 on a processor, 65,536 on a GPU.",
    )
    precision: Precision = Field(default="fp32", description="Number format of the weights while scoring.")
    device: Device = Field(default="auto", description="cpu, cuda, or auto: cuda where there is one.")
    pairs: int = Field(default=200, gt=0, description="Pairs per paradigm of the embedded minimal pairs.")
    limit: int | None = Field(
        default=None, gt=0, description="Score only this many pairs of each paradigm, drawn by seed; none means all."
    )
    passages: int = Field(default=64, gt=0, description="Passages per source for perplexity, drawn by seed.")
    unseen_only: bool = Field(
        default=False, description="Perplexity: score no line that stands word for word in the corpus' training text."
    )
    positions: int = Field(
        default=8, gt=0, description="Positions per passage a masked model is asked for, drawn by seed."
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
