"""A run folder is recognised, checked, and the newest complete one found."""

import json
import os
from pathlib import Path

import pytest

from climb.base.errors import UserError
from climb.base.run import Run, RunManifest, is_run, newest_corpus, newest_run
from tests.corpus_fixture import write_corpus

FIELDS = {
    "status": "complete",
    "curriculum": "none",
    "objective": "masked",
    "seed": 0,
    "corpus_name": "tiny",
    "corpus_fingerprint": "abc",
    "parameters": 10,
    "steps": 2,
    "words": 100,
    "tokens": 120,
    "flops": 1.5e9,
    "processes": 1,
    "threads": 1,
    "versions": {"python": "3.13.0"},
}


def write_run(folder: Path, age: int = 0, model: bool = True, **fields) -> Path:
    """Write what a run of `age` seconds ago left behind."""
    folder.mkdir(parents=True)
    (folder / "config.yaml").touch()
    RunManifest(**(FIELDS | fields)).write(folder / "manifest.json")
    if model:
        (folder / "model").mkdir()
    os.utime(folder / "manifest.json", (1e9 - age, 1e9 - age))
    return folder


def test_a_complete_run(tmp_path):
    run = Run(write_run(tmp_path / "a"))
    assert run.complete
    assert run.manifest.flops == 1.5e9
    assert run.model == tmp_path / "a" / "model"
    for name in ("chck_10M", "chck_2M", "chck_0M", "chck_100M"):
        (run.folder / name).mkdir()
    assert [path.name for path in run.milestones] == ["chck_0M", "chck_2M", "chck_10M", "chck_100M"]


def test_a_run_is_complete_only_with_its_model(tmp_path):
    assert not Run(write_run(tmp_path / "a", status="running")).complete
    assert not Run(write_run(tmp_path / "b", model=False)).complete


def test_what_is_no_run_is_said_so(tmp_path):
    assert not is_run(tmp_path)
    with pytest.raises(UserError, match=r"is no run .* make one with `climb train`"):
        Run(tmp_path)


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_of_the_manifest_is_needed_and_named(tmp_path, field):
    folder = write_run(tmp_path / "a")
    manifest = json.loads((folder / "manifest.json").read_text())
    del manifest[field]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(UserError, match=rf"manifest\.json: field {field}: Field required"):
        Run(folder)


@pytest.mark.parametrize(
    ("field", "value"),
    [("status", "done"), ("schema_version", 7), ("words", -1), ("words", "9"), ("host", "x"), ("seed", 0.5)],
)
def test_a_wrong_field_is_named(tmp_path, field, value):
    folder = write_run(tmp_path / "a")
    manifest = json.loads((folder / "manifest.json").read_text()) | {field: value}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(UserError, match=rf"manifest\.json: field {field}: "):
        Run(folder)


def test_the_newest_complete_run_is_found(tmp_path):
    write_run(tmp_path / "old", age=50)
    newest = write_run(tmp_path / "new", age=20)
    write_run(tmp_path / "unfinished", age=0, status="running")
    (tmp_path / "no run").mkdir()
    assert newest_run(tmp_path) == newest


@pytest.mark.parametrize("find", [newest_run, newest_corpus])
def test_when_there_is_none_the_cure_is_said(tmp_path, find):
    with pytest.raises(UserError, match=r"make one with `climb (train|prep)`"):
        find(tmp_path / "nowhere")


def test_the_newest_corpus_is_found(tmp_path):
    for age, name in ((30, "old"), (10, "new"), (20, "middle")):
        folder = write_corpus(tmp_path / name, blocks=8, validation=4).folder
        os.utime(folder / "manifest.json", (1e9 - age, 1e9 - age))
    (tmp_path / "unfinished").mkdir()
    (tmp_path / "unfinished" / "manifest.json").touch()
    assert newest_corpus(tmp_path) == tmp_path / "new"


def test_a_damaged_run_does_not_hide_the_others(tmp_path, capsys):
    good, bad = write_run(tmp_path / "good", age=5), write_run(tmp_path / "bad")
    (bad / "manifest.json").write_text("{")
    assert newest_run(tmp_path) == good
    assert f"Leaving out {bad}" in capsys.readouterr().err.replace("\n", "")
