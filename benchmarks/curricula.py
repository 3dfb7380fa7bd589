"""Training under every kind of curriculum against training under none: tokens a second, and operations a second.

    python -m benchmarks.curricula
    python -m benchmarks.curricula --precisions fp32 bf16 --curricula none

All train the same RoBERTa (hidden 256, 8 layers) on blocks of 128 tokens. Seconds run from the end of the third step
to the beginning of the last, so that whatever happens between steps is in them. A curriculum that asks for more
arithmetic than `none` (several objectives, scores of its own) must cost that and no more: its operations a second
are printed beside its tokens a second. The ways take turns, each turn in a process of its own.
"""

from __future__ import annotations

import argparse
import functools
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from transformers import TrainerCallback
from transformers.utils.logging import disable_progress_bar

from benchmarks.alternate import alternate, device_text, ratio_text
from climb.allocator import keep_freed_memory
from climb.journal import Journal
from climb.options import train_config
from climb.run_parts import checked_parts
from climb.training import Session, deterministic
from tests.corpus_fixture import write_corpus

CURRICULA = (
    "none",
    "data_rarity_linear:start=0.3",
    "data_rarity_linear:start=0.3,draw=weighted",
    "data_rarity_linear:start=0.3,draw=epochs",
    "data_rarity_sorted",
    "matched_data_rarity_linear:start=0.3",
    "vocab_linear",
    "vocab_pos_linear",
    "mask_constant:value=0.15",
    "length_constant:value=1",
    "batch_linear",
    "data_rarity_linear:start=0.3+vocab_pos_log",
    "data_selfppl_linear:every=0.25,positions=1,subset=0.1,begin=random",
    "objective_pos_mlm:pos=0-1,mlm=0-1",
    "objective_pos_mlm:mode=shared",
    "objective_mntp_clm:mode=split,mntp=@3",
)
WARM_UP = 3


class _Span(TrainerCallback):  # type: ignore[misc]  # transformers is not typed
    """Note time, operations and tokens at the end of the warm-up and before the last step, which saves."""

    def __init__(self, session: Session) -> None:
        self._callbacks = session.trainer.callback_handler
        self.marks: list[tuple[float, float, int]] = []

    def on_step_begin(self, args: Any, state: Any, control: Any, **more: Any) -> None:
        """Note what the journal has counted so far."""
        if state.global_step in (WARM_UP, state.max_steps - 1):
            (journal,) = (one for one in self._callbacks.callbacks if isinstance(one, Journal))
            self.marks.append((time.perf_counter(), journal.counters.flops, journal.counters.tokens))


def one_turn(arguments: argparse.Namespace) -> dict[str, float]:
    """Train and return seconds and operations per token."""
    disable_progress_bar()
    config = train_config(
        corpus=arguments.corpus,
        out=tempfile.mkdtemp(),
        curriculum=arguments.curriculum,
        model="climb-small",
        precision=arguments.precision,
        max_steps=arguments.steps,
        batch_size=arguments.batch_size,
        evaluations=0,
        log_steps=10**6,
        save_steps=10**6,
        **{"model.intermediate_size": 1024, "model.attention_dropout": 0.0, "model.tie_embeddings": True},
    )
    keep_freed_memory()
    with tempfile.TemporaryDirectory() as folder:
        session = Session(config, checked_parts(config), Path(folder))
        span = _Span(session)
        session.trainer.add_callback(span)
        with deterministic(warn_only=False):
            session.run()
    (start, flops_before, tokens_before), (end, flops_after, tokens_after) = span.marks
    tokens = tokens_after - tokens_before
    return {"seconds": (end - start) / tokens, "flops": (flops_after - flops_before) / tokens}


def in_a_process(way: tuple[str, str], corpus: Path, arguments: argparse.Namespace, flops: dict[Any, float]) -> float:
    """Return seconds a token of (curriculum, precision), measured in a fresh process; note its operations."""
    curriculum, precision = way
    command = [sys.executable, "-m", "benchmarks.curricula", "--curriculum", curriculum, "--precision", precision]
    command += ["--corpus", str(corpus), "--batch-size", str(arguments.batch_size), "--steps", str(arguments.steps)]
    finished = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    found = json.loads(finished.stdout.splitlines()[-1])
    flops[way] = found["flops"]
    return float(found["seconds"])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--curricula", nargs="+", default=list(CURRICULA), help="`none` is always timed too")
    parser.add_argument("--precisions", nargs="+", choices=("fp32", "bf16"), default=["fp32"])
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--steps", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--curriculum", help="measure this one in this process and print its figures")
    parser.add_argument("--precision", default="fp32", help=argparse.SUPPRESS)
    parser.add_argument("--corpus", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.curriculum:
        print(json.dumps(one_turn(arguments)))
        return
    names = dict.fromkeys(["none", *arguments.curricula])
    ways = [(name, precision) for precision in arguments.precisions for name in names]
    flops: dict[Any, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus"
        write_corpus(corpus, blocks=2000, block_size=128, vocab_size=8192)
        turns = {way: functools.partial(in_a_process, way, corpus, arguments, flops) for way in ways}
        seconds = alternate(turns, arguments.rounds, warm_up=False)
    print(f"{device_text()}; batches of {arguments.batch_size} x 128 tokens, {arguments.rounds} rounds")
    print("  of the first line's tokens a second and operations a second:")
    first = ways[0]
    for way in ways:
        more = flops[way] / flops[first]
        work = [value / more for value in seconds[way]]
        tokens, operations = ratio_text(seconds[first], seconds[way]), ratio_text(seconds[first], work)
        print(f"  {way[1]} {way[0]:55} {tokens}; {operations}")


if __name__ == "__main__":
    main()
