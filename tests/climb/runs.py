"""What tests of whole runs share: their files, the commands that make them, and copies of what a kill can leave."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from climb.config import TrainConfig

Tiny = Callable[..., TrainConfig]
LOGS = ("metrics.jsonl", "curriculum.jsonl")


def weights(run: Path) -> bytes:
    """Return the bytes of the final model."""
    return (run / "model" / "model.safetensors").read_bytes()


def deterministic_files(run: Path) -> dict[str, bytes]:
    """Return what must not depend on interruptions: logs, and all weights that are kept at the end."""
    kept = [*run.glob("*.jsonl"), *run.glob("*.safetensors"), *run.glob("model/*"), *run.glob("chck_*/*")]
    return {
        str(path.relative_to(run)): path.read_bytes()
        for path in sorted(kept)
        if path.is_file() and path.name != "timing.jsonl"
    }


def records(run: Path, kind: str) -> list[dict[str, Any]]:
    """Return the records of one kind in metrics.jsonl."""
    lines = (run / "metrics.jsonl").read_text().splitlines()
    return [record for line in lines if (record := json.loads(line))["kind"] == kind]


def command(config: TrainConfig, folder: Path) -> list[str]:
    """Write the configuration beside the run and return a command line that trains it."""
    file = folder / f"asked-{Path(str(config.out)).name}.yaml"
    file.write_text(yaml.safe_dump(config.model_dump(mode="json")))
    return [sys.executable, "-m", "climb", "train", "--config", str(file)]


def single_thread() -> dict[str, str]:
    """Return an environment in which sums come out as in the process of the tests."""
    return {**os.environ, "OMP_NUM_THREADS": "1"}


def in_two_processes(config: TrainConfig, folder: Path) -> Path:
    """Train with two processes and return the run."""
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    whole = [*torchrun, *command(config, folder)[1:]]
    finished = subprocess.run(whole, env=single_thread(), capture_output=True, text=True, timeout=300)
    assert finished.returncode == 0, finished.stderr
    return Path(str(config.out))


def kill_after(config: TrainConfig, folder: Path, step: int) -> None:
    """Train in a process of its own and kill it as soon as the metrics of `step` are logged."""
    run = Path(str(config.out))
    with subprocess.Popen(command(config, folder), env=single_thread(), stderr=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 240
        while process.poll() is None and time.monotonic() < deadline and _last_step(run) < step:
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
    assert step <= _last_step(run), "the run never came so far"
    assert not (run / "model").exists(), "the run ended before it could be killed"


def _last_step(run: Path) -> int:
    """Return the last step that metrics.jsonl holds whole, −1 without one."""
    with contextlib.suppress(FileNotFoundError):
        whole, _, _ = (run / "metrics.jsonl").read_bytes().rpartition(b"\n")
        if whole:
            return int(json.loads(whole.splitlines()[-1])["step"])
    return -1


@contextlib.contextmanager
def snapshots(run: Path, store: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Path]]:
    """Within the block keep a copy of the run's folder at every moment at which a kill would leave another state.

    These are the moments around each rename and each flush to the disk, and the middle of each line that is
    appended to a log. Copies that equal the one before are dropped.
    """
    taken: list[Path] = []
    seen: list[dict[str, bytes]] = [{}]

    def keep() -> None:
        state = {str(path.relative_to(run)): path.read_bytes() for path in run.rglob("*") if path.is_file()}
        if run.exists() and state != seen[0]:
            taken.append(store / f"{len(taken):03}" / run.name)
            shutil.copytree(run, taken[-1])
            seen[0] = state

    def around(function: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*arguments: Any, **options: Any) -> Any:
            keep()
            result = function(*arguments, **options)
            keep()
            return result

        return wrapped

    def torn(path: Path, record: dict[str, Any]) -> None:
        line = json.dumps(record, ensure_ascii=False, allow_nan=False) + "\n"
        with open(path, "a", encoding="utf-8", newline="") as file:
            file.write(line[: len(line) // 2])
            file.flush()
            keep()
            file.write(line[len(line) // 2 :])
        keep()

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", around(os.replace))
        patch.setattr(os, "fsync", around(os.fsync))
        patch.setattr("climb.journal.append_json_line", torn)
        yield taken


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Compute with one thread, as `single_thread` does."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
