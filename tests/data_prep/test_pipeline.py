"""Preparation from end to end: the same bytes always, resumed after SIGKILL, nothing lost, nothing private."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from climb.base.corpus import PreparedCorpus
from climb.base.errors import Interrupted, UserError
from climb.data_prep import PrepConfig, plan, prepare
from climb.data_prep.stages import Task, perform
from tests.data_prep.conftest import make_text

Build = Callable[..., PreparedCorpus]


def content(folder: Path) -> dict[str, bytes]:
    """Return every file of a corpus."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".lock"
    }


@pytest.fixture
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut the small corpus into many shards and runs of blocks."""
    monkeypatch.setattr(plan, "SHARD_CHARACTERS", 1500)
    monkeypatch.setattr(plan, "RUN_TOKENS", 512)


@pytest.mark.parametrize("pack", ["blocks", "lines"])
def test_every_token_of_the_text_comes_back(prepared: Build, small_shards, tmp_path, pack: str):
    text = make_text(150, 3, blank_every=7)
    (tmp_path / "notes.txt").write_text(text, encoding="utf-8")
    corpus = prepared(sources=[str(tmp_path / "notes.txt")], pack=pack, validation=0, block_size=12)
    ids = corpus.train.tokens(range(len(corpus.train)))
    flat = ids[np.arange(12) < corpus.train.length[:, None]].tolist()
    sequences, current = [], []
    for token in flat:
        current.append(token)
        if token == 4:
            sequences.append(corpus.tokenizer.decode(current, skip_special_tokens=True))
            current = []
    documents = [part.strip() for part in text.split("\n\n") if part.strip()]
    expected = documents if pack == "blocks" else [line for document in documents for line in document.split("\n")]
    assert sequences == expected
    total = corpus.manifest.total("train")
    assert (total.words, total.tokens) == (len(text.split()), len(flat))
    assert total.bytes == sum(len(part.encode()) for part in expected)
    assert total.documents == len(documents)
    assert corpus.train.word_start(range(len(corpus.train))).sum() == total.words


def test_shards_and_workers_do_not_change_a_byte(prepared: Build, small_shards, tmp_path: Path):
    first = prepared(workers=1, out=str(tmp_path / "one"))
    second = prepared(workers=3, out=str(tmp_path / "two"))
    assert content(first.folder) == content(second.folder)
    assert first.manifest.fingerprint == second.manifest.fingerprint
    assert not (first.folder / ".work").exists()


def test_nothing_in_a_corpus_knows_where_it_was_made(prepared: Build, tmp_path: Path):
    corpus = prepared()
    private = [str(tmp_path).encode(), os.uname().nodename.encode(), str(Path.home()).encode() + b"/"]
    for name, raw in content(corpus.folder).items():
        assert not any(word in raw for word in private if len(word) > 3), name


def test_a_finished_corpus_is_not_made_again_nor_overwritten(prepared: Build, corpus_files, capsys):
    corpus = prepared()
    before = {path: path.stat().st_mtime_ns for path in corpus.folder.rglob("*") if path.name != ".lock"}
    prepared(workers=2)
    assert "prepared already" in capsys.readouterr().err
    assert before == {path: path.stat().st_mtime_ns for path in corpus.folder.rglob("*") if path.name != ".lock"}
    with pytest.raises(UserError, match=r"other options \(block_size\).*--out"):
        prepared(block_size=24)
    (Path(corpus_files[0]) / "cbt.train").write_text("Another text.\n", encoding="utf-8")
    with pytest.raises(UserError, match=r"made of other text.*--out"):
        prepared()


SCRIPT = """
import sys
from climb.data_prep import PrepConfig, plan, prepare
plan.SHARD_CHARACTERS, plan.RUN_TOKENS = 1500, 512
prepare(PrepConfig(sources=[sys.argv[1]], out=sys.argv[2], vocab_size=320, block_size=16, workers=1, cache=False,
                   parse=False))
