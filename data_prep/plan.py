"""The plan of a preparation: what every stage and every worker process must know, in one small file.

The plan lies in the hidden working folder `.work/<key>/` of the corpus; the key is the checksum of inputs and
options, so that a later call goes on exactly where the same preparation was stopped, and nowhere else.
The only paths to anybody's folders stand here, and the working folder is removed at the end.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from climb.base.corpus import InputFile
from climb.base.files import sha256_json
from climb.base.schema import Manifest, Strict
from climb.data_prep.options import PrepConfig
from climb.data_prep.sources import Source

STAGES_VERSION = 2
"""Raised when a stage's result changes, so that results of older code are not mixed in."""

SHARD_CHARACTERS = 1_000_000
"""A shard of text is closed by the document that passes this size."""

RUN_TOKENS = 1 << 20
"""Tokens in a run of blocks."""


class PlannedSource(Strict):
    """A source and the absolute paths of its files with their splits."""

    label: str
    files: list[tuple[str, str]]


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

    def source(self, number: int) -> Source:
        """Return a source by its number."""
        planned = self.sources[number]
        return Source(planned.label, tuple((Path(path), split) for path, split in planned.files))

    @property
    def labels(self) -> list[str]:
        """The source labels, in order."""
        return [source.label for source in self.sources]


def plan_key(inputs: list[InputFile], options: dict[str, Any], versions: dict[str, str]) -> str:
    """Return the checksum that names a preparation."""
    parts = [STAGES_VERSION, SHARD_CHARACTERS, RUN_TOKENS, [file.model_dump() for file in inputs], options, versions]
    return sha256_json(parts)[:16]
