"""Syntactic smoothing: training steps against plain cross-entropy, memory, set-up, and the dense definition.

    python -m benchmarks.smoothing
    python -m benchmarks.smoothing --vocabularies 8192 --rounds 3 --corpus data/babylm

A step is forward and backward pass of RoBERTa (hidden 256, 8 layers, inner width 2,048) over blocks of 128
tokens, 15 % of them targets, and AdamW's update; the two losses take turns in one process. Memory is that of
a process of its own per loss, at its peak. The loss itself goes from given logits to gradients of logits,
hidden states and output embeddings; the dense definition spreads its targets over batch × length × vocabulary, as
published, or over the vocabulary at targets alone. The lexicon is made at random (a Zipf law of counts, one to
four tags a token) or that of a prepared corpus. With one thread (OMP_NUM_THREADS=1) the seconds are those of the
processor, which other programs on the machine change little.
"""

from __future__ import annotations

import argparse
import functools
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from benchmarks.alternate import alternate, device_text, ratio_text
from climb.allocator import keep_freed_memory
from climb.base.corpus import PreparedCorpus
from climb.config import SyntaxConfig
from climb.curricula.special_tokens import special_ids
from climb.losses.plain import Plain
from climb.losses.syntactic_smoothing import SyntacticSmoothing
from climb.losses.token_loss import Predictions, TokenLoss
from climb.models import build_model
from climb.options import train_config
from climb.training import deterministic
from climb.training_module import TrainingModule

SPECIALS = 5
LENGTH = 128
Lexicon = dict[str, Any]


def clock() -> float:
    """Return seconds: this process's own where it computes with one thread, else those of the wall."""
    return time.process_time() if torch.get_num_threads() == 1 else time.perf_counter()


class _Tokenizer:
    """As many tokens as it says."""

    pad_token_id, bos_token_id, eos_token_id = 1, 3, 4

    def __init__(self, size: int) -> None:
        self._size = size

    def __len__(self) -> int:
        return self._size


def random_lexicon(size: int) -> Lexicon:
    """Return a lexicon of ten million tokens: a Zipf law, one to four tags a token, some never seen."""
    rng = np.random.default_rng(0)
    count = rng.poisson(1e7 / np.log(size) / np.arange(1, size + 1))
    spread = rng.dirichlet(np.full(4, 0.05), size)
    tags = np.argsort(rng.random((size, 12)), axis=1)[:, :4]
    tag_counts = np.zeros((size, 12), dtype=np.int64)
    np.put_along_axis(tag_counts, tags, rng.multinomial(count, spread), axis=1)
    tag_counts[:SPECIALS] = 0
    words = np.array([f"{' ' * (token % 2)}w{token // 2}" for token in range(size)])
    return {"text": words, "count": tag_counts.sum(axis=1), "tag_counts": tag_counts}


def the_lexicon(arguments: argparse.Namespace, size: int) -> tuple[Lexicon, np.ndarray[Any, Any]]:
    """Return a lexicon and which of its tokens are special."""
    if arguments.corpus:
        corpus = PreparedCorpus(Path(arguments.corpus))
        return corpus.lexicon(), special_ids(corpus)
    return random_lexicon(size), np.arange(size) < SPECIALS


