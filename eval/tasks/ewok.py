"""EWoK (Ivanova et al. 2024, "Elements of World Knowledge"): does a sentence go with its context?

Two contexts and two targets, each target plausible after one of the contexts. EWoK itself compares one target after
both contexts, p(T1 | C1) with p(T1 | C2), and so did the 2026 BabyLM pipeline; those of 2024 and 2025 compared two
targets after one context, p(T1 | C1) with p(T2 | C1). The figures do not compare: both are given, the convention says
which is the headline. `accuracy_joint` asks that both rows of an item are right: T1 and T2 each in their context.
The texts are gated and stay out of every file written: ids and numbers only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from climb.base.files import sha256_json
from climb.eval.choice_task import ChoiceTask
from climb.eval.conventions import Convention
from climb.eval.data_places import BABYLM_CURE, find_folder
from climb.eval.fields import Line, files_of, lines_of
from climb.eval.questions import Outcome, Part, Question, View, number
from climb.eval.requests import Score
from climb.eval.results import Coverage, Figure, macro_figure, mean_figure

DOMAINS = 11
FAST = ("fast_eval/ewok_fast", "ewok_fast")
LAYOUTS = ("full_eval/ewok_filtered", "ewok_filtered", "ewok")
CURE = f"EWoK is gated: ask for it at huggingface.co/datasets/ewok-core/ewok-core-1.0, then {BABYLM_CURE}"
_TRAITS = ("ContextType", "ContextDiff", "TargetDiff")


class Ewok(ChoiceTask):
    """Both comparisons over the same four scores of a row."""

    name: ClassVar[str] = "ewok"
    description: ClassVar[str] = "EWoK, plausibility in context: mean accuracy over 11 domains"
    divided_by: ClassVar[str] = "domain"

    def load(self) -> None:
        """Find and read the rows."""
        folder = find_folder(self.config.data, FAST if self.config.fast else LAYOUTS, "EWoK", CURE)
        counts: dict[str, int] = {}
        rows: list[Question] = []
        for path in files_of(folder):
            for line in lines_of(path):
                domain = line.text("Domain", path.stem)
                rows.append(_row(line, domain, counts.get(domain, 0)))
                counts[domain] = counts.get(domain, 0) + 1
        note = f"{len(counts)} of {DOMAINS} domains are at hand." if len(counts) < DOMAINS else ""
        self.coverage = Coverage(present=len(counts), total=DOMAINS, unit="domains", note=note)
        self.ask(rows, folder.resolve().name)

    def views(self, convention: Convention) -> list[View]:
        """Return both comparisons, the convention's first, then the mirror image of that one."""
        contexts = View("accuracy_contexts_macro", [_compared(row, 0, 2) for row in self.questions])
        targets = View("accuracy_targets_macro", [_compared(row, 0, 1) for row in self.questions])
        if convention.ewok == "contexts":
            return [contexts, targets, View(_MIRROR, [_compared(row, 3, 1) for row in self.questions])]
        return [targets, contexts, View(_MIRROR, [_compared(row, 3, 2) for row in self.questions])]

    def _figures(
        self, views: list[View], outcomes: list[Outcome]
    ) -> tuple[dict[str, Figure], dict[str, dict[str, Figure]]]:
        """Put the joint score in the place of the mirrored comparison."""
        metrics, groups = super()._figures(views[:-1], outcomes[:-1])
        mirrored = {
            q.id: decision.credit for q, decision in zip(outcomes[-1].questions, outcomes[-1].decisions, strict=True)
        }
        by_domain: dict[str, list[float]] = {}
        for question, decision in zip(outcomes[0].questions, outcomes[0].decisions, strict=True):
            if question.id in mirrored:
                by_domain.setdefault(question.paradigm, []).append(decision.credit * mirrored[question.id])
        if by_domain:
            metrics["accuracy_joint_macro"] = macro_figure([mean_figure(np.array(v)) for v in by_domain.values()])
        groups[views[0].metric] = groups["paradigm"]
        return metrics, groups

    def record(
        self, question: Question, outcome: Outcome, index: int, scores: Mapping[Part, Score]
    ) -> dict[str, Any]:
        """Return numbers alone: Σ ln p of T1 and T2 after C1, then after C2."""
        row = self.by_id()[question.id]
        return {
            "id": question.id,
            "paradigm": question.paradigm,
            "scores": [number(scores[part].total) for part in row.candidates],
            "chosen": outcome.decisions[index].chosen,
            "credit": outcome.decisions[index].credit,
        }


_MIRROR = "mirrored"


def _row(line: Line, domain: str, count: int) -> Question:
    """Return a row with its four texts: T1 and T2 after C1, T1 and T2 after C2."""
    contexts = (line.text("Context1"), line.text("Context2"))
    targets = (line.text("Target1"), line.text("Target2"))
    four = tuple((f"{context} {target}", len(context)) for context in contexts for target in targets)
    traits = {key: line.text(key, "") for key in _TRAITS}
    return Question(
        f"{domain}_{count}",
        domain,
        four,
        0,
        tuple(f" {target}" for target in targets),
        of_question={key: label for key, label in traits.items() if label},
        cluster=sha256_json([sorted(contexts), sorted(targets)]),  # a row and the one with everything swapped
    )


def _compared(row: Question, gold: int, other: int) -> Question:
    """Return the question that compares two of a row's texts."""
    return replace(row, candidates=(row.candidates[gold], row.candidates[other]))
