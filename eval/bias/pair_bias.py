"""Frequency bias on minimal pairs: does a model choose the sentence whose tokens are more frequent?

What is measured stands in `pair_frequencies` (Δ of a pair), `statistics` and `measured_pairs` (the figures); here
pairs are chosen and scored. Beside the published number stand a control (only pairs whose sentences have equal
numbers of tokens and of words, with thirds of their own), the slope of accuracy on Δ at equal length and within
paradigms, and the same number for the run's untrained weights, because an untrained model does not score 0 (Δ
goes along with the number of pieces a word splits into). Cost: one scoring of the replacement pairs, two where the
untrained weights are scored too (once per run and command), and the bootstrap.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from climb.base.corpus import PreparedCorpus
from climb.base.errors import UserError
from climb.base.files import sha256_json
from climb.base.progress_bar import progress
from climb.base.run import Run
from climb.eval.bias.corpus_counts import corpus_of, token_counts
from climb.eval.bias.measured_pairs import MeasuredPairs
from climb.eval.bias.pair_frequencies import (
    UNSEEN,
    frequency_difference,
    log_frequency,
    pair_kind,
    plain_tokens,
    same_segmentation,
)
from climb.eval.conventions import Convention, convention_named
from climb.eval.minimal_pairs import MinimalPairTask, Pair
from climb.eval.options import Device, EvalConfig
from climb.eval.requests import Floats, Ints, Kind, Request
from climb.eval.results import DataInfo, TaskResult
from climb.eval.task import Task

if TYPE_CHECKING:
    from climb.eval.scoring import Scorer

UNTRAINED = "chck_0M"
"""The folder of a run that holds the weights before the first step."""


class PairBiasTask(Task):
    """Frequency bias over the pairs of another task; a concrete one says which."""

    pairs_from: ClassVar[type[MinimalPairTask]]
    source: MinimalPairTask

    def __init__(self, config: EvalConfig) -> None:
        super().__init__(config)
        self._untrained: dict[tuple[Path, str, Kind], Floats] = {}

    def load(self) -> None:
        """Load the pairs."""
        self.source = self.pairs_from(self.config)
        self.source.load()

    def evaluate(self, scorer: Scorer) -> TaskResult:
        """Find the replacement pairs, score them, and compare accuracy over the thirds of Δ.

        Raises:
            UserError: the training corpus is not to be had, or too few pairs differ in frequency for thirds.
        """
        corpus = corpus_of(self.config.corpus, scorer.origin, self.name)
        counts = token_counts(corpus, scorer.tokenizer, vocabulary_of(scorer))
        texts = [Request(text) for pair in self.source.pairs for text in (pair.good, pair.bad)]
        tokens = [plain_tokens(item) for item in scorer.encode(texts)]
        sides = list(zip(tokens[0::2], tokens[1::2], strict=True))
        kinds = [pair_kind(good, bad) for good, bad in sides]
        chosen = [number for number, kind in enumerate(kinds) if kind == "replacement"]
        values = self._values(scorer, [self.source.pairs[number] for number in chosen], self.name)
        chosen = [number for number, value in zip(chosen, values, strict=True) if value is not None]
        scores = np.array([value for value in values if value is not None], dtype=np.float64).reshape(-1, 2)
        measured = self._measured(
            scorer, [self.source.pairs[n] for n in chosen], [sides[n] for n in chosen], log_frequency(counts), scores
        )
        unseen = sum(bool((counts[np.setxor1d(*sides[number])] == 0).any()) for number in chosen)
        found = {
            **{f"{kind}_pairs": kinds.count(kind) for kind in ("replacement", "addition", "reordering", "identical")},
            "too_long": kinds.count("replacement") - len(chosen),
            "with_unseen_tokens": unseen,
        }
        return self._result(measured, scores, found, corpus.manifest.name, self._notes(scorer, corpus, unseen))

    def _measured(
        self, scorer: Scorer, pairs: list[Pair], sides: list[tuple[Ints, Ints]], log_counts: Floats, scores: Floats
    ) -> MeasuredPairs:
        """Return the pairs with everything that is measured on them."""
        if not pairs:
            raise UserError(
                f"{self.name}: no pair that fits into the model differs by a replacement of tokens, so nothing can "
                "be compared: give more pairs, or the tokenizer that belongs to the model."
            )
        lengths = np.array([[len(good), len(bad)] for good, bad in sides], dtype=np.int64)
        return MeasuredPairs(
            pairs=pairs,
            deltas=np.array([frequency_difference(good, bad, log_counts) for good, bad in sides]),
            credits=self._convention.credit(scores[:, 0], scores[:, 1]),
            longer=(lengths[:, 0] - lengths[:, 1]).astype(np.float64),
            controlled=same_segmentation([p.good for p in pairs], [p.bad for p in pairs], lengths),
            untrained=self._untrained_credits(scorer, pairs),
        )

    def _untrained_credits(self, scorer: Scorer, pairs: list[Pair]) -> Floats | None:
        """Return the credits of the run's weights before training, [n]; None without a run or such weights."""
        folder = _untrained_folder(scorer)
        if folder is None or not self.config.untrained:
            return None
        dtype = str(next(scorer.model.parameters()).dtype)
        key = (folder.resolve(), dtype, scorer.kind)
        if key not in self._untrained:
            from climb.eval.loading import load
            from climb.eval.scoring import Scorer as Engine

            device: Device = "cuda" if scorer.device.type == "cuda" else "cpu"
            loaded = load(folder, device, "bf16" if dtype == "torch.bfloat16" else "fp32")
            other = Engine(
                loaded.model,
                loaded.tokenizer,
                scorer.kind,
                scorer.batch_tokens,
                pll=self.config.pll,
                sharing=self.config.sharing,
            )
            values = np.array(self._values(other, pairs, f"{self.name}, {folder}"), dtype=np.float64).reshape(-1, 2)
            self._untrained[key] = self._convention.credit(values[:, 0], values[:, 1])
        return self._untrained[key]

    @property
    def _convention(self) -> Convention:
        return convention_named(self.config.convention, self.config.bos)

    def _values(self, scorer: Scorer, pairs: Sequence[Pair], label: str) -> list[tuple[float, float] | None]:
        """Return what is compared of every pair, (good, bad), asked for as by the task the pairs come from.

        So what that task has scored in the same command is not scored again. None where a sentence is too long.
        """
        convention, kind = self._convention, scorer.kind
        requests = [convention.request(text, 0, kind) for pair in pairs for text in (pair.good, pair.bad)]
        with progress(label, len(requests)) as advance:
            scores = scorer.score(requests, advance)
        return [
            None if good.too_long or bad.too_long else (convention.value(good, kind), convention.value(bad, kind))
            for good, bad in zip(scores[0::2], scores[1::2], strict=True)
        ]

    def _notes(self, scorer: Scorer, corpus: PreparedCorpus, unseen: int) -> list[str]:
        notes: list[str] = []
        if scorer.origin is not None and _trained_elsewhere(scorer.origin, corpus):
            notes.append(f"The run {scorer.origin.resolve().name} was trained on another corpus than these counts.")
        if unseen:
            notes.append(
                f"In {unseen} pairs a token never occurs in the training text; it counts as {UNSEEN:g} times."
            )
        if self.config.untrained and scorer.origin is not None and _untrained_folder(scorer) is None:
            notes.append(f"The run holds no {UNTRAINED}, so the untrained model is missing as a reference.")
        if len(self.source.pairs) < self.source.available:
            drawn, available = len(self.source.pairs), self.source.available
            notes.append(f"{drawn} of {available} pairs were drawn, so this is an estimate.")
        coverage = self.source.coverage
        return notes + ([coverage.note] if coverage is not None and coverage.note else [])

    def _result(
        self, measured: MeasuredPairs, scores: Floats, found: dict[str, int], corpus: str, notes: list[str]
    ) -> TaskResult:
        figures = measured.figures(self.config.seed)
        if "frequency_bias" not in figures:
            raise UserError(
                f"{self.name}: the {len(measured.pairs)} replacement pairs differ too little in token frequency to "
                "be divided into thirds: give more pairs (--pairs, --limit, --data)."
            )
        if "frequency_bias_controlled" not in figures:
            notes = [*notes, "Too few pairs have equal numbers of tokens and words for the controlled bias."]
        return TaskResult(
            task=self.name,
            description=self.description,
            convention=self.config.convention,
            headline="frequency_bias",
            chance=None,
            metrics=figures,
            groups={"paradigm": measured.by_paradigm()},
            counts={
                "available": self.source.available,
                "drawn": len(self.source.pairs),
                **found,
                **{f"{name}_third": int(inside.sum()) for name, inside in measured.parts.items()},
                "controlled": int(measured.controlled.sum()),
                "paradigms": int(measured.paradigms.max()) + 1,
                "ties": int((scores[:, 0] == scores[:, 1]).sum()),
            },
            coverage=self.source.coverage,
            notes=notes,
            data=DataInfo(
                name=f"{self.source.data_name}; token counts of {corpus}",
                sha256=sha256_json([[pair.id, pair.good, pair.bad] for pair in self.source.pairs]),
            ),
            predictions=list(_predictions(measured, scores)),
        )


