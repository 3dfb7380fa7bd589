"""What cannot be trained is refused by the command line in one sentence, before the first step."""

from __future__ import annotations

import json
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from climb.base.corpus import PreparedCorpus
from climb.base.errors import Interrupted
from climb.cli import main
from climb.options import train_config
from climb.training import train
from tests.climb.conftest import TINY
from tests.climb.test_identity import interrupted_at
from tests.corpus_fixture import write_corpus

Refused = Callable[..., str]


@pytest.fixture
def refused(
    corpus: PreparedCorpus,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Iterator[Refused]:
    """Return a function that runs `climb train` on a corpus and returns its one sentence of refusal."""
    handler = signal.getsignal(signal.SIGTERM)

    def ask(*arguments: str, on: Path = corpus.folder) -> str:
        shape = [part for name, value in TINY.items() for part in ("--set", f"{name}={value}")]
        command = ["climb", "train", str(on), "--out", str(tmp_path / "run"), "--device", "cpu", *shape]
        monkeypatch.setattr(sys, "argv", [*command, "--max-steps", "12", "--batch-size", "16", *arguments])
        capfd.readouterr()
        with pytest.raises(SystemExit) as stop:
            main()
        assert stop.value.code == 2
        said = capfd.readouterr()
        assert said.out == ""
        (line,) = said.err.splitlines()
        assert line.startswith("Error: ")
        assert line.endswith(".") or "did you mean" in line
        return line

    yield ask
    signal.signal(signal.SIGTERM, handler)


@pytest.mark.parametrize(
    ("curriculum", "said"),
    [
        # unknown names
        ("vocb_linear", "did you mean vocab"),
        ("vocab_liner", "did you mean linear"),
        ("vocab_ttoken_linear", "did you mean token"),
        ("data_rarity_linear:strat=0.3", "did you mean start"),
        ("data_rarity_linear:draw=unifrom", "did you mean uniform"),
        ("objective_psos_mlm", "did you mean pos"),
        ("randm_data_rarity_linear", "Unknown kind of curriculum"),
        # empty pools, and pools smaller than a batch
        (
            "data_rarity_linear:start=0",
            "opens 1 of 240 blocks at step 0, fewer than the batch of 16: raise its start",
        ),
        ("data_rarity_linear:start=0.05", "opens 12 of 240 blocks at step 0"),
        ("data_rarity_linear:end=0", "opens 1 of 240 blocks at step 11, fewer than the batch of 16: raise its end"),
        (
            "data_rarity_constant:value=0",
            "opens 1 of 240 blocks at step 0, fewer than the batch of 16: raise its value",
        ),
        ("data_rarity_piecewise:points=0:0/1:1", "raise its points"),
        ("reverse_data_rarity_linear:start=0.01", "opens 3 of 240 blocks at step 0"),
        ("data_selfppl_linear:start=0.01,begin=random", "opens 3 of 240 blocks at step 0"),
        ("batch_linear:start=0", "Step 0 has a batch of 0 blocks"),
        # gaps between objectives
        ("objective_pos_mlm:pos=0-0.1,mlm=0.5-1", "asks for nothing between 0.1 and 0.5 of the run"),
        ("objective_mlm:mlm=0-0.9", "asks for nothing between 0.9 and 1 of the run"),
        ("objective_pos_mlm:pos=0.5-0.501,mlm=0-1", "holds no step of a run of 12"),
        ("objective_pos", "predicts no tokens"),
        # ramps without length
        ("vocab_linear:from=0.5,to=0.5", "a ramp without length (from=0.5, to=0.5)"),
        ("mask_decay_linear:from=0.9", "a ramp without length (from=0.9, to=0.875)"),
        ("objective_pos_mlm:pos=0.5-0.5,mlm=0-1", "a span without length"),
        # missing columns, norms and models
        ("data_nosuch_linear", "Unknown metric of"),
        ("data_depth_linear", "lacks the metric 'depth': no parser; prepare again with --spacy-model"),
        ("data_selfppl_linear", "no n-gram perplexities to begin data_selfppl with"),
        ("vocab_aoa_linear", "needs ages of acquisition"),
        ("length_linear:start=0.1", "asks for rows of 1.6 tokens at step 0"),
        # names that mean nothing
        ("vocab_linear+vocab_pos_log", "two of the kind 'vocab'"),
        ("random_mask_decay_linear", "no scores to permute"),
        ("vocab_pos_linear:start=2", "outside [0, 1]"),
    ],
)
def test_curricula(refused: Refused, tmp_path: Path, curriculum: str, said: str) -> None:
    assert said in refused("--curriculum", curriculum)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--batch-size", "241"], "has 240 training blocks, fewer than a batch of 241"),
        (
            ["--batch-size", "200", "--curriculum", "batch_linear"],
            "has 240 training blocks, fewer than a batch of 325",
        ),
        (["--batch-size", "16", "--grad-accum", "16", "--curriculum", "batch_linear"], "for 16 micro-batches"),
        (["--max-epochs", "0.5"], "train at most --max-steps 7"),
        (["--model", "causal-laptop", "--curriculum", "mask_decay_linear"], "a causal model masks nothing"),
        (["--model", "causal-laptop", "--curriculum", "objective_pos_mlm"], "cannot be asked of a causal model"),
        (
            ["--model", "causal-laptop", "--curriculum", "data_selfppl_linear:positions=4,begin=random"],
            "scores all of them at once: leave it out",
        ),
        (["--eval-tasks", "blmp"], "did you mean blimp"),
        (["--plugin", "nosuch.py"], "no such file"),
        (["--set", "averaging.nmae=ema"], "did you mean"),
    ],
)
def test_settings(refused: Refused, tmp_path: Path, arguments: list[str], said: str) -> None:
    assert said in refused(*arguments)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("curriculum", ["vocab_pos_linear", "objective_pos_mlm"])
def test_a_corpus_without_tags(refused: Refused, tmp_path: Path, curriculum: str) -> None:
    untagged = write_corpus(tmp_path / "untagged", tagger=None)
    assert "needs part-of-speech tags" in refused("--curriculum", curriculum, on=untagged.folder)
    assert not (tmp_path / "run").exists()


def test_a_corpus_that_changed_since_the_checkpoint(
    refused: Refused, corpus: PreparedCorpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prepared anew, and damaged; in both cases the run stays as it was."""
    folder, run = tmp_path / "corpus", tmp_path / "run"
    shutil.copytree(corpus.folder, folder)
    settings = {"model": "masked-laptop", **TINY, "corpus": str(folder), "out": str(run), "device": "cpu"}
    with monkeypatch.context() as patch:
        interrupted_at(patch, 5)
        with pytest.raises(Interrupted):
            train(train_config(**settings, max_steps=12, batch_size=16))
    before = {path: path.read_bytes() for path in run.rglob("*") if path.is_file() and path.name != ".lock"}
    assert run / "checkpoint-5" / "state.json" in before

    file = folder / "train" / "data-00000-of-00001.arrow"
    whole = file.read_bytes()
    file.write_bytes(whole[:-600] + bytes(100) + whole[-500:])
    assert "differs from its checksum" in refused(on=folder)
    file.write_bytes(whole)

    shutil.rmtree(folder)
    write_corpus(folder, seed=1)
    assert f"{folder} is not the corpus that {run} was started on" in refused(on=folder)
    assert json.loads(before[run / "manifest.json"])["corpus_fingerprint"] == corpus.manifest.fingerprint
    assert {path: path.read_bytes() for path in before} == before
