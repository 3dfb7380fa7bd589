"""`climb eval RUN --checkpoints`: every checkpoint and the final model, as if evaluated one by one."""

import csv
import json

import pytest
from typer.testing import CliRunner

from climb.base.errors import UserError
from climb.cli import app
from climb.eval.output import read_result
from climb.eval.trajectory import expanded
from tests.eval.test_loading import MANIFEST
from tests.eval.tiny import byte_tokenizer, tiny_model

NAMES = ("chck_0M", "chck_2M", "chck_10M", "model")


@pytest.fixture
def run(tmp_path):
    folder = tmp_path / "runs" / "none-s0"
    for seed, name in enumerate(NAMES):
        tiny_model("llama", seed=seed).float().save_pretrained(folder / name)
        byte_tokenizer().save_pretrained(folder / name)
    for name in ("config.yaml", "manifest.json"):
        (folder / name).write_text(json.dumps({**MANIFEST, "words": 12_500_000}))
    return folder


@pytest.fixture
def pairs(tmp_path):
    lines = [
        {"sentence_good": f"{word} see", "sentence_bad": f"{word} sees"} for word in ("cats", "we", "they", "two")
    ]
    folder = tmp_path / "pairs"
    folder.mkdir()
    (folder / "a.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return folder


def asked(*arguments):
    return CliRunner().invoke(app, ["eval", *map(str, arguments)], catch_exceptions=True)


def test_every_checkpoint_is_evaluated_as_if_alone(run, pairs, tmp_path, monkeypatch):
    monkeypatch.setattr("climb.eval.scoring.tokenised", counted := Counted())
    done = asked(run, "--checkpoints", "--tasks=minimal_pairs", f"--data={pairs}")
    assert done.exit_code == 0, done.output
    assert counted.texts == 1 + 8  # the probe and eight sentences, whatever the number of models
    for name in NAMES:
        where = run / "eval" / ("" if name == "model" else name)
        alone = tmp_path / name
        assert asked(run / name, "--tasks=minimal_pairs", f"--data={pairs}", f"--out={alone}").exit_code == 0
        together, apart = (read_result(folder, "minimal_pairs") for folder in (where, alone))
        assert together.predictions == apart.predictions
        assert together.metrics == apart.metrics
        assert together.model.sha256 == apart.model.sha256
    with open(run / "eval" / "trajectory.csv", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["metric"] == "accuracy_macro"]
    assert [row["checkpoint"] for row in rows] == list(NAMES)
    assert [float(row["million_words"]) for row in rows] == [0, 2, 10, 12.5]
    assert [float(row["value"]) for row in rows] == [
        read_result(run / "eval" / ("" if n == "model" else n), "minimal_pairs").metrics["accuracy_macro"].value
        for n in NAMES
    ]
    # Another evaluation adds its lines and keeps these.
    assert asked(run, "--checkpoints", "--tasks=sample_pairs", "--pairs=1").exit_code == 0
    with open(run / "eval" / "trajectory.csv", newline="") as file:
        both = [(row["checkpoint"], row["task"]) for row in csv.DictReader(file) if row["metric"] == "accuracy_macro"]
    assert both == [(name, task) for name in NAMES for task in ("minimal_pairs", "sample_pairs")]
    assert "none-s0/chck_10M" in done.output.replace("\n", "")


def test_a_damaged_checkpoint_costs_the_others_nothing(run, pairs):
    (run / "chck_2M" / "model.safetensors").write_bytes(b"torn")
    done = asked(run, "--checkpoints", "--tasks=minimal_pairs", f"--data={pairs}")
    assert done.exit_code != 0
    assert "chck_2M" in str(done.exception)
    assert (run / "eval" / "minimal_pairs.json").is_file()
    assert (run / "eval" / "chck_10M" / "minimal_pairs.json").is_file()
    with open(run / "eval" / "trajectory.csv", newline="") as file:
        assert {row["checkpoint"] for row in csv.DictReader(file)} == {"chck_0M", "chck_10M", "model"}


def test_what_has_no_checkpoints_is_said(run, tmp_path):
    with pytest.raises(UserError, match="is no run"):
        expanded([str(run / "model")])
    for name in NAMES[:-1]:
        (run / name).rename(tmp_path / name)
    with pytest.raises(UserError, match="kept no checkpoints"):
        expanded([str(run)])


class Counted:
    """Tokenises as ever and counts the texts."""

    def __init__(self):
        from climb.eval.encoding import tokenised

        self.tokenised, self.texts = tokenised, 0

    def __call__(self, tokenizer, which, requests, words=False):
        self.texts += len(requests)
        return self.tokenised(tokenizer, which, requests, words=words)
