"""Training steps a second: CurriculumTrainer against a bare loop and against the stock Trainer.

    python -m benchmarks.training_step --vocabulary 8192

All three train the same RoBERTa (hidden 256, 8 layers) on blocks of 128 tokens with AdamW. The bare loop has
the same target-only head, loss, batches (held in memory) and allocator settings; the stock Trainer has
DataCollatorForLanguageModeling and computes logits at every position. They take turns, each turn in a process
of its own, so that none lives off the memory another one left behind.
"""

from __future__ import annotations

import argparse
import functools
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import DataCollatorForLanguageModeling, Trainer, TrainerCallback, TrainingArguments
from transformers.utils.logging import disable_progress_bar

from benchmarks.alternate import alternate, device_text, ratio_text
from climb.allocator import keep_freed_memory
from climb.base.corpus import PreparedCorpus
from climb.config import TrainConfig
from climb.curricula.plan import RunPlan
from climb.curricula.samples import Samples
from climb.losses.plain import Plain
from climb.models import build_model
from climb.options import train_config
from climb.run_parts import checked_parts
from climb.targets import pick_targets
from climb.training import Session, deterministic
from climb.training_module import TrainingModule
from tests.corpus_fixture import write_corpus

WARM_UP = 2


class _Clock(TrainerCallback):
    """Note the time at each step's end."""

    def __init__(self) -> None:
        self.times: list[float] = []

    def on_step_end(self, *args: Any, **kwargs: Any) -> None:
        """Note the time."""
        self.times.append(time.perf_counter())

    def seconds(self) -> float:
        """Return the median seconds of a step; the last, which may save, and the first ones are left out."""
        gaps = np.diff(self.times[WARM_UP:-1])
        return float(statistics.median(gaps))


def configuration(corpus: PreparedCorpus, arguments: argparse.Namespace, curriculum: str) -> TrainConfig:
    """Return the run that is timed."""
    return train_config(
        corpus=str(corpus.folder),
        out=tempfile.mkdtemp(),
        curriculum=curriculum,
        model="climb-small",
        max_steps=arguments.steps,
        batch_size=arguments.batch_size,
        evaluations=0,
        save_steps=10**6,
        **{"model.intermediate_size": 1024, "model.attention_dropout": 0.0, "model.tie_embeddings": True},
    )


def ours(corpus: PreparedCorpus, config: TrainConfig) -> float:
    """Return seconds a step of CurriculumTrainer, journal and curriculum included."""
    keep_freed_memory()
    with tempfile.TemporaryDirectory() as folder:
        session = Session(config, checked_parts(config), Path(folder))
        clock = _Clock()
        session.trainer.add_callback(clock)
        with deterministic(warn_only=False):
            session.run()
    return clock.seconds()


def bare(corpus: PreparedCorpus, config: TrainConfig) -> float:
    """Return seconds a step of a plain loop over batches held in memory."""
    model = build_model(config.model, corpus.tokenizer, corpus.manifest.block_size, 0).train()
    module = TrainingModule(model, Plain())
    keep_freed_memory()
    plan = RunPlan(config.max_steps, config.batch_size)
    samples = Samples(corpus, plan, "none", 0)
    names = ("input_ids", "labels")
    batches = [
        {name: torch.from_numpy(batch[name]) for name in names}
        for batch in (samples.batch(plan.numbers_of(step)) for step in range(config.max_steps))
    ]
    maker, options = Trainer.get_optimizer_cls_and_kwargs(
        TrainingArguments(output_dir=tempfile.mkdtemp(), learning_rate=1e-3, use_cpu=True, report_to="none")
    )
    optimizer = maker(model.parameters(), **options)
    times = []
    for batch in batches:
        hidden = module._body(batch["input_ids"], None)
        rows, targets = pick_targets(hidden, batch["labels"])
        loss = module.loss(module._output(rows), targets) / len(targets)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        times.append(time.perf_counter())
    return float(statistics.median(np.diff(times[WARM_UP:-1])))


def stock(corpus: PreparedCorpus, config: TrainConfig) -> float:
    """Return seconds a step of transformers' Trainer as its examples use it."""
    model = build_model(config.model, corpus.tokenizer, corpus.manifest.block_size, 0)
    rows = corpus.train.tokens(np.arange(min(len(corpus.train), config.batch_size * config.max_steps)))
    arguments = TrainingArguments(
        output_dir=tempfile.mkdtemp(),
        per_device_train_batch_size=config.batch_size,
        max_steps=config.max_steps,
        learning_rate=1e-3,
        use_cpu=True,
        save_strategy="no",
        logging_strategy="no",
        report_to="none",
        disable_tqdm=True,
    )
    clock = _Clock()
    collator = DataCollatorForLanguageModeling(corpus.tokenizer, mlm_probability=0.15)
    data = [{"input_ids": row.tolist()} for row in rows]
    Trainer(model=model, args=arguments, train_dataset=data, data_collator=collator, callbacks=[clock]).train()
    return clock.seconds()


WAYS = {"bare": bare, "none": ours, "vocab_linear": ours, "stock": stock}


def one_turn(way: str, arguments: argparse.Namespace) -> float:
    """Return seconds a step of one way, measured in this process."""
    disable_progress_bar()
    corpus = PreparedCorpus(Path(arguments.corpus))
    curriculum = way if way == "vocab_linear" else "none"
    return WAYS[way](corpus, configuration(corpus, arguments, curriculum))


def in_a_process(way: str, corpus: Path, arguments: argparse.Namespace) -> float:
    """Return seconds a step of one way, measured in a fresh process."""
    command = [sys.executable, "-m", "benchmarks.training_step", "--way", way, "--corpus", str(corpus)]
    command += ["--batch-size", str(arguments.batch_size), "--steps", str(arguments.steps)]
    finished = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return float(finished.stdout.split()[-1])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vocabulary", type=int, default=8192)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--way", choices=WAYS, help="measure one way in this process and print its seconds a step")
    parser.add_argument("--corpus", help="prepared corpus to train on; made at random by default")
    arguments = parser.parse_args()
    if arguments.way:
        print(one_turn(arguments.way, arguments))
        return
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus"
        write_corpus(corpus, blocks=1000, block_size=128, vocab_size=arguments.vocabulary)
        turns = {way: functools.partial(in_a_process, way, corpus, arguments) for way in WAYS}
        seconds = alternate(turns, arguments.rounds)
    tokens = arguments.batch_size * 128
    print(f"{device_text()}; vocabulary {arguments.vocabulary:,}, batch {arguments.batch_size} x 128 tokens")
    for name, values in seconds.items():
        median = statistics.median(values)
        print(f"  {name:13} {median * 1e3:8.1f} ms a step, {tokens / median:9,.0f} tokens/s")
    print(f"  of the bare loop's speed: none {ratio_text(seconds['bare'], seconds['none'])}, ", end="")
    print(f"vocab_linear {ratio_text(seconds['bare'], seconds['vocab_linear'])}")
    print(f"  times the stock Trainer's speed: {ratio_text(seconds['stock'], seconds['none'])}")


if __name__ == "__main__":
    main()
