"""The options of `climb prep`: one typed definition behind command line, YAML and Python."""

from __future__ import annotations

import pkgutil
from typing import Literal

from pydantic import Field

from climb.base.schema import Strict
from climb.data_prep import metrics as metrics_folder

METRICS = tuple(sorted(module.name for module in pkgutil.iter_modules(metrics_folder.__path__)))
"""The built-in metrics; each stands in a file of its name."""

SMALLEST_VOCABULARY = 5 + 256
"""Five special tokens and the 256 bytes."""


class PrepConfig(Strict):
    """What to prepare, and how. The defaults prepare the embedded sample corpus."""

    sources: list[str] = Field(
        default=[],
        description="Files, folders, globs, hf://org/name or - (standard input); none: the embedded sample corpus.",
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
    metrics: list[str] = Field(
        default=[],
        description=f"Difficulty metrics; none: all that can be computed. There are: {', '.join(METRICS)}.",
    )
    norms: list[str] = Field(
        default=[],
        description="Per-word norms, such as age of acquisition: [NAME=]FILE[:COLUMN], a metric each; -COLUMN turns "
        "a norm whose high values are easy.",
    )
    frequencies: str | None = Field(
        default=None, description="List of words with counts or frequencies (CSV, TSV, JSON) for rarity_given."
    )
    source_ranks: list[str] = Field(
        default=[], description="Order of the sources for source_given: LABEL=RANK, or a file of such lines."
    )
    ngram_leave_out: bool = Field(
        default=False, description="Score text by n-gram counts that leave its own n-grams out."
    )
    plugin: list[str] = Field(
        default=[], description="Python files with metrics of your own; on the command line only."
    )
    parse: bool = Field(default=True, description="Tag and parse, in English unless --spacy-model says else.")
    spacy_model: str | None = Field(
        default=None, description="spaCy pipeline (package or folder) instead of the English one that comes along."
    )
    clean: bool = Field(default=True, description="Apply the cleaning rules of each source.")
    clean_rules: str | None = Field(
        default=None,
        description="YAML file that drops or adds rules by source, such as {childes: {drop: [time bullets]}}; "
        "docs/cleaning.md lists them.",
    )
    tagger: Literal["spacy", "nltk"] = Field(
        default="spacy", description="Tags by the spaCy pipeline, or by NLTK's perceptron as in CLIMB."
    )
    lowercase: bool = Field(default=False, description="Lower-case the text that is tokenised.")
    drop_punctuation: bool = Field(default=False, description="Tokenise the text without its punctuation.")
    dedup: Literal["none", "exact", "near"] = Field(
        default="none", description="Remove repeated documents and long lines, or near-duplicate documents too."
    )
    cache: bool = Field(
        default=True, description="Keep what the stages gave, so that a later preparation of this text is quicker."
    )
    text_column: str | None = Field(
        default=None, description="Column of rows (jsonl, parquet, data sets) with the text; none: guessed and said."
    )
    source_column: str | None = Field(
        default=None, description="Column of rows that names each row's source; none: a file is one source."
    )
    dedup_threshold: float = Field(
        default=0.8, gt=0, le=1, description="Jaccard similarity from which documents are near-duplicates."
    )
    encoding_errors: Literal["strict", "replace"] = Field(
        default="strict", description="Bytes that are not UTF-8: stop and name the place, or replace and count."
    )
    workers: int = Field(default=0, ge=0, description="Processes; 0: one per core. The result is the same.")
    seed: int = Field(default=0, ge=0, description="Seed of the held-out documents and of the sample corpus.")
    sample_words: int = Field(default=1_000_000, gt=0, description="Words of the embedded sample corpus.")
