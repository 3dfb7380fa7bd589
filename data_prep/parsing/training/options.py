"""The options of `climb parser train`: one typed definition behind command line, YAML and Python."""

from __future__ import annotations

from pydantic import Field

from climb.base.schema import Strict


class ParserConfig(Strict):
    """What to train on, and how. The defaults are the recipe of the pipeline that climb brings along."""

    files: list[str] = Field(default=[], description="Treebank files in CoNLL-U to learn from.")
    out: str | None = Field(default=None, description="Folder of the trained pipeline; default pipelines/<lang>.")
    lang: str = Field(default="en", description="Code of the language whose tokenizer spaCy takes, such as en or sw.")
    dev: list[str] = Field(
        default=[], description="Treebank files to score on; the best state by these is kept. None: the last state."
    )
    weights: list[float] = Field(
        default=[], description="How often a word of each file is seen, relative to the others; none: all alike."
    )
    width: int = Field(default=96, ge=8, le=1024, description="Width of the word vectors.")
    depth: int = Field(default=4, ge=1, le=16, description="Convolutions; each sees one more word on either side.")
    rows: list[int] = Field(
        default=[8000, 300, 4000, 1000],
        min_length=4,
        max_length=4,
        description="Rows of the hashed tables of words, first letters, last three letters and shapes.",
    )
    steps: int = Field(default=8000, gt=0, description="Updates.")
    batch_words: int = Field(default=1000, gt=0, description="Words of an update, reached after a quarter of them.")
    learning_rate: float = Field(default=0.002, gt=0, description="Highest learning rate; decays to 0.")
    warmup: float = Field(default=0.05, ge=0, lt=1, description="Share of the steps in which the rate rises.")
    dropout: float = Field(default=0.15, ge=0, lt=1, description="Share of the activations left out of an update.")
    weight_decay: float = Field(default=0.01, ge=0, description="Share of its weight that Adam takes off, per rate.")
    lowercase: float = Field(default=0.2, ge=0, le=1, description="Share of the sentences learnt in lower case.")
    typographic: float = Field(default=0.1, ge=0, le=1, description="Share learnt with curly quotes and dashes.")
    joined: float = Field(default=0.1, ge=0, le=1, description="Share followed by another sentence, to learn ends.")
    eval_every: int = Field(default=500, gt=0, description="Steps between scores; the state is saved as often.")
    license: str = Field(default="that of the treebanks", description="Licence that meta.json names.")
    seed: int = Field(default=0, ge=0, description="Seed of weights, batches and dropout.")
