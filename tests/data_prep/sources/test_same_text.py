"""One text in every format gives one corpus."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datasets import Dataset, DatasetDict

from climb.base.corpus import PreparedCorpus
from climb.base.errors import UserError
from climb.data_prep import stages
from climb.data_prep.sources.formats.compressed import _zstd
from tests.data_prep.conftest import make_text
from tests.data_prep.test_pipeline import content

Build = Callable[..., PreparedCorpus]


def write(folder: Path, kind: str, text: str) -> Path:
    """Write a text whose documents a blank line ends, in some format, and return where it lies."""
    folder.mkdir()
    rows = [part for part in text.split("\n\n") if part.strip()]
    lines = "".join(json.dumps({"id": number, "text": row}) + "\n" for number, row in enumerate(rows))
    packed = {"gz": gzip.compress, "zst": _zstd().compress}
    path = folder / f"notes.{kind}"
    if kind in ("txt", "jsonl"):
        path.write_text(text if kind == "txt" else lines, encoding="utf-8")
    elif kind.endswith(("gz", "zst")):
        inner, _, ending = kind.partition(".")
        path.write_bytes(packed[ending]((lines if inner == "jsonl" else text).encode()))
    elif kind == "parquet":
        pq.write_table(pa.table({"id": range(len(rows)), "text": rows}), path, row_group_size=7)
    else:
        path = folder / "notes"
        DatasetDict({"train": Dataset.from_dict({"text": rows})}).save_to_disk(path)
    return path


@pytest.mark.parametrize("kind", ["txt.gz", "train.zst", "jsonl", "jsonl.gz", "jsonl.zst", "parquet", "saved"])
def test_the_corpus_is_that_of_the_plain_text(prepared: Build, tmp_path: Path, kind: str):
    text = make_text(150, 3, blank_every=7)
    options = {"validation": 0.2, "metrics": ["length", "rarity"]}
    plain = prepared(sources=[str(write(tmp_path / "a", "txt", text))], out=str(tmp_path / "plain"), **options)
    other = prepared(sources=[str(write(tmp_path / "b", kind, text))], out=str(tmp_path / "other"), **options)
    assert other.manifest.sources == ["notes"]
    assert other.manifest.fingerprint == plain.manifest.fingerprint
    for part in ("train", "validation", "tokenizer"):
        assert content(plain.folder / part) == content(other.folder / part)


def test_sources_from_a_column_give_the_corpus_of_separate_files(prepared: Build, tmp_path: Path):
    rows: list[dict[str, str]] = []
    for number, label in enumerate(("cbt", "qed")):
        parts = make_text(60, number, 5).split("\n\n")
        rows += [{"text": part, "kind": label} for part in parts if part.strip()]
    # Sorted by their text, the rows of both are mixed.
    rows.sort(key=lambda row: (row["text"], row["kind"]))
    for label in ("cbt", "qed"):
        own = [row for row in rows if row["kind"] == label]
        (tmp_path / f"{label}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in own))
    (tmp_path / "all.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    first = rows[0]["kind"]
    files = [str(tmp_path / f"{label}.jsonl") for label in sorted(("cbt", "qed"), key=lambda name: name != first)]
    apart = prepared(sources=files, out=str(tmp_path / "apart"))
    together = prepared(sources=[str(tmp_path / "all.jsonl")], out=str(tmp_path / "together"), source_column="kind")
    assert together.manifest.sources == apart.manifest.sources
    assert together.manifest.fingerprint == apart.manifest.fingerprint
    assert {file.name for file in together.manifest.inputs} == {"all.jsonl"}
    assert not (together.folder / ".work").exists()


def test_a_file_that_changes_while_it_is_read_is_refused(
    prepared: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path = tmp_path / "notes.txt"
    path.write_text(make_text(100, 1))
    original = stages.write_text_shards

    def slow(*arguments: object) -> list[int]:
        path.write_text(path.read_text() + "One more line.\n")
        return original(*arguments)

    monkeypatch.setattr(stages, "write_text_shards", slow)
    with pytest.raises(UserError, match=r"notes\.txt has changed while it was read: run the same command again"):
        prepared(sources=[str(path)])
    monkeypatch.undo()
    assert prepared(sources=[str(path)]).manifest.total("train").words > 0


def test_duplicates_are_removed_before_anything_is_counted(prepared: Build, tmp_path: Path):
    text = make_text(120, 4, blank_every=6)
    (tmp_path / "once").mkdir()
    (tmp_path / "twice").mkdir()
    (tmp_path / "once" / "notes.txt").write_text(text)
    (tmp_path / "twice" / "notes.txt").write_text(text + "\n" + text.upper())
    out = {name: str(tmp_path / f"{name}-corpus") for name in ("once", "twice", "all")}
    once = prepared(sources=[str(tmp_path / "once")], out=out["once"], dedup="exact", validation=0)
    twice = prepared(sources=[str(tmp_path / "twice")], out=out["twice"], dedup="exact", validation=0)
    assert content(once.folder / "train") == content(twice.folder / "train")
    removed = twice.manifest.removed["notes"]["equal documents"]
    assert removed.documents == 20
    whole = prepared(sources=[str(tmp_path / "twice")], out=out["all"], validation=0)
    assert whole.manifest.removed == {"notes": {}}
    gone = sum(amount.words for amount in twice.manifest.removed["notes"].values())
    assert whole.manifest.total("train").words - gone == twice.manifest.total("train").words