class Contest:
    """One model, one batch of targets drawn from the lexicon's counts, two losses."""

    def __init__(self, arguments: argparse.Namespace, size: int) -> None:
        lexicon, special = the_lexicon(arguments, size)
        self.size = len(special)
        rng = np.random.default_rng(1)
        drawn = rng.choice(self.size, (arguments.batch_size, LENGTH), p=lexicon["count"] / lexicon["count"].sum())
        self.ids = torch.from_numpy(drawn)
        hidden = torch.from_numpy(rng.random(drawn.shape) >= 0.15)
        self.labels = self.ids.masked_fill(hidden, -100)
        self.targets = self.labels[self.labels != -100]
        self.lexicon, self.special = lexicon, special

    @functools.cached_property
    def smoothing(self) -> SyntacticSmoothing:
        """The loss with its default options."""
        return SyntacticSmoothing.from_lexicon(SyntaxConfig(), self.lexicon, self.special, 100)

    def step(self, loss: TokenLoss) -> Callable[[], float]:
        """Return a function that trains one step and returns its seconds."""
        config = train_config(model="climb-small", **{"model.attention_dropout": 0.0}).model
        tokenizer: Any = _Tokenizer(self.size)
        module = TrainingModule(build_model(config, tokenizer, LENGTH, 0).train(), loss)
        optimizer = torch.optim.AdamW(module.parameters())

        def once() -> float:
            started = clock()
            (module(self.ids, self.labels) / len(self.targets)).backward()
            optimizer.step()
            optimizer.zero_grad()
            return clock() - started

        return once

    def dense_similarity(self) -> torch.Tensor:
        """Return the definition's similarities of all tokens, [V, V], kept in memory as the publication does."""
        rows = torch.from_numpy(self.lexicon["tag_counts"] + 1e-8).float()
        unit = rows / rows.norm(dim=1, keepdim=True)
        similarity = unit @ unit.T / 0.025
        similarity[:, torch.from_numpy(self.special)] = -torch.inf
        return similarity.fill_diagonal_(-torch.inf)

    def losses_alone(self) -> dict[str, Callable[[], float]]:
        """Return ways from logits at the targets (published: everywhere) to gradients."""
        generator = torch.Generator().manual_seed(0)

        def drawn(*shape: int) -> torch.Tensor:
            return torch.randn(*shape, generator=generator).requires_grad_()

        count = len(self.targets)
        features, weight, logits = drawn(count, 256), drawn(self.size, 256), drawn(count, self.size)
        everywhere = drawn(self.ids.numel(), self.size)
        similarity = self.dense_similarity()

        def dense(tokens: torch.Tensor, logits: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
            target = 0.5 * similarity[tokens].softmax(dim=1)
            target.scatter_(1, tokens[:, None], 0.5)
            return -((target * F.log_softmax(logits, dim=1)).sum(dim=1) * weights).sum()

        def ours(loss: TokenLoss) -> torch.Tensor:
            summed: torch.Tensor = loss(Predictions(logits, features, weight, None), self.targets)
            return summed

        at_targets = (self.labels != -100).reshape(-1).float()
        ways = {
            "dense, published": lambda: dense(self.ids.reshape(-1), everywhere, at_targets),
            "dense at targets": lambda: dense(self.targets, logits, torch.ones(count)),
            "classes": lambda: ours(self.smoothing),
            "plain": lambda: ours(Plain()),
        }
        leaves = (features, weight, logits, everywhere)
        return {name: functools.partial(timed, way, leaves) for name, way in ways.items()}


def timed(way: Callable[[], torch.Tensor], leaves: tuple[torch.Tensor, ...]) -> float:
    """Return the seconds of a loss and its gradients with regard to the leaves."""
    started = clock()
    way().backward()
    seconds = clock() - started
    for leaf in leaves:
        leaf.grad = None
    return seconds


def peak_of(way: str, arguments: argparse.Namespace, size: int) -> float:
    """Return the megabytes that two steps add to a process's peak, measured in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.smoothing", "--peak", way, "--vocabularies", str(size)]
    command += ["--batch-size", str(arguments.batch_size)]
    command += ["--corpus", arguments.corpus] if arguments.corpus else []
    finished = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return float(finished.stdout.split()[-1])


def own_peak(way: str, contest: Contest) -> float:
    """Return this process's peak in megabytes after two steps (Linux)."""
    step = contest.step(contest.smoothing if way == "smoothing" else Plain())
    step(), step()
    # Not getrusage: its peak is at least that of the parent process when it started this one.
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def report(arguments: argparse.Namespace, size: int) -> None:
    """Measure one vocabulary and print."""
    contest = Contest(arguments, size)
    started = clock()
    summary = contest.smoothing.summary
    set_up = clock() - started
    tokens, rows = (len(of.unique()) for of in (contest.targets, contest.smoothing.classes.row_of[contest.targets]))
    print(f"vocabulary {contest.size:,}: {len(contest.targets)} targets, {tokens} distinct, {rows} rows")
    print(f"  {summary}")
    print(f"  set-up {set_up:.1f} s")
    steps = {"plain": contest.step(Plain()), "smoothing": contest.step(contest.smoothing)}
    seconds = alternate(steps, arguments.rounds)
    for name, values in seconds.items():
        print(f"  {name:10} {statistics.median(values) * 1e3:8.1f} ms a step")
    print(f"  of plain cross-entropy's speed: {ratio_text(seconds['plain'], seconds['smoothing'])}")
    if contest.size <= 16_384:  # the dense definition keeps a matrix of V × V
        alone = alternate(contest.losses_alone(), arguments.rounds)
        for name, values in alone.items():
            print(f"  {name:16} {statistics.median(values) * 1e3:8.1f} ms")
        for dense in ("dense, published", "dense at targets"):
            print(f"  classes, times the speed of {dense}: {ratio_text(alone[dense], alone['classes'])}")
    peaks = {way: peak_of(way, arguments, size) for way in ("plain", "smoothing")}
    print(f"  peak memory: plain {peaks['plain']:,.0f} MB, smoothing {peaks['smoothing'] - peaks['plain']:+,.0f} MB")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vocabularies", type=int, nargs="+", default=[8192, 50_000])
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--corpus", help="prepared corpus whose lexicon is taken; made at random by default")
    parser.add_argument("--peak", choices=["plain", "smoothing"], help="print this process's peak memory and end")
    arguments = parser.parse_args()
    keep_freed_memory()
    with deterministic(warn_only=False):
        if arguments.peak:
            print(own_peak(arguments.peak, Contest(arguments, arguments.vocabularies[0])))
            return
        print(f"{device_text()}; batch {arguments.batch_size} x {LENGTH} tokens")
        for size in arguments.vocabularies:
            report(arguments, size)


if __name__ == "__main__":
    main()
