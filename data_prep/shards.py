"""Shards: fixed pieces of about a megabyte of cleaned text, whatever the number of workers.

The text of a shard lies in `clean/<source>-<shard>.txt`: a line per line, a blank line after each document
(cleaned lines are never blank). Everything computed from it lies in arrays of one `.npz` file per stage. The checksum
of each file is noted beside it (`checksums`).
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt
from pydantic import Field

from climb.base.corpus import Removed
from climb.base.errors import UserError
from climb.base.files import atomic_file, read_json
from climb.base.schema import Strict
from climb.data_prep import checksums

Arrays = dict[str, npt.NDArray[Any]]

_KIND = "|"
"""Parts the name of a stored array from the type it had."""

TextStage = Literal["clean", "dedup"]


class CleanedSource(Strict):
    """What the cleaning of a source gave; written when all its shards are there."""

    documents: list[int]
    """Documents per shard."""
    held_out: int
    """How many documents at the end come from validation files."""
    rules: dict[str, dict[str, int]]
    document_rule: str
    examples: dict[str, list[list[str]]] = Field(default={})
    """rule → the first lines it changed, as [before, after]."""
    removed: dict[str, Removed] = Field(default={})
    """Kind of repetition → what was removed of it; empty before and without deduplication."""


@dataclass(frozen=True)
class ShardId:
    """One shard: its source, its number in the source, and the number of its first document in the corpus."""

    source: int
    number: int
    first_document: int
    documents: int

    @property
    def name(self) -> str:
        """The stem of the shard's files."""
        return f"{self.source:03d}-{self.number:06d}"


class WorkFolder:
    """The files of a preparation under way.

    Args:
        folder: the working folder, with the plan and the parts of the corpus.
        stages: the folders of the stages' results; `folder/<stage>` for a stage that is not named.
        text_stage: the stage that wrote the text that later stages read.
    """

    def __init__(
        self, folder: Path, stages: Mapping[str, Path] | None = None, text_stage: TextStage = "clean"
    ) -> None:
        self.folder = folder
        self._stages = stages or {}
        self._text_stage: TextStage = text_stage

    def stage(self, name: str) -> Path:
        """The folder of a stage's results."""
        return self._stages.get(name, self.folder / name)

    def at(self, text_stage: TextStage) -> WorkFolder:
        """Return the same files, but with the text as another stage left it."""
        return WorkFolder(self.folder, self._stages, text_stage)

    def text(self, source: int, number: int) -> Path:
        """The cleaned text of a shard."""
        return self.stage(self._text_stage) / f"{source:03d}-{number:06d}.txt"

    def cleaned(self, source: int) -> Path:
        """The summary of a cleaned source."""
        return self.stage(self._text_stage) / f"{source:03d}.json"

    def arrays(self, stage: Literal["parse", "encode", "score", "trigrams", "blocks"], name: str) -> Path:
        """The arrays of a shard or of a run of blocks."""
        return self.stage(stage) / f"{name}.npz"

    def table(self, name: str) -> Path:
        """A table over the whole corpus, `.npy`."""
        return self.stage("tables") / f"{name}.npy"

    @property
    def tokenizer(self) -> Path:
        """The tokenizer's folder."""
        return self.stage("tokenizer")

    @property
    def corpus(self) -> Path:
        """The finished parts of the corpus, moved into place at the end."""
        return self.folder / "corpus"

    def shard_ids(self, sources: int) -> list[ShardId]:
        """Return all shards in order; every source must have been cleaned."""
        found: list[ShardId] = []
        first = 0
        for source in range(sources):
            for number, documents in enumerate(self.summary(source).documents):
                found.append(ShardId(source, number, first, documents))
                first += documents
        return found

    def summary(self, source: int) -> CleanedSource:
        """Return what the cleaning of a source gave."""
        return CleanedSource.model_validate(read_json(self.cleaned(source)))

    def has_text(self, source: int) -> bool:
        """Return whether a source is cleaned and all its text is there.

        Raises:
            UserError: a file is damaged.
        """
        if not checksums.all_whole([self.cleaned(source)]):
            return False
        shards = len(self.summary(source).documents)
        return checksums.all_whole(self.text(source, number) for number in range(shards))

    def has_tables(self, *names: str) -> bool:
        """Return whether tables over the whole corpus are there.

        Raises:
            UserError: one is damaged.
        """
        return checksums.all_whole(self.table(name) for name in names)

    def documents(self, source: int, number: int) -> Iterator[list[str]]:
        """Yield the documents of a shard as lists of lines."""
        lines: list[str] = []
        with open(self.text(source, number), encoding="utf-8", newline="\n") as file:
            for line in file:
                if line != "\n":
                    lines.append(line[:-1])
                else:
                    yield lines
                    lines = []


def write_text_shards(
    work: WorkFolder, source: int, documents: Iterable[list[str]], shard_characters: int
) -> list[int]:
    """Write the documents of a source into shards; return the number of documents of each."""
    counts: list[int] = []
    stream = iter(documents)
    held = next(stream, None)
    while held is not None:
        path = work.text(source, len(counts))
        with atomic_file(path) as file:
            size = count = 0
            while held is not None and size < shard_characters:
                file.write("\n".join(held) + "\n\n")
                size += sum(map(len, held))
                count += 1
                held = next(stream, None)
            checksums.note(path, file)
        counts.append(count)
    return counts


def write_arrays(path: Path, arrays: Arrays) -> None:
    """Write arrays atomically; integers take as few bytes as their values need, and come back as they were."""
    packed = {f"{name}{_KIND}{values.dtype.str}": _narrowed(values) for name, values in arrays.items()}
    with atomic_file(path, "wb") as file:
        np.savez(file, **packed)  # type: ignore[arg-type]
        checksums.note(path, file)


def read_arrays(path: Path) -> Arrays:
    """Read all arrays of a file.

    Raises:
        UserError: the file is damaged.
    """
    with _stored(path) as stored:
        parts = {name: name.split(_KIND, 1) for name in stored.files}
        return {name: stored[key].astype(kind, copy=False) for key, (name, kind) in parts.items()}


def array_names(path: Path) -> set[str]:
    """Return the names of the arrays in a file, reading none of them; none when there is no file.

    Raises:
        UserError: the file is damaged.
    """
    if not path.is_file():
        return set()
    with _stored(path) as stored:
        return {key.split(_KIND, 1)[0] for key in stored.files}


@contextmanager
def _stored(path: Path) -> Iterator[Any]:
    """Open a file of arrays; the disk or a copy may have damaged one that was whole when written."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            yield stored
    except (BadZipFile, EOFError, ValueError, zlib.error) as error:
        raise UserError(f"{path} is damaged ({error}): remove it and run the same command again.") from error


def _narrowed(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return integers in the smallest type that holds them all."""
    if values.dtype.kind not in "iu" or not values.size:
        return values
    return values.astype(np.result_type(np.min_scalar_type(values.min()), np.min_scalar_type(values.max())))


def write_table(path: Path, values: npt.NDArray[Any]) -> None:
    """Write one array atomically, so that workers can map it."""
    with atomic_file(path, "wb") as file:
        np.save(file, values)
        checksums.note(path, file)


def write_summary(work: WorkFolder, source: int, summary: CleanedSource) -> None:
    """Write what the cleaning of a source gave."""
    path = work.cleaned(source)
    with atomic_file(path) as file:
        file.write(json.dumps(summary.model_dump(), indent=2, ensure_ascii=False) + "\n")
        checksums.note(path, file)
