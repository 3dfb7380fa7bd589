"""How long `climb prep` takes and how much memory it holds, as the text grows; and what parsing alone would take.

    python -m benchmarks.prep --words 1000000 4000000                       # the embedded sample corpus
    python -m benchmarks.prep --text corpus/train --words 1000000 4000000   # a share of every file of a folder

Three ways take turns at every size: the whole preparation, the same with --no-parse, and parsing alone, which is
our parser over the same sentences in two bare processes that keep nothing. With --one-process, spaCy's own
`nlp.pipe` takes a turn too, as anybody would call it, in one process. Each runs in processes of its own, whose
memory together is sampled five times a second (proportional set size, so that what two processes share counts once;
Linux only).
"""

from __future__ import annotations

import argparse
import functools
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import spacy

from benchmarks.alternate import alternate, device_text, ratio_text
from climb.data_prep.parsing.spacy_parser import EMBEDDED, load_pipeline, parse_sentences
from climb.data_prep.tokens.sentences import sentence_spans

_CHUNK = 2_000
"""Sentences that a bare process parses at a time, so that its memory stays flat and two have equal shares."""


def write_share(text: Path | None, words: int, folder: Path) -> int:
    """Write a corpus of about `words` words, the same share of every file; return its words."""
    if text is None:
        from climb.sample_corpus import write_corpus

        write_corpus(folder, words, 0)
        return sum(len(path.read_text(encoding="utf-8").split()) for path in folder.iterdir())
    files = sorted(path for path in text.iterdir() if path.is_file())
    total = sum(_words(path) for path in files)
    folder.mkdir(parents=True)
    written = 0
    for path in files:
        wanted, here = _words(path) * min(1.0, words / total), 0
        with open(path, encoding="utf-8") as source, open(folder / path.name, "w", encoding="utf-8") as target:
            for line in source:
                if here >= wanted:
                    break
                target.write(line)
                here += len(line.split())
        written += here
    return written


@functools.cache
def _words(path: Path) -> int:
    with open(path, encoding="utf-8") as file:
        return sum(len(line.split()) for line in file)


def parse_alone(folder: Path, part: int, parts: int) -> None:
    """Parse every `parts`-th chunk of the sentences of a folder and forget the result; one part parses plainly."""
    nlp = load_pipeline(None) if parts > 1 else spacy.load(EMBEDDED)
    parse = parse_sentences if parts > 1 else pipe
    sentences: list[str] = []
    number = 0
    for path in sorted(folder.iterdir()):
        for line in path.read_text(encoding="utf-8").splitlines():
            sentences += [line[start:end] for start, end in sentence_spans(line)]
            if len(sentences) >= _CHUNK:
                if number % parts == part:
                    parse(nlp, sentences)
                sentences, number = [], number + 1
    if number % parts == part:
        parse(nlp, sentences)


def pipe(nlp: Any, sentences: list[str]) -> None:
    """Parse sentences as spaCy's documentation does."""
    for _ in nlp.pipe(sentences):
        pass


class Memory:
    """Samples the memory of some processes and their children."""

    def __init__(self) -> None:
        self.peak = 0
        self._done = threading.Event()

    def watch(self, processes: list[subprocess.Popen[bytes]]) -> None:
        """Sample until `stop`."""
        while not self._done.wait(0.2):
            self.peak = max(self.peak, sum(_tree_bytes(process.pid) for process in processes))

    def stop(self) -> None:
        """End the sampling."""
        self._done.set()


def _tree_bytes(pid: int) -> int:
    """Return the proportional set size of a process and its children, bytes; 0 when it is gone."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
        own = next(int(line.split()[1]) * 1024 for line in rollup.splitlines() if line.startswith("Pss:"))
    except (OSError, StopIteration):
        return 0
    return own + sum(_tree_bytes(int(child)) for child in children)


def timed(commands: Callable[[], list[list[str]]], peaks: list[int]) -> float:
    """Run commands side by side; return the seconds until the last ends, and note the peak memory."""
    memory = Memory()
    start = time.perf_counter()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    processes = [subprocess.Popen(command, **quiet) for command in commands()]
    watcher = threading.Thread(target=memory.watch, args=(processes,))
    watcher.start()
    codes = [process.wait() for process in processes]
    seconds = time.perf_counter() - start
    memory.stop()
    watcher.join()
    if any(codes):
        raise SystemExit(f"a process of the benchmark ended with {codes}")
    peaks.append(memory.peak)
    return seconds


def prep_commands(text: Path, out: Path, *flags: str) -> list[list[str]]:
    """Return the command that prepares a corpus anew."""
    shutil.rmtree(out, ignore_errors=True)
    command = [sys.executable, "-m", "climb", "prep", str(text), "--out", str(out), "--no-cache", "--workers", "2"]
    return [[*command, "--quiet", *flags]]


def parse_commands(text: Path, parts: int) -> list[list[str]]:
    """Return the commands that parse a corpus in some processes."""
    return [
        [sys.executable, "-m", "benchmarks.prep", "--parse-alone", str(text), "--part", f"{part}/{parts}"]
        for part in range(parts)
    ]


def measure(text: Path, words: int, scratch: Path, rounds: int, one_process: bool) -> None:
    """Measure one size and print a line for each way."""
    ways = {
        "prep": functools.partial(prep_commands, text, scratch / "whole"),
        "no-parse": functools.partial(prep_commands, text, scratch / "plain", "--no-parse"),
        "parsing alone": functools.partial(parse_commands, text, 2),
    }
    if one_process:
        ways["nlp.pipe"] = functools.partial(parse_commands, text, 1)
    peaks: dict[str, list[int]] = {way: [] for way in ways}
    turns = {way: functools.partial(timed, commands, peaks[way]) for way, commands in ways.items()}
    seconds = alternate(turns, rounds, warm_up=False)  # every turn starts processes of its own
    print(f"{words:,} words")
    for way, values in seconds.items():
        median = statistics.median(values)
        rate = words / median
        print(f"  {way:14} {median:7.1f} s  {rate:9,.0f} words/s  {max(peaks[way]) / 2**20:6,.0f} MiB at the peak")
    print(f"  prep, times parsing alone: {ratio_text(seconds['prep'], seconds['parsing alone'])}")
    if one_process:
        ratio = ratio_text(seconds["nlp.pipe"], seconds["parsing alone"])
        print(f"  nlp.pipe in one process, times parsing in two: {ratio}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", type=Path, help="folder of text files; the embedded sample corpus by default")
    parser.add_argument("--words", type=int, nargs="+", default=[250_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--one-process", action="store_true", help="also parse in one process")
    parser.add_argument("--parse-alone", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--part", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.parse_alone:
        part, parts = map(int, arguments.part.split("/"))
        parse_alone(arguments.parse_alone, part, parts)
        return
    print(device_text())
    for words in arguments.words:
        with tempfile.TemporaryDirectory() as scratch:
            text = Path(scratch) / "text"
            found = write_share(arguments.text, words, text)
            measure(text, found, Path(scratch), arguments.rounds, arguments.one_process)


if __name__ == "__main__":
    main()
