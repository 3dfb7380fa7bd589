"""The files of a prepared corpus: Arrow folders that `datasets` opens, and parquet tables.

`datasets` itself is not needed to write them, and would put a random fingerprint into state.json; ours is the
checksum of the content. Nothing written here knows the time, the machine or a path.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from climb.base.corpus import ARROW_FILE, block_columns
from climb.base.files import atomic_file, atomic_folder, sha256_file, write_json
from climb.base.tags import CLIMB_TAGS
from climb.data_prep.shards import Arrays

_FIXED = {"version": "2.6", "compression": "zstd", "store_schema": False}
"""Parquet settings that make the bytes a function of the content (for one version of pyarrow)."""


def write_blocks(
    folder: Path, batches: Iterable[Arrays], block_size: int, vocab_size: int, labels: Sequence[str]
) -> None:
    """Write the blocks of a split as a folder for `datasets.load_from_disk`; it appears whole.

    Args:
        folder: `train` or `validation`.
        batches: columns of some blocks at a time, see `BlockBuilder.blocks`.
        block_size: tokens per block.
        vocab_size: decides between uint16 and uint32 ids.
        labels: source labels, the class names of the column `source`.
    """
    columns = block_columns(block_size, vocab_size)
    kinds = {name: getattr(pa, "bool_" if kind == "bool" else kind)() for name, (kind, _) in columns.items()}
    fields = {name: pa.list_(kinds[name], length) if length else kinds[name] for name, (_, length) in columns.items()}
    schema = pa.schema(list(fields.items()))
    with atomic_folder(folder) as partial:
        with open(partial / ARROW_FILE, "wb") as file, pa.ipc.new_stream(file, schema) as writer:
            for batch in batches:
                arrays = [_column(batch[name], kinds[name], length) for name, (_, length) in columns.items()]
                writer.write_batch(pa.record_batch(arrays, schema=schema))
        write_json(partial / "dataset_info.json", _dataset_info(columns, labels))
        write_json(partial / "state.json", _state(sha256_file(partial / ARROW_FILE)[:16], folder.name))


def _column(values: npt.NDArray[Any], kind: pa.DataType, length: int | None) -> pa.Array:
    """Return an Arrow array of a column, one fixed-size list per row where it has a length."""
    flat = pa.array(values.reshape(-1), type=kind)
    return pa.FixedSizeListArray.from_arrays(flat, length) if length else flat


def _dataset_info(columns: dict[str, tuple[str, int | None]], labels: Sequence[str]) -> dict[str, Any]:
    """Return the description that `datasets` reads."""
    features: dict[str, Any] = {}
    for name, (kind, length) in columns.items():
        value: dict[str, Any] = {"dtype": kind, "_type": "Value"}
        features[name] = {"feature": value, "length": length, "_type": "List"} if length else value
    features["source"] = {"names": list(labels), "_type": "ClassLabel"}
    return {"citation": "", "description": "", "features": features, "homepage": "", "license": ""}


def _state(fingerprint: str, split: str) -> dict[str, Any]:
    """Return the state that `datasets` reads."""
    return {
        "_data_files": [{"filename": ARROW_FILE}],
        "_fingerprint": fingerprint,
        "_format_columns": None,
        "_format_kwargs": {},
        "_format_type": None,
        "_output_all_columns": False,
        "_split": split,
    }


def write_sentences(path: Path, batches: Iterator[Arrays], metrics: Sequence[str]) -> None:
    """Write sentences.parquet, a row group per batch.

    Args:
        path: the file.
        batches: `document`, `start`, `end` (tokens of the document, special tokens counted), `source` and
            `split` as strings, and every metric [S].
        metrics: the metrics' names.
    """
    schema = pa.schema(
        [
            ("document", pa.int64()),
            ("start", pa.int32()),
            ("end", pa.int32()),
            ("source", pa.string()),
            ("split", pa.string()),
            *((name, pa.float32()) for name in metrics),
        ]
    )
    with atomic_file(path, "wb") as file, pq.ParquetWriter(file, schema, **_FIXED) as writer:
        for batch in batches:
            writer.write_table(pa.table({field.name: pa.array(batch[field.name], field.type) for field in schema}))


def write_scores(path: Path, scores: Arrays) -> None:
    """Write scores.parquet: a row per training block, a float32 column per metric, all finite.

    Raises:
        ValueError: a score is not finite (a mistake in a metric).
    """
    for name, values in scores.items():
        if not np.isfinite(values).all():
            raise ValueError(f"the metric {name} gave a block a score that is not finite")
    _write_table(path, pa.table({name: pa.array(values, pa.float32()) for name, values in scores.items()}))


def write_lexicon(
    path: Path,
    texts: Sequence[str],
    counts: npt.NDArray[np.int64],
    tag_counts: npt.NDArray[np.int64],
    aoa: npt.NDArray[np.float32] | None = None,
) -> None:
    """Write lexicon.parquet: a row per token id.

    Args:
        path: the file.
        texts: what each token stands for [V].
        counts: its occurrences in the training blocks [V].
        tag_counts: the same per CLIMB tag [V, 12].
        aoa: age of acquisition in years, NaN where unknown [V]; None: unknown for all.
    """
    tags = pa.FixedSizeListArray.from_arrays(pa.array(tag_counts.reshape(-1), pa.int64()), len(CLIMB_TAGS))
    columns = {
        "text": pa.array(texts, pa.string()),
        "count": pa.array(counts, pa.int64()),
        "tag_counts": tags,
        "aoa": pa.nulls(len(counts), pa.float32()) if aoa is None else pa.array(aoa, pa.float32(), from_pandas=True),
    }
    _write_table(path, pa.table(columns))


def _write_table(path: Path, table: pa.Table) -> None:
    """Write a parquet file atomically."""
    with atomic_file(path, "wb") as file:
        pq.write_table(table, file, **_FIXED)