def vocabulary_of(scorer: Scorer) -> int:
    """Return the number of token ids that a model knows."""
    config: Any = scorer.model.config
    return int(config.vocab_size)


def _trained_elsewhere(origin: Path, corpus: PreparedCorpus) -> bool:
    return Run(origin).manifest.corpus_fingerprint != corpus.manifest.fingerprint


def _untrained_folder(scorer: Scorer) -> Path | None:
    folder = None if scorer.origin is None else scorer.origin / UNTRAINED
    return folder if folder is not None and (folder / "config.json").is_file() else None


def _predictions(measured: MeasuredPairs, scores: Floats) -> Iterator[dict[str, Any]]:
    """Yield one record per replacement pair; a score that is no finite number is written as text (JSON has none)."""
    for number, (pair, third) in enumerate(zip(measured.pairs, measured.third_names(), strict=True)):
        record: dict[str, Any] = {
            "id": pair.id,
            "paradigm": pair.paradigm,
            "delta": float(measured.deltas[number]),
            "third": third,
            "controlled": bool(measured.controlled[number]),
            "credit": float(measured.credits[number]),
        }
        if measured.untrained is not None:
            record["untrained_credit"] = float(measured.untrained[number])
        good, bad = scores[number].tolist()
        yield {
            **record,
            "good": good if math.isfinite(good) else str(good),
            "bad": bad if math.isfinite(bad) else str(bad),
        }
