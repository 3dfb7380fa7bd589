"""A sweep from the command line: interrupted, taken up, done; then done by its committed scores alone."""

import glob
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest
import yaml

from climb.analysis.runs import load_runs
from climb.base.errors import UserError
from climb.base.files import sole_owner
from climb.options import train_config
from climb.sweep import running
from climb.sweep.planning import PlannedRun
from climb.sweep.running import Work, run_all, side_by_side, work_of
from tests.climb.conftest import TINY


def test_cores_are_shared(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    jobs, threads = side_by_side(8, 1_000_000, None, on_gpu=False)
    assert jobs >= 1
    assert jobs * threads <= (os.cpu_count() or 1)
    assert side_by_side(8, 1_000_000, None, on_gpu=True)[0] == 1
    assert side_by_side(2, 1_000_000, 5, on_gpu=False)[0] == 2
    assert side_by_side(8, 10**12, None, on_gpu=False)[0] == 1, "a model that does not fit runs alone"


def test_threads_as_asked_for(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert side_by_side(1, 1000, 1, on_gpu=False) == (1, 3)


def run_in(folder, name="none-s0"):
    return PlannedRun(name, name[:-3], train_config(out=str(folder / name)), None, None, "f")


def test_a_run_that_another_process_works_on_is_waited_for(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(running, "next_command", lambda run, logs: None)
    work: Work = work_of(run_in(tmp_path), tmp_path, 1)
    with sole_owner(work.run.folder):
        assert not work.advance()
        assert not work.advance()
    assert capsys.readouterr().err.count("under way in another process") == 1
    assert work.advance()


def test_progress_is_that_of_the_steps(tmp_path):
    work = work_of(run_in(tmp_path), tmp_path, 1)
    work.log.close()
    assert work.new_steps(False) == 0
    work.run.folder.mkdir()
    log = work.run.folder / "metrics.jsonl"
    log.write_text('{"kind": "train", "step": 50}\n{"kind": "held_out", "step": 80}\n')
    assert (work.new_steps(False), work.new_steps(False)) == (80, 0)
    log.write_text('{"kind": "train", "step": 90}\n{"kind": "tra')
    assert work.new_steps(False) == 0
    assert work.new_steps(True) == work.run.config.max_steps - 80


def test_one_failing_run_does_not_end_the_others(tmp_path, monkeypatch, capsys):
    asked = []

    def command(run, logs):
        asked.append(run.name)
        if run.name == "b-s0":
            raise UserError("manifest.json is damaged.")
        return ["no-such-command"]

    monkeypatch.setattr(running, "next_command", command)
    runs = [run_in(tmp_path, name) for name in ("a-s0", "b-s0", "c-s0")]
    assert run_all(runs, tmp_path, 2, 1) == [runs[1], runs[0], runs[2]]
    assert sorted(asked) == ["a-s0", "b-s0", "c-s0"], "a command that failed is followed by none"
    said = capsys.readouterr().err
    assert "b-s0 failed; its last words: manifest.json is damaged." in said
    assert "a-s0 failed; its last words:" in said


def test_an_error_of_the_sweep_leaves_no_process_behind(tmp_path, monkeypatch):
    processes = []

    class Sleeping(subprocess.Popen):
        def __init__(self, command, **options):
            super().__init__([sys.executable, "-c", "import time; time.sleep(300)"], **options)
            processes.append(self)

    monkeypatch.setattr(running.subprocess, "Popen", Sleeping)
    monkeypatch.setattr(running, "next_command", lambda run, logs: ["train"])

    monkeypatch.setattr(running, "_POLL", -1)  # time.sleep refuses that, after the first round
    with pytest.raises(ValueError, match="non-negative"):
        run_all([run_in(tmp_path), run_in(tmp_path, "none-s1")], tmp_path, 2, 1)
    assert len(processes) == 2
    assert all(process.poll() is not None for process in processes)


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
    assert dry.communicate(timeout=300)[0].count("2 to train") == 2
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
    assert len(load_runs(*glob.glob(str(tmp_path / "runs" / "*")))) == 4, "what a shell makes of runs/* is runs"
    shutil.rmtree(tmp_path / "runs")
    done = climb("sweep", "sweep.yaml", cwd=tmp_path)
    assert "4 of them done" in done.communicate(timeout=200)[0]
    assert not list(tmp_path.glob("runs/*/model"))
