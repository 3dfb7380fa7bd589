"""The sweep files: whoever prepares the corpus as they say finds the committed scores done."""

import shutil
import subprocess
import sys

import pytest

from climb.sweep.experiment import read_experiment
from climb.sweep.planning import plan
from experiments.tables import PAGES, ROOT

FILES = sorted((ROOT / "experiments").glob("*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_sweep_file_says_how_its_corpus_is_made_and_keeps_its_scores_here(path):
    text, experiment = path.read_text(encoding="utf-8"), read_experiment(path)
    assert "climb prep" in text
    assert experiment.scores.startswith("experiments/scores")
    assert any(f"experiments/{path.name}" in page.read_text(encoding="utf-8") for page in PAGES.glob("*.md"))


@pytest.mark.slow
def test_committed_scores_count_as_done(tmp_path, monkeypatch):
    command = ["prep", "--vocab-size", "3000", "--block-size", "32", "--quiet"]
    subprocess.run([sys.executable, "-m", "climb", *command], cwd=tmp_path, check=True)
    shutil.copytree(ROOT / "experiments", tmp_path / "experiments")
    monkeypatch.chdir(tmp_path)
    done = 0
    for path in FILES:
        experiment = read_experiment(path)
        if experiment.corpus != "data/sample":
            continue
        for run in plan(experiment):
            if run.scores.is_file():
                assert run.state() == "scores committed", run.name
                done += 1
    assert done >= 75
