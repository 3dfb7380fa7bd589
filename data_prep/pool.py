"""Worker processes that survive unguarded scripts, Ctrl-C and each other.

Workers are plain `python -c` processes that read a task per line and answer with a line. Unlike
multiprocessing's they never import the user's main module (so a script needs no `if __name__ == "__main__"`),
they get no Ctrl-C of their own, and they end within a tenth of a second when the parent is killed. A task is a
stage and a number; its result is a file, so nothing else travels.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Sequence
from pathlib import Path

from climb.base.errors import UserError
from climb.base.progress_bar import Advance, progress
from climb.data_prep.stages import Task, perform

_COMMAND = "from climb.data_prep.pool import serve; serve()"


def run_tasks(folder: Path, label: str, tasks: Sequence[Task], workers: int) -> None:
    """Perform tasks whose results are not there yet, in this process or in several.

    Args:
        folder: the working folder.
        label: what is being done, for the progress bar.
        tasks: the tasks; their order does not matter for the result.
        workers: how many processes.

    Raises:
        UserError: a task met wrong input; the others are stopped.
    """
    open_tasks = [task for task in tasks if not task.is_done(folder)]
    with progress(label, total=len(tasks)) as advance:
        advance(len(tasks) - len(open_tasks))
        if min(workers, len(open_tasks)) <= 1:
            for task in open_tasks:
                perform(folder, task)
                advance()
            return
        _share(folder, open_tasks, min(workers, len(open_tasks)), advance)


def _share(folder: Path, tasks: Sequence[Task], workers: int, advance: Advance) -> None:
    """Let worker processes perform the tasks; end them all before returning."""
    waiting: queue.SimpleQueue[Task] = queue.SimpleQueue()
    for task in tasks:
        waiting.put(task)
    answers: queue.SimpleQueue[dict[str, str]] = queue.SimpleQueue()
    processes = [_start(folder) for _ in range(workers)]
    for process in processes:
        threading.Thread(target=_feed, args=(process, waiting, answers), daemon=True).start()
    try:
        for _ in tasks:
            _raise_problem(answers.get())
            advance()
    finally:
        for process in processes:
            process.kill()
        for process in processes:
            process.wait()


def _start(folder: Path) -> subprocess.Popen[str]:
    """Start a worker: one thread each, and the import path of this process."""
    paths = os.pathsep.join(path for path in sys.path if path)
    threads = {name: "1" for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
    environment = os.environ | threads | {"TOKENIZERS_PARALLELISM": "false", "PYTHONPATH": paths}
    command = [sys.executable, "-P", "-c", _COMMAND, str(folder)]
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, start_new_session=True
    )


def _feed(
    process: subprocess.Popen[str], waiting: queue.SimpleQueue[Task], answers: queue.SimpleQueue[dict[str, str]]
) -> None:
    """Hand one task after the other to a worker and pass its answers on."""
    if process.stdin is None or process.stdout is None:
        raise ValueError("a worker has pipes")
    while True:
        try:
            task = waiting.get_nowait()
        except queue.Empty:
            return
        try:
            process.stdin.write(json.dumps(task.as_json()) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except (OSError, ValueError):
            line = ""
        # An answer that a dying worker left half written is none.
        whole = line.endswith("\n")
        answers.put(json.loads(line) if whole else {"died": f"{task.stage} {task.number}"})
        if not whole:
            return


def _raise_problem(answer: dict[str, str]) -> None:
    """Raise what a worker reported."""
    if "user" in answer:
        raise UserError(answer["user"])
    if "died" in answer:
        raise UserError(
            f"A worker process ended while doing {answer['died']} (out of memory?): run the same command again with "
            "fewer --workers; everything finished so far is kept."
        )
    if "bug" in answer:
        raise RuntimeError(answer["bug"])


def _end_with_parent(parent: int) -> None:
    """End this process when its parent was killed: a new preparation may already write the same files."""
    while os.getppid() == parent:
        time.sleep(0.1)
    os._exit(1)


def serve() -> None:
    """Be a worker: perform the tasks that come on standard input until it closes."""
    folder = Path(sys.argv[1])
    threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()
    out = os.fdopen(os.dup(1), "w")
    # Whatever a library prints must not be taken for an answer.
    os.dup2(2, 1)
    for line in sys.stdin:
        try:
            perform(folder, Task(**json.loads(line)))
            answer = {"done": line.strip()}
        except UserError as error:
            answer = {"user": str(error)}
        except Exception:
            answer = {"bug": traceback.format_exc()}
        out.write(json.dumps(answer) + "\n")
        out.flush()
