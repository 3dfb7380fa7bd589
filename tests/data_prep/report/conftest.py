"""Prepared corpora of any shape, written in milliseconds through the writers of the room."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from climb.base.corpus import CorpusManifest, Counts, InputFile, MetricInfo, Overlap, Removed
from climb.base.files import sha256_file
from climb.base.tags import UD_TAGS, UNTAGGED
from climb.data_prep.blocks.writing import write_blocks, write_lexicon, write_scores, write_sentences
from tests.corpus_fixture import BOS, EOS, PAD, SPECIALS, _write_tokenizer

Build = Callable[..., Path]


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """Return a function that writes a corpus with some shape into a folder of its own."""
    number = iter(range(100))
    return lambda **shape: write_shape(tmp_path / f"corpus{next(number)}", **shape)


def write_shape(
    folder: Path,
    labels: list[str] | None = None,
    metrics: dict[str, Any] | None = None,
    blocks: int = 60,
    validation: int = 12,
    block_size: int = 16,
    vocab_size: int = 64,
    tagger: str | None = "table 1.0",
    words: list[str] | None = None,
    **manifest: Any,
) -> Path:
    """Write a corpus whose tokens are whole words.

    Args:
        folder: where.
        labels: the sources; the blocks go round.
        metrics: name → scores [blocks], or a number for all of them.
        blocks: training blocks.
        validation: held-out blocks.
        block_size: tokens of each.
        vocab_size: tokens of the vocabulary.
        tagger: None: every tag is X.
        words: spellings of the first tokens that are not special.
        manifest: fields of the manifest that shall differ.
    """
    labels = ["child", "spoken"] if labels is None else labels
    metrics = {"length": np.arange(blocks)} if metrics is None else metrics
    rng = np.random.default_rng(0)
    splits = {
        "train": _columns(rng, blocks, block_size, vocab_size, len(labels), tagger),
        "validation": _columns(rng, validation, block_size, vocab_size, len(labels), tagger),
    }
    for name, columns in splits.items():
        write_blocks(folder / name, [columns] if len(columns["length"]) else [], block_size, vocab_size, labels)
    texts = [*SPECIALS, *(f"w{token}" for token in range(len(SPECIALS), vocab_size))]
    _write_tokenizer(folder / "tokenizer", vocab_size)
    if words:
        texts[len(SPECIALS) : len(SPECIALS) + len(words)] = words
        _respell(folder / "tokenizer" / "tokenizer.json", words)
    ids = splits["train"]["input_ids"]
    counts = np.bincount(ids[ids != PAD], minlength=vocab_size)
    write_lexicon(folder / "lexicon.parquet", texts, counts, np.eye(12, dtype=np.int64)[np.zeros(vocab_size, int)])
    write_scores(folder / "scores.parquet", {name: np.zeros(blocks) + values for name, values in metrics.items()})
    write_sentences(folder / "sentences.parquet", iter([_sentences(splits["train"], labels)]), [])
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    fields: dict[str, Any] = {
        "name": "tiny",
        "block_size": block_size,
        "vocab_size": vocab_size,
        "pack": "blocks",
        "inputs": [InputFile(name=f"{label}.txt", source=label, bytes=9_000, sha256="0" * 64) for label in labels],
        "sources": labels,
        "document_rules": dict.fromkeys(labels, "two blocks"),
        "counts": {split: _counts(columns, labels) for split, columns in splits.items()},
        "overlap": {label: Overlap(lines=40, verbatim=3) for label in labels},
        "cleaning": {label: {"spaces": {"lines": 7, "bytes": 1_234}} for label in labels},
        "removed": {label: {"repeated lines": Removed(lines=5, words=77, bytes=321)} for label in labels},
        "metrics": {name: MetricInfo(unit="words", description=f"the {name}") for name in metrics},
        "left_out": {"depth": "no parser"},
        "tagger": tagger,
        "supervision_words": 0,
        "options": {"block_size": block_size, "validation": 0.05},
        "versions": {"climb-lm": "0.1.0"},
        "files": {path.relative_to(folder).as_posix(): sha256_file(path) for path in files},
    }
    CorpusManifest(**(fields | manifest)).write(folder / "manifest.json")
    return folder


def _columns(
    rng: np.random.Generator, size: int, block_size: int, vocab_size: int, labels: int, tagger: str | None
) -> dict[str, Any]:
    ids = rng.integers(len(SPECIALS), vocab_size, (size, block_size))
    ids[:, 0], ids[:, -1] = BOS, EOS
    starts = ids >= len(SPECIALS)
    tags = ids % len(UD_TAGS) if tagger else np.full(ids.shape, UNTAGGED)
    return {
        "input_ids": ids,
        "upos": np.where(starts, tags, UNTAGGED).astype(np.uint8),
        "word_start": starts,
        "verbatim": np.zeros_like(starts),
        "length": np.full(size, block_size),
        "words": starts.sum(axis=1),
        "bytes": starts.sum(axis=1) * 4,
        "source": np.arange(size) % labels,
        "document": np.arange(size) // 2,
    }


def _sentences(columns: dict[str, Any], labels: list[str]) -> dict[str, Any]:
    size = len(columns["length"])
    return {
        "document": columns["document"],
        "start": np.ones(size),
        "end": columns["length"] - 1,
        "source": [labels[number] for number in columns["source"]],
        "split": ["train"] * size,
    }


def _counts(columns: dict[str, Any], labels: list[str]) -> dict[str, Counts]:
    counts = {}
    for number, label in enumerate(labels):
        here = columns["source"] == number
        if here.any():
            words, tokens = int(columns["words"][here].sum()), int(columns["length"][here].sum())
            documents = len(np.unique(columns["document"][here]))
            counts[label] = Counts(
                documents=documents, sentences=int(here.sum()), words=words, bytes=4 * words, tokens=tokens,
                blocks=int(here.sum()),
            )  # fmt: skip
    return counts


def _respell(path: Path, words: list[str]) -> None:
    """Give the first tokens that are not special other spellings."""
    tokenizer = json.loads(path.read_text(encoding="utf-8"))
    vocabulary = {token: number for number, token in enumerate(words, start=len(SPECIALS))}
    kept = {
        token: number for token, number in tokenizer["model"]["vocab"].items() if number not in vocabulary.values()
    }
    tokenizer["model"]["vocab"] = kept | vocabulary
    path.write_text(json.dumps(tokenizer), encoding="utf-8")