"""


def test_killed_at_any_moment_it_goes_on_and_ends_with_the_same_bytes(
    prepared: Build, small_shards, corpus_files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    whole = prepared(out=str(tmp_path / "whole"))
    out = tmp_path / "killed"
    for stage in ("clean", "encode", "score"):
        process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, corpus_files[0], str(out)], stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + 60
        while not list(out.glob(f".work/*/{stage}-*/*")) and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
        process.wait()
    finished = {stage: len(list(out.glob(f".work/*/{stage}-*/*.npz"))) for stage in ("encode", "score")}
    done: list[str] = []

    def count(folder: Path, task: Task) -> None:
        done.append(task.stage)
        perform(folder, task)

    monkeypatch.setattr("climb.data_prep.pool.perform", count)
    resumed = prepared(out=str(out))
    shards = finished["encode"] + done.count("encode")
    assert "clean" not in done
    assert finished["encode"] > 0
    assert finished["score"] + done.count("score") == shards, "every shard is scored once"
    assert content(resumed.folder) == content(whole.folder)


def test_ctrl_c_leaves_finished_shards_and_says_how_to_go_on(prepared: Build, small_shards, tmp_path, monkeypatch):
    calls = []

    def stop(*_args):
        calls.append(1)
        if len(calls) > 2:
            raise KeyboardInterrupt

    monkeypatch.setattr("climb.data_prep.tokens.encoding.word_types", stop_after(stop))
    with pytest.raises(Interrupted, match="goes on from there"):
        prepared(out=str(tmp_path / "stopped"))
    assert len(list((tmp_path / "stopped").glob(".work/*/encode-*/*.npz"))) == 2
    monkeypatch.undo()
    assert len(prepared(out=str(tmp_path / "stopped")).train)


def stop_after(stop):
    """Wrap the last step of encoding a shard so that `stop` runs first."""
    from climb.data_prep.tokens.encoding import word_types

    def wrapped(sentences):
        stop()
        return word_types(sentences)

    return wrapped


def test_datasets_and_transformers_open_the_folders(prepared: Build):
    from datasets import load_from_disk

    corpus = prepared()
    train = load_from_disk(str(corpus.folder / "train"))
    assert len(train) == len(corpus.train)
    row = train[3]
    assert row["input_ids"] == corpus.train.tokens([3])[0].tolist()
    assert train.features["source"].int2str(row["source"]) == corpus.manifest.sources[corpus.train.source[3]]
    assert len(load_from_disk(str(corpus.folder / "validation"))) == len(corpus.validation) > 0
    again = load_from_disk(str(corpus.folder / "train"))
    assert train._fingerprint == again._fingerprint


def test_blocks_never_mix_sources_and_come_source_by_source(prepared: Build, small_shards):
    corpus = prepared()
    assert (np.diff(corpus.train.source) >= 0).all()
    assert (np.diff(corpus.train.document) >= 0).all()
    for split in ("train", "validation"):
        blocks = getattr(corpus, split)
        for number, label in enumerate(corpus.manifest.sources):
            counts = corpus.manifest.counts[split].get(label)
            found = int((blocks.source == number).sum())
            assert found == (counts.blocks if counts else 0)


def test_validation_files_are_the_held_out_text(prepared: Build, tmp_path: Path):
    (tmp_path / "cbt.dev").write_text(make_text(40, 99), encoding="utf-8")
    corpus = prepared(validation=[str(tmp_path / "cbt.dev")])
    assert list(corpus.manifest.counts["validation"]) == ["cbt"]
    assert corpus.manifest.total("validation").words == len(make_text(40, 99).split())
    assert corpus.manifest.options["validation"] == ["cbt.dev"]


def test_held_out_files_inside_the_source_folder_do_not_leak(prepared: Build, corpus_files, tmp_path: Path):
    alone = prepared(out=str(tmp_path / "alone"), validation=0)
    (Path(corpus_files[0]) / "cbt.dev").write_text(make_text(40, 99), encoding="utf-8")
    corpus = prepared(validation=[corpus_files[0] + "/*.dev"])
    assert corpus.manifest.total("train").words == alone.manifest.total("train").words
    assert corpus.manifest.total("validation").words == len(make_text(40, 99).split())
    assert corpus.manifest.options["validation"] == ["cbt.dev"]


def test_a_share_takes_whole_documents_and_adding_a_source_moves_none(prepared: Build, corpus_files, tmp_path):
    one = prepared(validation=0.4, sources=[corpus_files[0] + "/cbt.train"], out=str(tmp_path / "one"))
    all_three = prepared(validation=0.4, out=str(tmp_path / "three"))
    assert one.manifest.counts["validation"]["cbt"].words == all_three.manifest.counts["validation"]["cbt"].words


def test_a_given_tokenizer_is_used_as_it_is(prepared: Build, tmp_path: Path):
    first = prepared(out=str(tmp_path / "one"))
    second = prepared(out=str(tmp_path / "two"), tokenizer=str(first.folder / "tokenizer"))
    assert content(first.folder / "train") == content(second.folder / "train")


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"validation": 1.0}, "--validation 1.0 is no share"),
        ({"sources": ["/nowhere/*.txt"]}, "matches no text file"),
        ({"tokenizer": "/nowhere/tokenizer"}, "--tokenizer"),
    ],
)
def test_wrong_input_is_one_sentence(prepared: Build, options: dict, problem: str):
    with pytest.raises(UserError, match=problem):
        prepared(**options)


def test_a_text_too_small_for_the_vocabulary_is_said(prepared: Build, capsys: pytest.CaptureFixture[str]):
    size = prepared(vocab_size=5000).manifest.vocab_size
    assert size < 5000
    assert f"a vocabulary of {size:,} tokens, not 5,000" in capsys.readouterr().err


def test_text_that_cleaning_removes_whole_is_a_user_error(prepared: Build, tmp_path: Path):
    (tmp_path / "childes.txt").write_text("*CHI:\t[cries]\n*CHI:\txxx .\n", encoding="utf-8")
    with pytest.raises(UserError, match=r"Nothing is left.*--no-clean"):
        prepared(sources=[str(tmp_path / "childes.txt")])


def test_bad_bytes_in_a_worker_process_reach_the_user(prepared: Build, corpus_files, tmp_path: Path):
    (Path(corpus_files[0]) / "cbt.train").write_bytes(b"fine\nnot \xff fine\n")
    with pytest.raises(UserError, match=r"cbt\.train, line 2, byte 9"):
        prepared(workers=2, out=str(tmp_path / "a"))
    corpus = prepared(workers=2, out=str(tmp_path / "b"), encoding_errors="replace", validation=0)
    assert corpus.manifest.cleaning["cbt"]["bytes that are not UTF-8 became U+FFFD"] == {"lines": 1, "bytes": 1}


def test_lines_of_40000_characters_lose_nothing(prepared: Build, tmp_path: Path):
    text = "word " * 8000 + "\n" + "x" * 40_000 + "\n" + "Short one. " * 4000
    (tmp_path / "long.txt").write_text(text, encoding="utf-8")
    corpus = prepared(sources=[str(tmp_path / "long.txt")], validation=0)
    assert corpus.manifest.total("train").words == len(text.split())
    assert np.isfinite(corpus.scores("rarity")).all()


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "ignore")


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    raw=st.one_of(
        st.binary(min_size=1, max_size=300),
        st.text(min_size=1, max_size=200).map(lambda t: t.encode("utf-8", "ignore")),
    )
)
def test_arbitrary_files_are_prepared_or_refused_plainly(tmp_path_factory, raw: bytes):
    folder = tmp_path_factory.mktemp("any")
    (folder / "any.txt").write_bytes(raw)
    config = PrepConfig(
        sources=[str(folder / "any.txt")], out=str(folder / "out"), vocab_size=261, block_size=8, workers=1,
        encoding_errors="replace",
    )  # fmt: skip
    try:
        corpus = PreparedCorpus(prepare(config))
    except UserError:
        assert not (folder / "out" / "manifest.json").exists()
        return
    assert len(corpus.train) == corpus.manifest.total("train").blocks > 0
    for name in corpus.manifest.metrics:
        assert np.isfinite(corpus.scores(name)).all()
