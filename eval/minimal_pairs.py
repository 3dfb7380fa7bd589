"""Minimal pairs: read BLiMP's .jsonl format, score both sentences, count who wins, average by paradigm.

A pair is right when the acceptable sentence has the higher summed log-probability (Warstadt et al. 2020,
"BLiMP", full-sentence method; masked models by pseudo-log-likelihood). The headline is the mean over
paradigms (macro), as BLiMP and the BabyLM challenge report it; the mean over pairs (micro) stands beside it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from climb.base.errors import UserError
from climb.base.files import read_json_lines, sha256_json
from climb.base.progress_bar import progress
from climb.base.random_bits import RandomBits
from climb.eval.conventions import Convention, convention_named
from climb.eval.requests import Request, Score
from climb.eval.results import Coverage, DataInfo, Figure, TaskResult, macro_figure, mean_figure
from climb.eval.task import Task

if TYPE_CHECKING:
    from climb.eval.scoring import Scorer

NEAR_TIE = 1e-4
"""Score gaps below this, in nats, are within the rounding of float32 and counted as near-ties."""
_TEXT_FIELDS = ("UID", "linguistics_term", "field")


@dataclass(frozen=True, slots=True)
class Pair:
    """A minimal pair; `number` is its place in its paradigm's file."""

    paradigm: str
    number: int
    good: str
    bad: str
    term: str = ""
    field: str = ""

    @property
    def phenomenon(self) -> str:
        """One of the paper's 12 phenomena: the data splits one of them into two terms."""
        return "argument_structure" if self.term == "s-selection" else self.term

    @property
    def id(self) -> str:
        """The name of the pair in prediction files: `<paradigm>_<number>`."""
        return f"{self.paradigm}_{self.number}"


def read_pairs(folder: Path) -> list[Pair]:
    """Read every .jsonl file of a folder, in the order of the file names.

    A pair needs `sentence_good` and `sentence_bad`; `UID` (else the file's stem), `linguistics_term` and
    `field` are used where they stand.

    Raises:
        UserError: a line is no pair; the sentence names file and line.
    """
    pairs: list[Pair] = []
    numbers: dict[str, int] = {}
    for path in sorted(path for path in folder.glob("*.jsonl") if path.is_file()):
        before = len(pairs)
        for line, record in read_json_lines(path):
            pair = _pair(path, line, record)
            number = numbers.get(pair["paradigm"], 0)
            numbers[pair["paradigm"]] = number + 1
            pairs.append(Pair(number=number, **pair))
        if len(pairs) == before:
            raise UserError(f"{path} holds no pairs: remove the file or restore it.")
    return pairs


def _pair(path: Path, line: int, record: dict[str, Any]) -> dict[str, str]:
    """Return the fields of a pair from one record."""
    for key in ("sentence_good", "sentence_bad"):
        text = record.get(key)
        if not isinstance(text, str) or not text.strip():
            raise UserError(f"{path}, line {line}: {key!r} must be a sentence; mend the line.")
    for key in ("sentence_good", "sentence_bad", *_TEXT_FIELDS):
        text = record.get(key, "")
        # JSON may escape half a surrogate pair, which no file or tokenizer can hold.
        if not isinstance(text, str) or any("\ud800" <= character <= "\udfff" for character in text):
            raise UserError(f"{path}, line {line}: {key!r} must be well-formed text; mend the line.")
    return {
        "paradigm": record.get("UID") or path.stem,
        "good": record["sentence_good"],
        "bad": record["sentence_bad"],
        "term": record.get("linguistics_term", ""),
        # One paradigm of BLiMP writes a slash where its paper and the rest have an underscore.
        "field": record.get("field", "").replace("/", "_"),
    }


def subsample(pairs: Sequence[Pair], limit: int | None, seed: int) -> list[Pair]:
    """Return at most `limit` pairs of each paradigm, drawn by (seed, paradigm), in their own order."""
    if limit is None:
        return list(pairs)
    sizes: dict[str, int] = {}
    for pair in pairs:
        sizes[pair.paradigm] = sizes.get(pair.paradigm, 0) + 1
    chosen: dict[str, set[int]] = {}
    for paradigm, size in sizes.items():
        bits = RandomBits(seed, f"pairs/{paradigm}")
        chosen[paradigm] = set(bits.permuted(np.arange(min(limit, size)), size, 0).tolist())
    return [pair for pair in pairs if pair.number in chosen[pair.paradigm]]


