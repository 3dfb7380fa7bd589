from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from climb.base.corpus import Blocks
from climb.data_prep.blocks.writing import write_blocks, write_lexicon, write_scores


def columns(rows: int, size: int, start: int) -> dict[str, np.ndarray]:
    return {
        "input_ids": np.arange(start, start + rows * size).reshape(rows, size).astype(np.uint32),
        "upos": np.full((rows, size), 16, dtype=np.uint8),
        "word_start": (np.arange(rows * size) % 3 == 0).reshape(rows, size),
        "verbatim": (np.arange(rows * size) % 5 == 0).reshape(rows, size),
        "length": np.full(rows, size, dtype=np.int32),
        "words": np.full(rows, 2, dtype=np.int32),
        "bytes": np.full(rows, 9, dtype=np.int32),
        "source": np.zeros(rows, dtype=np.int64),
        "document": np.arange(rows) + (1 << 40),
    }


def test_wide_vocabularies_and_many_batches_read_back(tmp_path: Path):
    batches = [columns(3, 4, 70_000), columns(0, 4, 0), columns(5, 4, 80_000)]
    write_blocks(tmp_path / "train", iter(batches), 4, 100_000, ["a"])
    blocks = Blocks(tmp_path / "train", 4, 100_000)
    assert len(blocks) == 8
    assert blocks.tokens([7, 0]).tolist() == [[80_016, 80_017, 80_018, 80_019], [70_000, 70_001, 70_002, 70_003]]
    assert blocks.word_start([0])[0].tolist() == [True, False, False, True]
    assert blocks.verbatim([1])[0].tolist() == [False, True, False, False]
    assert blocks.document.max() == (1 << 40) + 4


def test_a_score_that_is_not_finite_is_a_mistake_of_the_metric(tmp_path: Path):
    with pytest.raises(ValueError, match="metric m gave"):
        write_scores(tmp_path / "scores.parquet", {"m": np.array([1.0, np.nan], dtype=np.float32)})
    assert not (tmp_path / "scores.parquet").exists()


def test_parquet_bytes_depend_on_the_content_alone(tmp_path: Path):
    for name in ("a", "b"):
        tags = np.zeros((3, 12), dtype=np.int64)
        write_lexicon(tmp_path / f"{name}.parquet", ["x", "y", "\ufffd"], np.array([1, 2, 3]), tags)
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()
    assert pq.read_table(tmp_path / "a.parquet").column("aoa").null_count == 3
