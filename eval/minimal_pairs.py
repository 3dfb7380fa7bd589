"""Minimal pairs: read BLiMP's .jsonl format, score both sentences, count who wins, average by paradigm.

A pair is right when the acceptable sentence has the higher summed log-probability (Warstadt et al. 2020,
"BLiMP", full-sentence method; masked models by pseudo-log-likelihood). The headline is the mean over
paradigms (macro), as BLiMP and the BabyLM challenge report it; the mean over pairs (micro) stands beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from climb.eval.choice_task import ChoiceTask
from climb.eval.conventions import Convention
from climb.eval.fields import files_of, lines_of
from climb.eval.questions import Outcome, Part, Question, View, number
from climb.eval.requests import Score


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
        """One of the paper's 12 phenomena."""
        return phenomenon_of(self.term)

    @property
    def id(self) -> str:
        """The name of the pair in prediction files: `<paradigm>_<number>`."""
        return f"{self.paradigm}_{self.number}"

    def question(self) -> Question:
        """Return the pair as a question whose first candidate is right."""
        kinds = {"phenomenon": self.phenomenon, "term": self.term, "field": self.field}
        candidates = ((self.good, 0), (self.bad, 0))
        return Question(self.id, self.paradigm, candidates, 0, (self.good, self.bad), kinds)


def phenomenon_of(term: str) -> str:
    """Return the paper's phenomenon of a `linguistics_term`: the data splits one of the 12 into two terms."""
    return "argument_structure" if term == "s-selection" else term


def read_pairs(folder: Path) -> list[Pair]:
    """Read every .jsonl file of a folder, in the order of the file names.

    A pair needs `sentence_good` and `sentence_bad`; `UID` (else the file's stem), `linguistics_term` and
    `field` are used where they stand.

    Raises:
        UserError: a line is no pair; the sentence names file and line.
    """
    pairs: list[Pair] = []
    numbers: dict[str, int] = {}
    for path in files_of(folder):
        for line in lines_of(path):
            paradigm = line.text("UID", path.stem)
            number = numbers.get(paradigm, 0)
            numbers[paradigm] = number + 1
            pairs.append(
                Pair(
                    paradigm,
                    number,
                    line.text("sentence_good"),
                    line.text("sentence_bad"),
                    line.text("linguistics_term", ""),
                    # One paradigm of BLiMP writes a slash where its paper and the rest have an underscore.
                    line.text("field", "").replace("/", "_"),
                )
            )
    return pairs


class MinimalPairTask(ChoiceTask):
    """A task whose data are minimal pairs; a concrete one says where they come from."""

    pairs: list[Pair]

    def take(self, pairs: list[Pair], data_name: str) -> None:
        """Set the pairs to be scored: all, or as many of each paradigm as the configuration's `limit` says."""
        by_id = {pair.id: pair for pair in pairs}
        self.ask([pair.question() for pair in pairs], data_name)
        self.pairs = [by_id[question.id] for question in self.questions]

    def views(self, convention: Convention) -> list[View]:
        """Return the one view there is."""
        return [View("accuracy_macro", self.questions)]

    def record(
        self, question: Question, outcome: Outcome, index: int, scores: Mapping[Part, Score]
    ) -> dict[str, Any]:
        """Return the line of a pair in the predictions file."""
        good, bad = outcome.values[index]
        return {
            "id": question.id,
            "paradigm": question.paradigm,
            "good": number(good),
            "bad": number(bad),
            "good_tokens": scores[question.candidates[0]].tokens,
            "bad_tokens": scores[question.candidates[1]].tokens,
            "credit": outcome.decisions[index].credit,
        }