class MinimalPairTask(Task):
    """A task whose data are minimal pairs; a concrete one says where they come from."""

    pairs: list[Pair]
    available: int
    data_name: str
    coverage: Coverage | None = None

    def take(self, pairs: list[Pair], data_name: str) -> None:
        """Set the pairs to be scored: all, or as many of each paradigm as the configuration's `limit` says."""
        self.pairs = subsample(pairs, self.config.limit, self.config.seed)
        self.available = len(pairs)
        self.data_name = data_name

    def evaluate(self, scorer: Scorer) -> TaskResult:
        """Score both sentences of every pair and average by paradigm, phenomenon and field."""
        convention = convention_named(self.config.convention)
        requests = [Request(text) for pair in self.pairs for text in (pair.good, pair.bad)]
        with progress(self.name, len(requests)) as advance:
            scores = scorer.score(requests, advance)
        return self._result(convention, scores[0::2], scores[1::2], _notes(scorer))

    def _result(self, convention: Convention, good: list[Score], bad: list[Score], notes: list[str]) -> TaskResult:
        kept = [i for i in range(len(self.pairs)) if not (good[i].too_long or bad[i].too_long)]
        if not kept:
            raise UserError(f"{self.name}: no pair fits into the model's positions, so there is nothing to score.")
        pairs = [self.pairs[i] for i in kept]
        good, bad = [good[i] for i in kept], [bad[i] for i in kept]
        gaps = np.array([a.total - b.total if a.total != b.total else 0.0 for a, b in zip(good, bad, strict=True)])
        credits = convention.credit(np.array([s.total for s in good]), np.array([s.total for s in bad]))
        if len(self.pairs) < self.available:
            notes = [*notes, f"{len(self.pairs)} of {self.available} pairs were drawn, so this is an estimate."]
        if len(pairs) < len(self.pairs):
            notes = [*notes, f"{len(self.pairs) - len(pairs)} pairs are longer than the model's positions: left out."]
        metrics, groups = aggregate(pairs, credits)
        counts = {
            "available": self.available,
            "drawn": len(self.pairs),
            "scored": len(pairs),
            "too_long": len(self.pairs) - len(pairs),
            "ties": int((gaps == 0).sum()),
            "near_ties": int(((np.abs(gaps) < NEAR_TIE) & (gaps != 0)).sum()),
            "not_a_number": int(np.isnan(gaps).sum()),
        }
        return TaskResult(
            task=self.name,
            description=self.description,
            convention=convention.name,
            headline="accuracy_macro",
            chance=0.5,
            metrics=metrics,
            groups=groups,
            counts=counts,
            coverage=self.coverage,
            notes=notes + ([self.coverage.note] if self.coverage and self.coverage.note else []),
            data=DataInfo(name=self.data_name, sha256=sha256_json([[p.id, p.good, p.bad] for p in self.pairs])),
            predictions=_predictions(pairs, good, bad, credits.tolist()),
        )


def _notes(scorer: Scorer) -> list[str]:
    """Say what a reader of the figure must know about the way the model was scored."""
    if not scorer.scores_first_token:
        return ["The tokenizer puts no token before the text, so the first token of each sentence is not scored."]
    return []


def _predictions(
    pairs: list[Pair], good: list[Score], bad: list[Score], credits: list[float]
) -> list[dict[str, Any]]:
    """Return one record per pair; a score that is no finite number is written as text (JSON has none)."""
    return [
        {
            "id": pair.id,
            "paradigm": pair.paradigm,
            "good": _number(a.total),
            "bad": _number(b.total),
            "good_tokens": a.tokens,
            "bad_tokens": b.tokens,
            "credit": credit,
        }
        for pair, a, b, credit in zip(pairs, good, bad, credits, strict=True)
    ]


def _number(value: float) -> float | str:
    return value if math.isfinite(value) else str(value)


def aggregate(
    pairs: Sequence[Pair], credits: npt.NDArray[np.float64]
) -> tuple[dict[str, Figure], dict[str, dict[str, Figure]]]:
    """Return (metrics, groups) of credits [n], one per pair.

    Metrics: accuracy_macro (mean over paradigms), accuracy_micro (mean over pairs). Groups: paradigm, and,
    where the data names them, phenomenon, term and field, each the mean over its paradigms.
    """
    by_paradigm: dict[str, list[int]] = {}
    for index, pair in enumerate(pairs):
        by_paradigm.setdefault(pair.paradigm, []).append(index)
    paradigms = {name: mean_figure(credits[indices]) for name, indices in sorted(by_paradigm.items())}
    groups = {"paradigm": paradigms}
    for grouping in ("phenomenon", "term", "field"):
        members: dict[str, list[Figure]] = {}
        for name, indices in sorted(by_paradigm.items()):
            label = getattr(pairs[indices[0]], grouping)
            if label:
                members.setdefault(label, []).append(paradigms[name])
        if members:
            groups[grouping] = {label: macro_figure(parts) for label, parts in sorted(members.items())}
    metrics = {"accuracy_macro": macro_figure(list(paradigms.values())), "accuracy_micro": mean_figure(credits)}
    return metrics, groups
