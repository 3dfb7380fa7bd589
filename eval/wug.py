"""Nonce words (Weissweiler et al. 2023; Hofmann et al. 2024): does a model inflect them as people do?

Each item holds whole sentences that differ in one form of a nonce word, and the share of people who prefer the first.
The model's preference is the softmax over the sentences' scores; the figure is Spearman's ρ of the two. Its standard
error is that of Bonett & Wright (2000) for atanh ρ, sqrt((1 + ρ²/2) / (n − 3)), times dρ / d(atanh ρ) = 1 − ρ².
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from climb.base.errors import UserError
from climb.base.files import sha256_json
from climb.base.progress_bar import progress
from climb.eval.choice_task import first_token_note
from climb.eval.conventions import convention_named
from climb.eval.data_places import BABYLM_CURE, find_folder
from climb.eval.fields import Line, files_of, lines_of
from climb.eval.questions import number
from climb.eval.results import Coverage, DataInfo, Figure, TaskResult
from climb.eval.task import Task

if TYPE_CHECKING:
    from climb.eval.scoring import Scorer


@dataclass(frozen=True)
class Wug:
    """Sentences with the forms of a nonce word, and the share of people who prefer the first."""

    sentences: tuple[str, ...]
    ratio: float


class WugTask(Task):
    """A concrete one says where its items are.

    Attributes:
        layouts: folders to look in.
        uid: the prefix of the items' ids.
        size: items of the published set.
    """

    layouts: ClassVar[tuple[str, ...]]
    uid: ClassVar[str]
    size: ClassVar[int]
    items: list[Wug]

    def load(self) -> None:
        """Find and read the items."""
        folder = find_folder(self.config.data, self.layouts, f"The data of {self.name}", BABYLM_CURE)
        self.items = [item for path in files_of(folder) for item in _of_file(path)]

    def content_sha256(self) -> str:
        """Return the hash of the items."""
        return sha256_json([[*item.sentences, item.ratio] for item in self.items])

    def evaluate(self, scorer: Scorer) -> TaskResult:
        """Score every sentence and correlate.

        Raises:
            UserError: fewer than four items fit into the model, or scores are no numbers.
        """
        convention = convention_named(self.config.convention, self.config.bos)
        requests = [convention.request(text, 0, scorer.kind) for item in self.items for text in item.sentences]
        with progress(self.name, len(requests)) as advance:
            scores = iter(scorer.score(requests, advance))
        values = [[next(scores) for _ in item.sentences] for item in self.items]
        kept = [i for i, row in enumerate(values) if not any(score.too_long for score in row)]
        totals = [np.array([convention.value(score, scorer.kind) for score in values[i]]) for i in kept]
        broken = sum(not np.isfinite(row).all() for row in totals)
        if broken:
            raise UserError(
                f"{self.name}: {broken} items have a score that is no finite number; try --precision fp32."
            )
        if len(kept) < 4:
            raise UserError(f"{self.name}: only {len(kept)} items fit into the model; a correlation needs four.")
        shares = [float(_softmax(row)[0]) for row in totals]
        return TaskResult(
            task=self.name,
            description=self.description,
            convention=convention.name,
            headline="spearman",
            chance=0.0,
            metrics={"spearman": correlation(shares, [self.items[i].ratio for i in kept])},
            groups={},
            counts={"available": len(self.items), "scored": len(kept), "too_long": len(self.items) - len(kept)},
            coverage=Coverage(present=len(self.items), total=self.size, unit="items", note=""),
            notes=first_token_note(scorer, convention),
            data=DataInfo(name=self.uid, sha256=self.content_sha256()),
            predictions=[
                {
                    "id": f"{self.uid}_{i}",
                    "scores": [number(float(value)) for value in row],
                    "chosen": int(row.argmax()),
                    "prob": share,
                    "ratio": self.items[i].ratio,
                }
                for i, row, share in zip(kept, totals, shares, strict=True)
            ],
        )


def _of_file(path: Path) -> list[Wug]:
    return [Wug(_sentences(line), line.share("ratio")) for line in lines_of(path)]


def _sentences(line: Line) -> tuple[str, ...]:
    sentences = tuple(line.text("sentences").split("\t"))
    if len(sentences) < 2 or not all(sentence.strip() for sentence in sentences):
        raise line.wrong("sentences", "two or more sentences with tabs between them")
    return sentences


def _softmax(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    powers = np.exp(values - values.max())
    return np.asarray(powers / powers.sum(), dtype=np.float64)


def correlation(ours: list[float], theirs: list[float]) -> Figure:
    """Return Spearman's ρ of two lists of n ≥ 4 numbers with its standard error; 0 where one of them is constant."""
    from scipy.stats import spearmanr

    n = len(ours)
    constant = len(set(ours)) == 1 or len(set(theirs)) == 1
    rho = 0.0 if constant else float(spearmanr(ours, theirs).statistic)
    error = (1 - rho**2) * math.sqrt((1 + rho**2 / 2) / (n - 3))
    return Figure(value=rho, standard_error=error, count=n)
