"""The plan of a preparation: what every stage and every worker process must know, in one small file.

The plan lies in the hidden working folder `.work/<key>/` of the corpus; the key is the checksum of inputs and
options, so that a later call goes on exactly where the same preparation was stopped, and nowhere else. What the
stages give lies elsewhere, keyed by what it depends on (`staging`). The only paths to anybody's folders stand
here, and the working folder is removed at the end.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from climb.base.corpus import InputFile
from climb.base.schema import Manifest, Strict
from climb.data_prep.options import PrepConfig
from climb.data_prep.shards import WorkFolder
from climb.data_prep.sources.source import Source, TextInput

SHARD_CHARACTERS = 1_000_000
"""A shard of text is closed by the document that passes this size."""

RUN_TOKENS = 1 << 20
"""Tokens in a run of blocks."""


class PlannedSource(Strict):
    """A source and its texts."""

    label: str
    files: list[TextInput]


class Plan(Manifest):
    """`plan.json` of a working folder."""

    name: str
    sources: list[PlannedSource]
    inputs: list[InputFile]
    config: PrepConfig
    options: dict[str, Any]
    """The options that decide the result, as they go into the manifest: no folder, no number of workers."""
    tagger: str | None = None
    has_dependencies: bool = False
    supervision_words: int = 0
    shard_characters: int
    run_tokens: int
    """Tokens in a run of blocks."""
    key: str
    cache: str
    """Folder of the stages' results, absolute."""
    stage_keys: dict[str, str]

    def work(self, folder: Path) -> WorkFolder:
        """Return the files of this preparation, its working folder being `folder`."""
        stages = {stage: Path(self.cache) / f"{stage}-{key}" for stage, key in self.stage_keys.items()}
        return WorkFolder(folder, stages, "clean" if self.config.dedup == "none" else "dedup")

    def source(self, number: int) -> Source:
        """Return a source by its number."""
        planned = self.sources[number]
        return Source(planned.label, tuple(planned.files))

    @property
    def has_pieces(self) -> bool:
        """Whether the text is cut into pieces with tags or heads."""
        return self.tagger is not None or self.has_dependencies

    @property
    def labels(self) -> list[str]:
        """The source labels, in order."""
        return [source.label for source in self.sources]


def text_facts(inputs: list[InputFile], versions: dict[str, str]) -> list[Any]:
    """Return what identifies the text, how it is cut into shards, and the code that works on it."""
    return [SHARD_CHARACTERS, RUN_TOKENS, [file.model_dump() for file in inputs], versions]
