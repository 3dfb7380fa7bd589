import contextlib
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from climb.base.errors import UserError
from climb.data_prep import pool
from climb.data_prep.pool import run_tasks
from climb.data_prep.stages import Task
from tests.data_prep.conftest import make_text

UNGUARDED = """
import sys
from climb.data_prep import PrepConfig, prepare
prepare(PrepConfig(sources=[sys.argv[1]], out=sys.argv[2], vocab_size=320, block_size=16, workers=2, parse=False,
                   cache=False))
"""


def test_a_script_without_main_guard_may_use_several_workers(tmp_path: Path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.txt").write_text(make_text(30, 1), encoding="utf-8")
    (tmp_path / "script.py").write_text(UNGUARDED, encoding="utf-8")
    command = [sys.executable, str(tmp_path / "script.py"), str(tmp_path), str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "manifest.json").exists()
    assert done.stdout == ""


def test_ctrl_c_with_workers_stops_at_once_and_the_same_call_goes_on(tmp_path: Path):
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.txt").write_text(make_text(9000, 1), encoding="utf-8")
    command = [sys.executable, "-c", UNGUARDED, str(tmp_path), str(tmp_path / "out")]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob("out/.work/*/tokenizer-*/*")) and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=10)[1]
    assert "Interrupted: Stopped." in said
    assert not (tmp_path / "out" / "manifest.json").exists()
    assert len(list(tmp_path.glob("out/.work/*/clean-*/*.json"))) == 3


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
def test_workers_end_with_a_killed_parent(tmp_path: Path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.txt").write_text(make_text(9000, 1), encoding="utf-8")
    process = subprocess.Popen([sys.executable, "-c", UNGUARDED, str(tmp_path), str(tmp_path / "out")])

    def workers() -> list[Path]:
        return [path for path in Path("/proc").glob("[0-9]*/cmdline") if b"serve()" in line_of(path)]

    def line_of(path: Path) -> bytes:
        with contextlib.suppress(OSError):
            line = path.read_bytes()
            return line if str(tmp_path / "out").encode() in line else b""
        return b""

    assert eventually(workers)
    process.kill()
    process.wait()
    assert eventually(lambda: not workers())


def eventually(condition: Callable[[], object], seconds: float = 30.0) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return bool(condition())


def test_a_worker_that_dies_is_reported_with_the_cure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Task, "is_done", lambda task, folder: False)
    for half in ("", "os.write(1, b'{'); "):
        monkeypatch.setattr(pool, "_COMMAND", f"import os; input(); {half}os._exit(9)")
        with pytest.raises(UserError, match=r"A worker process ended while doing clean [01].*--workers"):
            run_tasks(tmp_path, "clean", [Task("clean", 0), Task("clean", 1)], workers=2)


def test_a_mistake_in_a_worker_shows_its_traceback(tmp_path: Path):
    (tmp_path / "plan.json").write_text("{}", encoding="utf-8")
    with pytest.raises(UserError, match=r"plan\.json"):
        run_tasks(tmp_path, "clean", [Task("clean", 0), Task("clean", 1)], workers=2)
    monkey = {"bug": "Traceback: it broke"}
    with pytest.raises(RuntimeError, match="it broke"):
        pool._raise_problem(monkey)
