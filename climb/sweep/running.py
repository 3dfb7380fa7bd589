"""Run a sweep: what is not done yet, several runs side by side where cores and memory allow.

Every run is a process of its own, `climb train` and then `climb eval`, so a sweep can be stopped at any point and
goes on when it is started again: finished runs are skipped, unfinished ones resume from their checkpoints. A sweep
that is killed outright leaves its processes running; the next one waits for them, run by run.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import yaml

from climb.analysis.run_record import read_run
from climb.base.console import say
from climb.base.errors import Interrupted, UserError
from climb.base.files import owned, write_text
from climb.base.progress_bar import progress
from climb.base.run import EVAL_FOLDER, METRICS_FILE, Run, is_run
from climb.sweep.planning import PlannedRun

_POLL = 0.2
_TAIL = 4096
"""Bytes at the end of a log that hold its last line."""
_PATIENCE = 600.0
"""Seconds a run may take to save itself after Ctrl-C."""
_FLOOR = 1.2e9
"""Bytes of memory that a process needs beside its model: libraries and the corpus."""
_BYTES_PER_PARAMETER = 24
"""Weights, gradients, two moments, and as much again while a checkpoint is written."""


@dataclass
class Work:
    """A run under way: the process of its present command, and its log."""

    run: PlannedRun
    logs: Path
    log: IO[bytes]
    threads: int
    process: subprocess.Popen[bytes] | None = None
    code: int = 0
    waited: bool = False
    begun: list[str] = field(default_factory=list)
    counted: int = 0

    @property
    def failed(self) -> bool:
        """Whether a command ended with an error."""
        return self.code != 0

    def advance(self) -> bool:
        """Start the next command when none is running; return whether the run has ended, well or not."""
        if self.process is not None:
            code = self.process.poll()
            if code is None:
                return False
            self.process, self.code = None, code
        if self.failed:
            self.log.close()
            return True
        if owned(self.run.folder) or owned(self.run.folder / EVAL_FOLDER):
            if not self.waited:
                say(f"{self.run.name} is under way in another process, left by a killed sweep perhaps: waiting.")
            self.waited = True
            return False
        try:
            command = next_command(self.run, self.logs)
        except UserError as error:  # one run's damaged files must not end the others
            self.log.write(f"{error}\n".encode())
            command, self.code = None, 2
        if command is None or command[0] in self.begun:
            self.log.close()
            return True
        self.begun.append(command[0])
        environment = os.environ | {"OMP_NUM_THREADS": str(self.threads)}
        # A session of its own: Ctrl-C reaches it once, from here, because a second one would end it unsaved.
        self.process = subprocess.Popen(
            [sys.executable, "-m", "climb", *command],
            stdout=self.log,
            stderr=self.log,
            env=environment,
            start_new_session=True,
        )
        return False

    def new_steps(self, ended: bool) -> int:
        """Return the steps since the last call; all that are left where the run has ended."""
        steps = self.run.config.max_steps if ended else max(self.counted, last_step(self.run.folder))
        new, self.counted = steps - self.counted, steps
        return new


def last_step(folder: Path) -> int:
    """Return the step of the last whole line of a run's log; 0 where there is none."""
    try:
        with open(folder / METRICS_FILE, "rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL))
            return int(json.loads(file.read().splitlines()[-1])["step"])
    except (OSError, ValueError, LookupError, TypeError):  # none yet, or half a line: the next look sees it
        return 0


def work_of(run: PlannedRun, logs: Path, threads: int) -> Work:
    """Return the work on a run.

    A run that was begun keeps its number of threads: with another one its last bits would be others.
    """
    if is_run(run.folder):
        threads = Run(run.folder).manifest.threads
    return Work(run, logs, open(logs / f"{run.name}.log", "ab"), threads)  # closed when the run ends


def next_command(run: PlannedRun, logs: Path) -> list[str] | None:
    """Return the words of the command that a run needs next; its configuration is written beside its log.

    None is left to do when it is trained and evaluated, on the way or by `climb eval`.
    """
    if not is_run(run.folder) or not Run(run.folder).complete:
        settings = logs / f"{run.name}.yaml"
        # Code is never named in a file of settings.
        values = run.config.model_copy(update={"plugin": []}).model_dump(mode="json")
        write_text(settings, yaml.safe_dump(values, sort_keys=False))
        plugins = ["--plugin", ",".join(run.config.plugin)] if run.config.plugin else []
        return ["train", "--config", str(settings), *plugins]
    if run.evaluation is None or run.evaluated():
        return None
    evaluation = logs / f"{run.name}.eval.yaml"
    values = run.evaluation.model_dump(mode="json") | {"models": [str(run.folder)]}
    write_text(evaluation, yaml.safe_dump(values, sort_keys=False))
    return ["eval", "--config", str(evaluation)]


def side_by_side(runs: int, parameters: int, jobs: int | None, on_gpu: bool) -> tuple[int, int]:
    """Return how many runs go side by side, and the threads of each: their share of the cores, or OMP_NUM_THREADS.

    Args:
        runs: how many are left.
        parameters: of the largest model.
        jobs: as asked for; None means as many as there are cores and free memory for, one on a GPU.
        on_gpu: whether the runs share a GPU.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if jobs is None:
        fitting = int(free_memory() // (_FLOOR + parameters * _BYTES_PER_PARAMETER))
        jobs = 1 if on_gpu else max(1, min(cores, fitting))
    jobs = max(1, min(jobs, runs))
    asked = os.environ.get("OMP_NUM_THREADS", "")
    return jobs, int(asked) if asked.isdecimal() and int(asked) else max(1, cores // jobs)


def free_memory() -> float:
    """Return the bytes of memory that programs can have now; without a way to know, 4 GB.

    Linux's own estimate counts what its cache of files would give back; free pages alone are few on a machine that
    has been up for a while.
    """
    with contextlib.suppress(OSError, StopIteration, ValueError):
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        return 1024.0 * int(next(line for line in lines if line.startswith("MemAvailable:")).split()[1])
    try:
        return float(os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    except (AttributeError, ValueError, OSError):
        return 4e9


def run_all(runs: list[PlannedRun], logs: Path, jobs: int, threads: int) -> list[PlannedRun]:
    """Train and evaluate the runs, write their scores, and return those that failed.

    Raises:
        Interrupted: Ctrl-C; every run under way has saved itself.
    """
    waiting = list(runs)
    active: list[Work] = []
    failed: list[PlannedRun] = []
    with progress("Sweep", sum(run.config.max_steps for run in runs), plain_lines=20) as advance:
        try:
            while waiting or active:
                while waiting and len(active) < jobs:
                    active.append(work_of(waiting.pop(0), logs, threads))
                for work in list(active):
                    ended = work.advance()
                    if ended:
                        active.remove(work)
                        if not _finished(work, logs):
                            failed.append(work.run)
                    if steps := work.new_steps(ended):
                        advance(steps, note=f"{len(runs) - len(waiting) - len(active)} of {len(runs)} runs ended")
                time.sleep(_POLL)
        except KeyboardInterrupt:
            raise Interrupted("Stopped: the same command goes on with the sweep.") from None
        finally:
            _stop(active)
    return failed


def _finished(work: Work, logs: Path) -> bool:
    """Write the scores of a run that has ended; return whether it ended well, and say so if not."""
    run = work.run
    try:
        if not work.failed and Run(run.folder).complete:
            if run.scores is not None:
                read_run(run.folder).scores().write(run.scores)
            return True
        log = logs / f"{run.name}.log"
        killed = f" (killed by signal {-work.code}; out of memory?)" if work.code < 0 else ""
        say(f"{run.name} failed{killed}; its last words: {_last_line(log)}")
    except UserError as error:  # one run's files must not end the others
        say(f"{run.name} failed: {error}")
    return False


def _last_line(path: Path) -> str:
    lines = [line for line in path.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else "none"


def _stop(active: list[Work]) -> None:
    """Ask every process to stop as Ctrl-C would, wait until it has saved, and close the logs.

    A second Ctrl-C, or too long a wait, ends them as they are; they go on from their last checkpoints.
    """
    running = [work.process for work in active if work.process is not None]
    if running:
        say("Stopping: the runs under way save themselves.")
    for process in running:
        # Not SIGINT, which a sweep that was started in the background has taught its processes to ignore.
        process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + _PATIENCE
    try:
        for process in running:
            process.wait(timeout=max(0.0, deadline - time.monotonic()))
    except (KeyboardInterrupt, subprocess.TimeoutExpired):
        for process in running:
            process.kill()
    for work in active:
        work.log.close()
