"""The options of `climb prep`: one typed definition behind command line, YAML and Python."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from climb.base.schema import Strict

SMALLEST_VOCABULARY = 5 + 256
"""Five special tokens and the 256 bytes."""


class PrepConfig(Strict):
    """What to prepare, and how. The defaults prepare the embedded sample corpus."""

    sources: list[str] = Field(
        default=[], description="Files, folders or globs of plain text; none: the embedded sample corpus."
    )
    out: str | None = Field(default=None, description="Folder of the prepared corpus; default data/<name>.")
    vocab_size: int = Field(
        default=8192, ge=SMALLEST_VOCABULARY, description="Tokens of the vocabulary trained on the corpus."
    )
    tokenizer: str | None = Field(
        default=None, description="Folder or Hub id of any fast tokenizer to use instead of training one."
    )
    block_size: int = Field(default=128, ge=8, le=65_536, description="Tokens per block.")
    pack: Literal["blocks", "lines"] = Field(
        default="blocks",
        description="blocks: documents run on from block to block; lines: every line starts its own padded block.",
    )
    validation: float | list[str] = Field(
        default=0.05, description="Share of the documents held out, or files that are the held-out text."
    )
    metrics: list[str] = Field(default=[], description="Difficulty metrics; none: all that can be computed.")
    parse: bool = Field(default=True, description="Tag and parse when a spaCy pipeline is given.")
    spacy_model: str | None = Field(
        default=None, description="spaCy pipeline (package or folder) for part-of-speech tags and dependencies."
    )
    clean: bool = Field(default=True, description="Apply the cleaning rules of each source.")
    lowercase: bool = Field(default=False, description="Lower-case the text that is tokenised.")
    drop_punctuation: bool = Field(default=False, description="Tokenise the text without its punctuation.")
    dedup: Literal["none", "exact", "near"] = Field(
        default="none", description="Remove repeated documents and long lines, or near-duplicate documents too."
    )
    cache: bool = Field(
        default=True, description="Keep what the stages gave, so that a later preparation of this text is quicker."
    )
    encoding_errors: Literal["strict", "replace"] = Field(
        default="strict", description="Bytes that are not UTF-8: stop and name the place, or replace and count."
    )
    workers: int = Field(default=0, ge=0, description="Processes; 0: one per core. The result is the same.")
    seed: int = Field(default=0, ge=0, description="Seed of the held-out documents and of the sample corpus.")
    sample_words: int = Field(default=1_000_000, gt=0, description="Words of the embedded sample corpus.")
