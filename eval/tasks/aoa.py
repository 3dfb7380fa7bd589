"""Age of acquisition: how well a model knows the words of children, and when it came to know them.

Chang & Bergen 2022; the challenges' parts of 2025 and 2026, see `climb.eval.aoa.acquisition`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from climb.base.errors import UserError
from climb.eval.aoa.acquisition import (
    FEWEST,
    age_2025,
    age_2026,
    age_of_children,
    correlation,
    scored,
    stacked,
)
from climb.eval.aoa.words import AcquiredWords
from climb.eval.data_places import BABYLM_CURE, find_file
from climb.eval.requests import Request
from climb.eval.results import Coverage, DataInfo, Figure, TaskResult, mean_figure
from climb.eval.task import Task

if TYPE_CHECKING:
    from climb.eval.scoring import Scorer

WORDS = 485
"""With a context in the challenge's file, of the 504 that are listed there."""
CONTEXTS = ("full_eval/aoa/cdi_childes.json", "aoa/cdi_childes.json", "cdi_childes.json")
CHILDREN = ("full_eval/aoa/cdi_human.csv", "aoa/cdi_human.csv", "cdi_human.csv")
FEWEST_CHECKPOINTS = 5
"""A curve of four numbers needs more points than that."""
_ALONE = "Ages of acquisition come from the course of a run: climb eval RUN --checkpoints --tasks aoa."


class AgeOfAcquisition(Task):
    """Surprisal of the words of one model; over the checkpoints of a run, their ages of acquisition."""

    name: ClassVar[str] = "aoa"
    description: ClassVar[str] = "surprisal of the words that children learn first, in speech to children"
    words: AcquiredWords

    def load(self) -> None:
        """Find and read contexts and children."""
        place = self.config.data
        self.words = AcquiredWords.read(
            find_file(place, CONTEXTS, "The contexts of the words children learn", BABYLM_CURE),
            find_file(place, CHILDREN, "The ages at which children say words", BABYLM_CURE),
        )

    def content_sha256(self) -> str:
        """Return the hash of both files."""
        return self.words.sha256

    def evaluate(self, scorer: Scorer) -> TaskResult:
        """Compute −ln p of every word after each of its contexts.

        Raises:
            UserError: a surprisal is no finite number.
        """
        rows = [(word, context) for word, contexts in self.words.contexts.items() for context in contexts]
        requests = [Request(f"{context} {word}", len(context)) for word, context in rows]
        values = -np.array([score.total for score in scorer.score(requests)])
        if not np.isfinite(values).all():
            raise UserError(
                f"{self.name}: {int((~np.isfinite(values)).sum())} words have a surprisal that is no finite number."
            )
        own: dict[str, list[float]] = {}
        for (word, _), value in zip(rows, values, strict=True):
            own.setdefault(word, []).append(float(value))
        chance = _chance(scorer, list(own))
        means = np.array([np.mean(of_word) for of_word in own.values()])
        expected = np.array([chance[word] for word in own])
        return TaskResult(
            task=self.name,
            description=self.description,
            convention="native",
            headline="surprisal",
            chance=float(expected.mean()),
            metrics={
                "surprisal": mean_figure(means),
                "share_of_chance": mean_figure(means / expected),
            },
            groups={},
            counts={"words": len(own), "contexts": len(rows)},
            coverage=Coverage(present=len(own), total=WORDS, unit="words", note=""),
            notes=[] if self.config.checkpoints else [_ALONE],
            data=DataInfo(name="cdi_childes.json", sha256=self.words.sha256),
            predictions=[
                {"id": f"{word}_{number}", "word": word, "surprisal": value, "chance": chance[word]}
                for word, of_word in own.items()
                for number, value in enumerate(of_word)
            ],
        )

    def course(self, words: Sequence[int], results: Sequence[TaskResult]) -> TaskResult | None:
        """Return the correlation of the ages at which children and the model acquire words.

        Args:
            words: of text at each checkpoint, ascending.
            results: this task's, with predictions, of each.
        """
        if len(words) < FEWEST_CHECKPOINTS:
            return None
        parts = [_by_word(result) for result in results]
        chance = {record["word"]: float(record["chance"]) for record in results[0].predictions}
        courses = stacked(parts, chance)
        children = {word: age_of_children(shares) for word, shares in self.words.children.items() if word in courses}
        trained = np.array(words, dtype=np.float64)
        metrics: dict[str, Figure] = {}
        ages: dict[str, Mapping[str, float | None]] = {}
        notes = []
        for year, age in ((2026, age_2026), (2025, age_2025)):
            ages[str(year)] = {word: age(trained, course) for word, course in courses.items()}
            found, p = correlation(children, ages[str(year)])
            metrics[f"pearson_{year}"] = found
            metrics[f"score_{year}"] = Figure(value=scored(found, p, year), standard_error=None, count=found.count)
            notes.append(
                f"By the way of {year} the model acquires {sum(one is not None for one in ages[str(year)].values())} "
                f"words and children and model share {found.count}: r = {found.value:.3f}, p = {p:.3g}."
            )
        if min(metrics[f"pearson_{year}"].count for year in (2025, 2026)) < FEWEST:
            notes.append(f"A correlation of fewer than {FEWEST} words stands as 0.")
        return TaskResult(
            task=f"{self.name}_course",
            description="do children and the model acquire words in the same order",
            convention="babylm-2025 and -2026",
            headline="pearson_2026",
            chance=0.0,
            metrics=metrics,
            groups={},
            counts={
                "checkpoints": len(words),
                "words": len(courses),
                "children": sum(age is not None for age in children.values()),
            },
            coverage=results[-1].coverage,
            notes=notes,
            data=results[-1].data,
            model=results[-1].model,
            settings=results[-1].settings,
            predictions=[
                {"id": word, "months": children.get(word)}
                | {f"log10_words_{year}": of_year[word] for year, of_year in ages.items()}
                for word in courses
            ],
        )


def _by_word(result: TaskResult) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for record in result.predictions:
        found.setdefault(record["word"], []).append(float(record["surprisal"]))
    return found


def _chance(scorer: Scorer, words: list[str]) -> dict[str, float]:
    """Return word → n ln V, nats: n is by how many tokens "The" grows when the word follows it, at least one."""
    per_token = math.log(scorer.vocabulary)
    alone = len(scorer.tokenizer("The")["input_ids"])
    behind = scorer.tokenizer([f"The {word}" for word in words])["input_ids"]
    return {word: max(1, len(ids) - alone) * per_token for word, ids in zip(words, behind, strict=True)}
