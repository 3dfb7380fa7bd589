"""Train a model from a configuration: build the parts, take up an unfinished run, finish it."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
import yaml
from transformers.utils.logging import disable_progress_bar

from climb import checkpoints
from climb.allocator import keep_freed_memory
from climb.base.console import say, set_quiet
from climb.base.corpus import PreparedCorpus
from climb.base.errors import Interrupted, UserError
from climb.base.files import sole_owner, write_text
from climb.base.library_versions import versions
from climb.base.progress_bar import progress
from climb.base.run import CONFIG_FILE, MANIFEST_FILE, MODEL_FOLDER, Run, RunManifest, newest_corpus
from climb.config import TrainConfig
from climb.curricula.dataset import SampleDataset, collate
from climb.curricula.plan import RunPlan
from climb.curricula.samples import Samples
from climb.estimates import parameter_count, step_flops
from climb.evaluation_points import evaluation_steps, held_out_blocks
from climb.held_out import HeldOut
from climb.journal import Journal
from climb.looking import Looker
from climb.model_files import model_card, write_model
from climb.models import build_model
from climb.run_folder import already_done, resolved
from climb.tracking import tracker
from climb.trainer import CurriculumTrainer, training_arguments, uses_cuda
from climb.training_module import TrainingModule


def train(config: TrainConfig) -> Path:
    """Train, or take up a run that was interrupted, and return its folder.

    Raises:
        UserError: wrong corpus, curriculum or configuration; another run in the folder; a loss that is not
            finite.
        Interrupted: stopped by Ctrl-C or SIGTERM, after a checkpoint was saved.
    """
    corpus_folder = Path(config.corpus) if config.corpus else newest_corpus()
    config = resolved(config, corpus_folder)
    folder = Path(str(config.out))
    rank, processes = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
    if rank:
        set_quiet(True)
    corpus = PreparedCorpus(corpus_folder)
    samples = build_samples(config, corpus)
    say(f"Training on {corpus_folder}, into {folder}.")
    with sole_owner(folder) if rank == 0 else contextlib.nullcontext():
        if already_done(folder, config, corpus):
            return folder
        if not uses_cuda(config):
            keep_freed_memory()
        with _deterministic(warn_only=uses_cuda(config)):
            Session(config, corpus, samples, folder, processes).run()
    return folder


def build_samples(config: TrainConfig, corpus: PreparedCorpus) -> Samples:
    """Return the samples of a run; every mistake in the curriculum is found here, before anything is written.

    Raises:
        UserError: an unknown curriculum, a metric or tags that the corpus lacks, a pool smaller than a batch.
    """
    plan = RunPlan(steps=config.max_steps, batch_size=config.batch_size)
    objective = config.model.objective
    return Samples(corpus, plan, config.curriculum, config.seed, objective, config.mask_rate, config.mask_split)


@contextlib.contextmanager
def _deterministic(warn_only: bool) -> Iterator[None]:
    """Use deterministic algorithms inside the block: indexed backward passes depend on thread timing else."""
    before = torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()
    torch.use_deterministic_algorithms(True, warn_only=warn_only)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before[0], warn_only=before[1])


class Session:
    """One process's part in one run, from the first or a later step to the last or an interruption."""

    def __init__(
        self, config: TrainConfig, corpus: PreparedCorpus, samples: Samples, folder: Path, processes: int
    ) -> None:
        disable_progress_bar()  # transformers draws one for every file it saves
        self.config, self.corpus, self.folder, self.processes = config, corpus, folder, processes
        self.samples, self.plan = samples, samples.plan
        self.model = build_model(config.model, corpus.tokenizer, corpus.manifest.block_size, config.seed)
        self.module = TrainingModule(self.model, config.loss)
        self.trainer = CurriculumTrainer(
            self.module,
            training_arguments(config, folder, self._micro_batch()),
            SampleDataset(self.samples),
            collate,
            config.seed,
        )

    def _micro_batch(self) -> int:
        parts = self.config.grad_accum * self.processes
        if self.config.batch_size % parts:
            raise UserError(
                f"A batch of {self.config.batch_size} does not divide into {self.config.grad_accum} micro-batches "
                f"on {self.processes} processes: choose --batch-size as a multiple of {parts}."
            )
        return self.config.batch_size // parts

    def run(self) -> None:
        """Train to the end or to an interruption."""
        config = self.config
        checkpoint = checkpoints.newest_sound(self.folder) if self.trainer.is_world_process_zero() else None
        if self.processes > 1:
            checkpoint = _shared(checkpoint)
        look_steps = evaluation_steps(config.max_steps, config.evaluations)
        started = int(checkpoint.name.split("-")[1]) if checkpoint else 0
        if self.trainer.is_world_process_zero():
            if checkpoint:
                say(f"Going on from step {started}.")
                _warn_of_threads(self.folder)
            write_text(self.folder / CONFIG_FILE, yaml.safe_dump(config.model_dump(mode="json"), sort_keys=False))
        with (
            progress(f"Training {config.curriculum}", config.max_steps, plain_lines=20) as advance,
            _stopping(self.trainer),
        ):
            journal = self._journal(look_steps, advance)
            if self.trainer.is_world_process_zero():
                journal.resume(checkpoint)
            elif checkpoint:
                journal.counters.restore(checkpoints.run_state(checkpoint))
            self._write_manifest(journal, "running")
            advance(started)
            self.trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
        if self.trainer.state.global_step < config.max_steps:
            raise Interrupted(
                f"Stopped at step {self.trainer.state.global_step}; the same command goes on from there."
            )
        self._finish(journal)

    def _journal(self, look_steps: frozenset[int], advance: Any) -> Journal:
        config, trainer = self.config, self.trainer
        total = self.corpus.manifest.total("train")
        count = held_out_blocks(
            len(self.corpus.validation),
            self.plan.total_samples,
            total.words / max(total.blocks, 1),
            config.evaluations,
            config.held_out_share,
        )
        held_out = HeldOut(self.module, self.samples, count, trainer.args.device, config.precision == "bf16")
        looker = Looker(self.folder, self.corpus, self.model, held_out, config, trainer)
        journal = Journal(
            folder=self.folder,
            samples=self.samples,
            flops=step_flops(self.model, self.corpus.manifest.block_size),
            look=looker,
            look_steps=look_steps,
            log_steps=config.log_steps,
            save_steps=config.save_steps,
            advance=advance,
            track=tracker(config, self.folder),
        )
        journal.trainer = trainer
        trainer.add_callback(journal)
        return journal

    def _write_manifest(self, journal: Journal, status: Any) -> None:
        if not self.trainer.is_world_process_zero():
            return
        counters = journal.counters
        RunManifest(
            status=status,
            curriculum=self.samples.curriculum,
            objective=self.config.model.objective,
            seed=self.config.seed,
            corpus_name=self.corpus.manifest.name,
            corpus_fingerprint=self.corpus.manifest.fingerprint,
            parameters=parameter_count(self.model),
            steps=self.trainer.state.global_step,
            words=counters.words,
            tokens=counters.tokens,
            flops=counters.flops,
            processes=self.processes,
            threads=torch.get_num_threads(),
            versions=versions(),
        ).write(self.folder / MANIFEST_FILE)

    def _finish(self, journal: Journal) -> None:
        """Write the final model and mark the run complete."""
        if self.trainer.is_world_process_zero():
            held_out = journal.last_held_out
            facts = {
                "title": self.folder.name,
                "corpus": self.corpus.manifest.name,
                "fingerprint": self.corpus.manifest.fingerprint[:12],
                "parameters": parameter_count(self.model),
                "words": journal.counters.words,
                "held_out": f"{held_out['loss']:.3f} ± {held_out['standard_error']:.3f} nats" if held_out else "–",
            }
            card = model_card(self.config, facts)
            write_model(self.folder / MODEL_FOLDER, self.model, self.corpus.folder / "tokenizer", card)
        self._write_manifest(journal, "complete")
        self.trainer.accelerator.wait_for_everyone()


def _warn_of_threads(folder: Path) -> None:
    """Say so when float32 sums may differ in their last bits from the first part of the run."""
    threads = Run(folder).manifest.threads
    if threads != torch.get_num_threads():
        say(
            f"{folder} was started with {threads} threads and goes on with {torch.get_num_threads()}: the last bits "
            f"of the result may differ; set OMP_NUM_THREADS={threads} if they must not."
        )


def _shared(checkpoint: Path | None) -> Path | None:
    """Return the first process's checkpoint on every process."""
    box: list[Path | None] = [checkpoint]
    torch.distributed.broadcast_object_list(box, src=0)
    return box[0]


@contextlib.contextmanager
def _stopping(trainer: CurriculumTrainer) -> Iterator[None]:
    """Let Ctrl-C and SIGTERM end the run after the step under way; a second Ctrl-C ends it at once."""

    def request(number: int, frame: Any) -> None:
        trainer.stop_requested = True
        say("Saving a checkpoint after this step ...")
        signal.signal(signal.SIGINT, signal.default_int_handler)

    if threading.current_thread() is not threading.main_thread():  # only the main thread may catch signals
        yield
        return
    before = {number: signal.signal(number, request) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
