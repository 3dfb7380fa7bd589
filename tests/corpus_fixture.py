"""A tiny prepared corpus, written in milliseconds through the published schema: for tests of what reads one.

Its tokens follow a Zipf law, its tags a fixed table with one ambiguous word, its blocks differ in source,
and with pack="lines" in length. Everything is drawn from one seeded generator.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from climb.base.corpus import ARROW_FILE, CorpusManifest, Counts, MetricInfo, PreparedCorpus, block_columns
from climb.base.files import sha256_file
from climb.base.tags import CLIMB_ID_OF_UD, UD_TAGS, UNTAGGED

SPECIALS = ("<s>", "<unk>", "<pad>", "</s>", "<mask>")
BOS, UNK, PAD, EOS, MASK = range(5)
SOURCES = ("child", "spoken", "written")
AMBIGUOUS = 7
"""A token that is tagged NOUN at even and VERB at odd positions."""


def write_corpus(
    folder: Path,
    blocks: int = 240,
    validation: int = 60,
    block_size: int = 16,
    vocab_size: int = 64,
    pack: Literal["blocks", "lines"] = "blocks",
    tagger: str | None = "table 1.0",
    seed: int = 0,
    documents_meet: bool = False,
) -> PreparedCorpus:
    """Write the corpus and open it; metrics: length, rarity (float, few ties), source_spoken (three values).

    With documents_meet a document ends and another begins within about half of the blocks.
    """
    rng = np.random.default_rng(seed)
    splits = {
        name: _draw(rng, size, block_size, vocab_size, pack, tagger is not None)
        for name, size in (("train", blocks), ("validation", validation))
    }
    if documents_meet:
        _join_documents(rng, splits["train"])
    for name, columns in splits.items():
        _write_split(folder / name, columns, block_size, vocab_size)
    counts = _write_lexicon(folder, splits["train"], vocab_size)
    _write_scores(folder, splits["train"], counts)
    _write_sentences(folder, splits["train"])
    _write_tokenizer(folder / "tokenizer", vocab_size)
    _write_manifest(folder, splits, block_size, vocab_size, pack, tagger)
    return PreparedCorpus(folder)


def tag_of(tokens: np.ndarray) -> np.ndarray:
    """Return the UD tag ids of tokens [n, L]: by token id, the ambiguous one by position, specials X."""
    tags = (tokens % len(UD_TAGS)).astype(np.uint8)
    noun, verb = UD_TAGS.index("NOUN"), UD_TAGS.index("VERB")
    by_position = np.where(np.arange(tokens.shape[1]) % 2 == 0, noun, verb)
    tags = np.where(tokens == AMBIGUOUS, by_position, tags)
    return np.where(tokens < len(SPECIALS), UNTAGGED, tags).astype(np.uint8)


def _draw(
    rng: np.random.Generator, size: int, block_size: int, vocab_size: int, pack: str, tagged: bool
) -> dict[str, np.ndarray]:
    words = vocab_size - len(SPECIALS)
    # Frequent words have high ids, so that ranks by count and by id differ.
    weights = 1.0 / np.arange(words, 0, -1)
    tokens = len(SPECIALS) + rng.choice(words, size=(size, block_size), p=weights / weights.sum())
    length = np.full(size, block_size) if pack == "blocks" else rng.integers(3, block_size + 1, size)
    place = np.arange(block_size)[None, :]
    tokens = np.where(place == length[:, None] - 1, EOS, tokens)
    tokens = np.where(place >= length[:, None], PAD, tokens)
    tokens[:, 0] = BOS
    word = tokens >= len(SPECIALS)
    return {
        "input_ids": tokens,
        "upos": tag_of(tokens) if tagged else np.full(tokens.shape, UNTAGGED, dtype=np.uint8),
        "word_start": word,
        "verbatim": np.zeros_like(word),
        "length": length,
        "words": word.sum(axis=1),
        "bytes": word.sum(axis=1) * 4,
        "source": rng.choice(len(SOURCES), size=size, p=[0.5, 0.3, 0.2]),
        "document": np.arange(size) // 4,
    }


def _join_documents(rng: np.random.Generator, columns: dict[str, np.ndarray]) -> None:
    tokens = columns["input_ids"]
    rows = np.flatnonzero(rng.random(len(tokens)) < 0.5)
    places = rng.integers(2, tokens.shape[1] - 3, len(rows))
    tokens[rows, places], tokens[rows, places + 1] = EOS, BOS
    columns["upos"] = tag_of(tokens)
    columns["word_start"] = tokens >= len(SPECIALS)
    columns["words"] = columns["word_start"].sum(axis=1)
    columns["bytes"] = columns["words"] * 4


def _write_split(folder: Path, columns: dict[str, np.ndarray], block_size: int, vocab_size: int) -> None:
    arrays = {}
    for name, (kind, length) in block_columns(block_size, vocab_size).items():
        value_type = pa.bool_() if kind == "bool" else getattr(pa, kind)()
        flat = pa.array(columns[name].ravel(), type=value_type)
        arrays[name] = flat if length is None else pa.FixedSizeListArray.from_arrays(flat, length)
    table = pa.table(arrays)
    folder.mkdir(parents=True)
    with pa.OSFile(str(folder / ARROW_FILE), "wb") as file, pa.ipc.new_stream(file, table.schema) as stream:
        stream.write_table(table, max_chunksize=100)


def _write_lexicon(folder: Path, columns: dict[str, np.ndarray], vocab_size: int) -> np.ndarray:
    tag_counts = np.zeros((vocab_size, 12), dtype=np.int64)
    real = columns["input_ids"] != PAD
    np.add.at(tag_counts, (columns["input_ids"][real], CLIMB_ID_OF_UD[columns["upos"][real]]), 1)
    counts = tag_counts.sum(axis=1)
    table = {
        "text": [*SPECIALS, *(f"w{number}" for number in range(len(SPECIALS), vocab_size))],
        "count": counts,
        "tag_counts": pa.FixedSizeListArray.from_arrays(pa.array(tag_counts.ravel()), 12),
        "aoa": pa.array(np.full(vocab_size, np.nan, dtype=np.float32)),
    }
    pq.write_table(pa.table(table), folder / "lexicon.parquet")
    return counts


def _write_scores(folder: Path, columns: dict[str, np.ndarray], counts: np.ndarray) -> None:
    rarity = -np.log(np.maximum(counts, 1) / counts.sum())[columns["input_ids"]].mean(axis=1)
    scores = {"length": columns["length"], "rarity": rarity, "source_spoken": columns["source"] + 1}
    table = pa.table({name: pa.array(values.astype(np.float32)) for name, values in scores.items()})
    pq.write_table(table, folder / "scores.parquet")


def _write_sentences(folder: Path, columns: dict[str, np.ndarray]) -> None:
    # A sentence is a block without its special tokens.
    table = {
        "document": columns["document"],
        "start": np.ones(len(columns["length"]), dtype=np.int32),
        "end": columns["length"].astype(np.int32) - 1,
        "source": [SOURCES[number] for number in columns["source"]],
        "split": ["train"] * len(columns["length"]),
    }
    pq.write_table(pa.table(table), folder / "sentences.parquet")


def _write_tokenizer(folder: Path, vocab_size: int) -> None:
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    words = {f"w{number}": number for number in range(len(SPECIALS), vocab_size)}
    vocabulary = {token: number for number, token in enumerate(SPECIALS)} | words
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", BOS), ("</s>", EOS)]
    )
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<s>",
        eos_token="</s>",
        unk_token="<unk>",
        pad_token="<pad>",
        mask_token="<mask>",
    ).save_pretrained(folder)


def _counts(columns: dict[str, np.ndarray], source: int) -> Counts:
    here = columns["source"] == source
    return Counts(
        documents=len(np.unique(columns["document"][here])),
        sentences=int(here.sum()),
        words=int(columns["words"][here].sum()),
        bytes=int(columns["bytes"][here].sum()),
        tokens=int(columns["length"][here].sum()),
        blocks=int(here.sum()),
    )


def _write_manifest(
    folder: Path,
    splits: dict[str, dict[str, np.ndarray]],
    block_size: int,
    vocab_size: int,
    pack: Any,
    tagger: str | None,
) -> None:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    names = ("length", "rarity", "source_spoken")
    CorpusManifest(
        name="tiny",
        block_size=block_size,
        vocab_size=vocab_size,
        pack=pack,
        inputs=[],
        sources=list(SOURCES),
        document_rules=dict.fromkeys(SOURCES, "four blocks"),
        counts={
            split: {label: _counts(columns, number) for number, label in enumerate(SOURCES)}
            for split, columns in splits.items()
        },
        overlap={},
        cleaning={},
        removed={},
        metrics={name: MetricInfo(unit="", description=name) for name in names},
        left_out={"depth": "no parser; prepare again with --spacy-model NAME."},
        tagger=tagger,
        supervision_words=0,
        options={},
        versions={},
        files={path.relative_to(folder).as_posix(): sha256_file(path) for path in files},
    ).write(folder / "manifest.json")
