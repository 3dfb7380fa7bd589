"""Kept results that a disk or a copy has damaged: one sentence with the cure, never a traceback or another corpus."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from climb.base.errors import UserError
from climb.base.files import atomic_file
from climb.data_prep import PrepConfig, checksums, prepare
from climb.data_prep.inputs import CACHE
from tests.data_prep.conftest import make_text
from tests.data_prep.test_pipeline import content

# Every kind of file that a preparation with deduplication, a parser and n-grams keeps.
KINDS = (
    "clean-*/*.txt", "clean-*/*.json", "dedup-*/*.txt", "dedup-*/*.json", "parse-*/*.npz",
    "tokenizer-*/tokenizer.json", "encode-*/*.npz", "score-*/*.npz", "blocks-*/*.npz", "tables-*/held_out.npy",
    "tables-*/word_counts.npy", "tables-*/trigram_keys.npy", "tables-*/trigram_weights.npy",
)  # fmt: skip


def truncated(raw: bytes) -> bytes:
    return raw[: len(raw) * 2 // 3]


def emptied(raw: bytes) -> bytes:
    return b""


def flipped(raw: bytes) -> bytes:
    """One bit of a byte in the last third: in the data, not in a header that libraries look at."""
    place = len(raw) * 3 // 4
    return raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]


@dataclass(frozen=True)
class Kept:
    """A finished corpus and what was kept of its preparation."""

    folder: Path
    spacy_model: Path

    def prepare(self, out: Path) -> Path:
        options = {
            "metrics": ["length", "ngram2"],
            "dedup": "exact",
            "vocab_size": 320,
            "block_size": 16,
            "workers": 1,
        }
        sources, model = [str(self.folder / "text")], str(self.spacy_model)
        return prepare(
            PrepConfig.model_validate(options | {"sources": sources, "spacy_model": model, "out": str(out)})
        )

    def copied(self, folder: Path) -> Path:
        shutil.copytree(self.folder / CACHE, folder / CACHE)
        return folder / "second"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory, spacy_model: Path) -> Kept:
    folder = tmp_path_factory.mktemp("kept")
    (folder / "text").mkdir()
    for seed, name in enumerate(("childes", "simple_wiki")):
        (folder / "text" / f"{name}.train").write_text(make_text(120, seed, 6 * seed), encoding="utf-8")
    made = Kept(folder, spacy_model)
    made.prepare(folder / "first")
    return made


@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_result_is_named_and_its_removal_is_the_cure(kept: Kept, tmp_path: Path, kind: str) -> None:
    out = kept.copied(tmp_path)
    damaged = sorted(tmp_path.glob(f"{CACHE}/*/{kind}"))[-1]
    whole = damaged.read_bytes()
    for damage in (truncated, emptied, flipped):
        damaged.write_bytes(damage(whole))
        with pytest.raises(UserError, match=r"is damaged .*: remove it and run the same command again") as refused:
            kept.prepare(out)
        assert str(damaged) in str(refused.value)
    damaged.unlink()
    assert content(kept.prepare(out)) == content(kept.folder / "first")


def test_every_kind_of_result_is_among_these(kept: Kept) -> None:
    files = {path for path in (kept.folder / CACHE).glob("*/*/*") if path.name != checksums.FILE}
    tried = {path for kind in KINDS for path in (kept.folder / CACHE).glob(f"*/{kind}")}
    assert {(path.parent, path.suffix) for path in files} == {(path.parent, path.suffix) for path in tried}


def test_results_without_checksums_are_made_again(kept: Kept, tmp_path: Path) -> None:
    out = kept.copied(tmp_path)
    for log in tmp_path.glob(f"{CACHE}/*/*/{checksums.FILE}"):
        for path in log.parent.iterdir():
            path.write_bytes(b"")
    assert content(kept.prepare(out)) == content(kept.folder / "first")


def written(path: Path, text: str) -> None:
    with atomic_file(path) as file:
        file.write(text)
        checksums.note(path, file)


def test_a_kill_while_a_result_is_written_again_leaves_a_whole_one(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "scores"
    written(path, "first")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("os.replace", killed)
        with pytest.raises(KeyboardInterrupt):
            written(path, "second")
    assert path.read_text() == "first"
    assert checksums.all_whole([path])
    written(path, "second")
    assert checksums.all_whole([path])
    path.write_text("third")
    with pytest.raises(UserError, match="scores is damaged"):
        checksums.all_whole([path])


def test_a_line_cut_short_by_a_full_disk_spoils_no_other(tmp_path: Path) -> None:
    written(tmp_path / "one", "1")
    with open(tmp_path / checksums.FILE, "ab") as log:
        log.write(b"0123456789abcdef")
    written(tmp_path / "two", "2")
    assert checksums.all_whole([tmp_path / "one", tmp_path / "two"])
    assert not checksums.all_whole([tmp_path / "three"])
