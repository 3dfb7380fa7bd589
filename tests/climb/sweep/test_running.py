"""A sweep from the command line: interrupted, taken up, done; then done by its committed scores alone."""

import os
import shutil
import signal
import subprocess
import sys
import time

import pytest
import yaml

from climb.analysis.runs import load_runs
from climb.sweep.running import side_by_side
from tests.climb.conftest import TINY


def test_cores_are_shared():
    jobs, threads = side_by_side(8, 1_000_000, None, on_gpu=False)
    assert jobs >= 1
    assert jobs * threads <= (os.cpu_count() or 1)
    assert side_by_side(8, 1_000_000, None, on_gpu=True)[0] == 1
    assert side_by_side(2, 1_000_000, 5, on_gpu=False)[0] == 2
    assert side_by_side(8, 10**12, None, on_gpu=False)[0] == 1, "a model that does not fit runs alone"


def climb(*words: str, **options) -> subprocess.Popen:
    environment = os.environ | {"COLUMNS": "200"}
    return subprocess.Popen(
        [sys.executable, "-m", "climb", *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env=environment, **options,
    )  # fmt: skip


@pytest.mark.slow
def test_interrupted_and_taken_up(tmp_path, corpus):
    shutil.copytree(corpus.folder, tmp_path / "corpus")
    settings = {
        **TINY,
        "model": "causal-laptop",
        "max_steps": 150,
        "batch_size": 16,
        "log_steps": 10,
        "evaluations": 2,
    }
    values = {
        "corpus": "corpus", "settings": settings, "grid": {"curriculum": ["none", "vocab_linear"]}, "seeds": [0, 1],
        "scores": "scores", "evaluation": {"tasks": ["perplexity"], "passages": 2},
    }  # fmt: skip
    (tmp_path / "sweep.yaml").write_text(yaml.safe_dump(values))
    dry = climb("sweep", "sweep.yaml", "--dry-run", cwd=tmp_path)
    assert dry.communicate(timeout=300)[0].count("to train") == 4
    first = climb("sweep", "sweep.yaml", "--jobs", "2", cwd=tmp_path)
    deadline = time.monotonic() + 200
    while not list(tmp_path.glob("runs/*/metrics.jsonl")) and time.monotonic() < deadline:
        time.sleep(0.1)
    first.send_signal(signal.SIGINT)
    said = first.communicate(timeout=300)[0]
    assert first.returncode == 130, said
    assert "the same command goes on" in said
    assert list(tmp_path.glob("runs/*/checkpoint-*")), "what was under way saved itself"
    again = climb("sweep", "sweep.yaml", "--jobs", "2", cwd=tmp_path)
    said = again.communicate(timeout=550)[0]
    assert again.returncode == 0, said
    runs = load_runs(str(tmp_path / "scores" / "*.json"))
    assert sorted(runs.names) == ["none-s0", "none-s1", "vocab_linear-s0", "vocab_linear-s1"]
    assert all("perplexity" in run.results for run in runs)
    shutil.rmtree(tmp_path / "runs")
    done = climb("sweep", "sweep.yaml", cwd=tmp_path)
    assert "4 of them done" in done.communicate(timeout=200)[0]
    assert not list(tmp_path.glob("runs/*/model"))
