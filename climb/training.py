"""Train a model from a configuration: build the parts, take up an unfinished run, finish it."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
import yaml
from transformers.utils.logging import disable_progress_bar

from climb import checkpoints
from climb.base.console import say, set_quiet
from climb.base.corpus import PreparedCorpus
from climb.base.errors import Interrupted, UserError
from climb.base.files import sole_owner, write_text
from climb.base.library_versions import versions
from climb.base.progress_bar import progress
from climb.base.run import CONFIG_FILE, MANIFEST_FILE, MODEL_FOLDER, Run, RunManifest, is_run, newest_corpus
from climb.config import RUNTIME_FIELDS, TrainConfig
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
from climb.options import check
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
    say(f"Training on {corpus_folder}, into {folder}.")
    with sole_owner(folder) if rank == 0 else contextlib.nullcontext():
        corpus = PreparedCorpus(corpus_folder)
        if _already_done(folder, config, corpus):
            return folder
        Session(config, corpus, folder, processes).run()
    return folder


def resolved(config: TrainConfig, corpus: Path) -> TrainConfig:
    """Return the configuration with default folders filled in, relative to the working directory."""
    out = config.out or f"runs/{folder_name(config.curriculum)}-s{config.seed}"
    return config.model_copy(update={"corpus": os.path.relpath(corpus).replace(os.sep, "/"), "out": out})


def folder_name(curriculum: str) -> str:
    """Return a curriculum's name with only characters that every file system takes."""
    return "".join(sign if sign.isalnum() or sign in "_-." else "-" for sign in curriculum)


def _already_done(folder: Path, config: TrainConfig, corpus: PreparedCorpus) -> bool:
    """Return whether the folder holds this very run, finished.

    Raises:
        UserError: it holds a run of another configuration or on another corpus.
    """
    if not is_run(folder):
        return False
    stored = check(TrainConfig, yaml.safe_load((folder / CONFIG_FILE).read_text(encoding="utf-8")))
    run = Run(folder)
    different = differing_keys(stored, config)
    if different:
        raise UserError(
            f"{folder} holds a run that differs in {', '.join(different)}: repeat its command to go on with it, or "
            "give another folder with --out."
        )
    if run.manifest.corpus_fingerprint != corpus.manifest.fingerprint:
        raise UserError(f"{corpus.folder} is not the corpus that {folder} was started on: give another --out.")
    if run.complete:
        say(f"{folder} is complete ({run.manifest.steps} steps); nothing to do.")
    return run.complete


def differing_keys(stored: TrainConfig, asked: TrainConfig) -> list[str]:
    """Return the dotted keys in which two configurations differ, those without effect on results left out."""

    def flat(value: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
        for key, inner in value.items():
            if isinstance(inner, dict):
                yield from flat(inner, f"{prefix}{key}.")
            elif prefix or key not in RUNTIME_FIELDS:
                yield f"{prefix}{key}", inner

    ours, theirs = dict(flat(stored.model_dump(mode="json"))), dict(flat(asked.model_dump(mode="json")))
    return sorted(key for key in ours if ours[key] != theirs[key])


class Session:
    """One process's part in one run, from the first or a later step to the last or an interruption."""

    def __init__(self, config: TrainConfig, corpus: PreparedCorpus, folder: Path, processes: int) -> None:
        torch.use_deterministic_algorithms(True, warn_only=uses_cuda(config))
        disable_progress_bar()  # transformers draws one for every file it saves
        self.config, self.corpus, self.folder, self.processes = config, corpus, folder, processes
        self.plan = RunPlan(steps=config.max_steps, batch_size=config.batch_size)
        self.samples = Samples(
            corpus,
            self.plan,
            config.curriculum,
            seed=config.seed,
            objective=config.model.objective,
            mask_rate=config.mask_rate,
            mask_split=config.mask_split,
        )
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

    before = {number: signal.signal(number, request) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
