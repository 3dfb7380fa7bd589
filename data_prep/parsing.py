"""Part-of-speech tags and dependencies through the pipeline that climb brings along, or any other of spaCy's.

The sentences of a shard are parsed in batches whose bounds depend on the sentences alone, so that the result does
not depend on the number of workers. Cost: the pipeline's own; climb's takes about 70 µs a word.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from climb.base.errors import UserError
from climb.base.files import sha256_file, sha256_json
from climb.base.tags import RELATION_ID, UD_ID, UNRELATED, UNTAGGED

PARSE_VERSION = 1
"""Raised when the same pipeline and sentences give another `Parse` than before."""
EMBEDDED = Path(__file__).parent / "pipelines" / "en"
"""The English pipeline that climb brings along; its README says how it was trained."""

_BATCH = 256
"""Sentences of a batch."""
_BATCH_CHARACTERS = 200_000
"""Characters of a batch, unless one sentence has more; bounds the memory."""
_UNUSED = [
    "ner",
    "lemmatizer",
    "trainable_lemmatizer",
    "textcat",
    "textcat_multilabel",
    "entity_linker",
    "entity_ruler",
]
_NOT_THE_MODEL = {"README.md", "LICENSE"}

CLEAR_TO_UD = {
    "abbrev": "appos", "acomp": "xcomp", "agent": "case", "attr": "xcomp", "auxpass": "aux", "complm": "mark",
    "csubjpass": "csubj", "dative": "iobj", "dobj": "obj", "hmod": "compound", "hyph": "punct", "infmod": "acl",
    "intj": "discourse", "neg": "advmod", "nn": "compound", "nounmod": "nmod", "npadvmod": "obl", "npmod": "obl",
    "nsubjpass": "nsubj", "num": "nummod", "number": "nummod", "oprd": "xcomp", "partmod": "acl", "pcomp": "advcl",
    "pobj": "obl", "poss": "nmod", "possessive": "case", "preconj": "cc", "predet": "det", "prep": "case",
    "prt": "compound", "quantmod": "advmod", "rcmod": "acl", "relcl": "acl",
}  # fmt: skip
"""CLEAR labels (ClearNLP; spaCy's own English pipelines) and the universal relations that say the same of the word.
The trees differ more than the labels: there a preposition is the head of its noun and a copula of its predicate."""


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
    relations: npt.NDArray[np.uint8]
    """Relations to the heads, positions in `climb.base.tags.UD_RELATIONS` [P]."""
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
def load_pipeline(name: str | None = None) -> Any:
    """Load a spaCy pipeline by package name or folder; None: the one that climb brings along.

    Raises:
        UserError: the pipeline is not installed or cannot be read.
    """
    import spacy

    try:
        nlp = spacy.load(EMBEDDED if name is None else name, exclude=_UNUSED)
    except (OSError, ValueError) as error:
        reason = str(error).strip().split("\n")[0].split(". ")[0]
        raise UserError(
            f"--spacy-model {name or EMBEDDED} cannot be loaded ({reason}): give the folder of a spaCy pipeline, or "
            "install its package."
        ) from None
    nlp.max_length = 2**31
    return nlp


def inspect_pipeline(name: str | None = None) -> Pipeline:
    """Load a pipeline and try it on a sentence; None: the one that climb brings along.

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
    folder = EMBEDDED if name is None else Path(name)
    about.append(_folder_digest(folder) if folder.is_dir() else None)
    return Pipeline(
        name=f"{meta['lang']}_{meta['name']} {meta['version']}",
        fingerprint=sha256_json(about),
        tags=tags,
        parses=parses,
        supervision_words=int(meta.get("training_words", 0) or 0),
    )


def _folder_digest(folder: Path) -> str:
    """Return a checksum over the names and the content of a pipeline's files."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name not in _NOT_THE_MODEL)
    return sha256_json([[path.relative_to(folder).as_posix(), sha256_file(path)] for path in files])


def parse_sentences(nlp: Any, sentences: Sequence[str]) -> Parse:
    """Tag and parse sentences.

    Args:
        nlp: a spaCy pipeline.
        sentences: the texts.
    """
    pieces: list[int] = []
    rows: list[npt.NDArray[np.uint64]] = []
    # The words of these sentences are forgotten at the end; else the vocabulary grows with the corpus.
    with nlp.memory_zone():
        for batch in _batches(sentences):
            for doc in nlp.pipe(batch, batch_size=len(batch)):
                rows.append(doc.to_array(["IDX", "LENGTH", "POS", "HEAD", "DEP"]).reshape(-1, 5))
                pieces.append(len(doc))
        facts = np.concatenate(rows) if rows else np.zeros((0, 5), dtype=np.uint64)
        relations = _relations(nlp, facts[:, 4])
    numbers = facts.view(np.int64)
    return Parse(
        starts=numbers[:, 0],
        ends=numbers[:, 0] + numbers[:, 1],
        tags=_tag_table()[numbers[:, 2]],
        heads=numbers[:, 3].astype(np.int32),
        relations=relations,
        pieces=np.array(pieces, dtype=np.int64),
    )


def _batches(sentences: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield runs of sentences of at most so many sentences and characters."""
    first = characters = 0
    for number, sentence in enumerate(sentences):
        if number > first and (number - first >= _BATCH or characters + len(sentence) > _BATCH_CHARACTERS):
            yield sentences[first:number]
            first, characters = number, 0
        characters += len(sentence)
    if first < len(sentences):
        yield sentences[first:]


def _relations(nlp: Any, labels: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint8]:
    """Return relation ids [P] of spaCy's label numbers [P]."""
    known, of_known = np.unique(labels, return_inverse=True)
    ids = [relation_id(nlp.vocab.strings[int(number)]) for number in known]
    return np.array(ids, dtype=np.uint8)[of_known.reshape(-1)]


def relation_id(label: str) -> int:
    """Return the universal relation of a label: subtypes are cut, CLEAR labels mapped, others are "dep"."""
    relation = label.lower().partition(":")[0]
    return RELATION_ID.get(CLEAR_TO_UD.get(relation, relation), UNRELATED)


@lru_cache(maxsize=1)
def _tag_table() -> npt.NDArray[np.uint8]:
    """Return UD tag ids by spaCy's part-of-speech numbers; what UD does not know is X."""
    from spacy.parts_of_speech import IDS

    table = np.full(max(IDS.values()) + 1, UNTAGGED, dtype=np.uint8)
    for name, number in IDS.items():
        table[number] = UD_ID.get("CCONJ" if name == "CONJ" else name, UNTAGGED)
    return table
