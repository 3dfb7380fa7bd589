"""Part-of-speech tags and dependency heads through any spaCy pipeline.

The pipeline runs over the sentences of a shard in batches of a fixed size, so that the result does not depend
on the number of workers. Cost: the pipeline's own, typically 5,000 to 15,000 words a second and core.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from climb.base.errors import UserError
from climb.base.files import sha256_json
from climb.base.tags import UD_ID, UNTAGGED

_BATCH = 256
_UNUSED = ["ner", "lemmatizer", "textcat", "textcat_multilabel", "entity_linker", "entity_ruler"]


@dataclass(frozen=True)
class Parse:
    """The parsed sentences of a shard; P pieces over all sentences."""

    starts: npt.NDArray[np.int64]
    """First character of each piece in its sentence [P]."""
    ends: npt.NDArray[np.int64]
    """One past its last [P]."""
    tags: npt.NDArray[np.uint8]
    """UD tag ids [P]."""
    heads: npt.NDArray[np.int32]
    """Position of the head minus own position, 0 at a root [P]."""
    pieces: npt.NDArray[np.int64]
    """Pieces per sentence [S]."""


@dataclass(frozen=True)
class Pipeline:
    """What a spaCy pipeline is and gives."""

    name: str
    fingerprint: str
    tags: bool
    parses: bool
    supervision_words: int


@lru_cache(maxsize=1)
def load_pipeline(name: str) -> Any:
    """Load a spaCy pipeline by package name or folder.

    Raises:
        UserError: spaCy or the pipeline is not installed, or cannot be read.
    """
    try:
        import spacy
    except ImportError:
        raise UserError("--spacy-model needs spaCy: install it with `pip install 'climb-lm[parse]'`.") from None
    try:
        return spacy.load(name, exclude=_UNUSED)
    except (OSError, ValueError) as error:
        reason = str(error).strip().split("\n")[0].split(". ")[0]
        raise UserError(
            f"--spacy-model {name} cannot be loaded ({reason}): give the folder of a spaCy pipeline, or install "
            f"its package."
        ) from None


def inspect_pipeline(name: str) -> Pipeline:
    """Load a pipeline and try it on a sentence.

    Raises:
        UserError: it cannot be loaded, or gives neither part-of-speech tags nor dependencies.
    """
    nlp = load_pipeline(name)
    probe = nlp("The dog sees a cat.")
    tags, parses = probe.has_annotation("POS"), probe.has_annotation("DEP")
    if not tags and not parses:
        raise UserError(f"--spacy-model {name} gives neither tags nor dependencies: give a pipeline that does.")
    meta = nlp.meta
    about = [meta.get(key) for key in ("lang", "name", "version", "vectors", "components", "performance")]
    about.append(_folder_digest(Path(name)) if Path(name).is_dir() else None)
    return Pipeline(
        name=f"{meta['lang']}_{meta['name']} {meta['version']}",
        fingerprint=sha256_json(about),
        tags=tags,
        parses=parses,
        supervision_words=int(meta.get("training_words", 0) or 0),
    )


def _folder_digest(folder: Path) -> str:
    """Return a checksum over the names and the content of a pipeline's files."""
    from climb.base.files import sha256_file

    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return sha256_json([[path.relative_to(folder).as_posix(), sha256_file(path)] for path in files])


def parse_sentences(nlp: Any, sentences: Sequence[str]) -> Parse:
    """Tag and parse sentences.

    Args:
        nlp: a spaCy pipeline.
        sentences: the texts.
    """
    table = _tag_table()
    pieces: list[int] = []
    rows: list[npt.NDArray[np.int64]] = []
    for doc in nlp.pipe(sentences, batch_size=_BATCH):
        rows.append(doc.to_array(["IDX", "LENGTH", "POS", "HEAD"]).view(np.int64).reshape(-1, 4))
        pieces.append(len(doc))
    facts = np.concatenate(rows) if rows else np.zeros((0, 4), dtype=np.int64)
    return Parse(
        starts=facts[:, 0],
        ends=facts[:, 0] + facts[:, 1],
        tags=table[facts[:, 2]],
        heads=facts[:, 3].astype(np.int32),
        pieces=np.array(pieces, dtype=np.int64),
    )


@lru_cache(maxsize=1)
def _tag_table() -> npt.NDArray[np.uint8]:
    """Return UD tag ids by spaCy's part-of-speech numbers; what UD does not know is X."""
    from spacy.parts_of_speech import IDS

    table = np.full(max(IDS.values()) + 1, UNTAGGED, dtype=np.uint8)
    for name, number in IDS.items():
        table[number] = UD_ID.get("CCONJ" if name == "CONJ" else name, UNTAGGED)
    return table
