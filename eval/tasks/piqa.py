"""PIQA (Bisk et al. 2020, "PIQA: reasoning about physical commonsense in natural language")."""

from __future__ import annotations

from typing import ClassVar

from climb.eval.fields import Line
from climb.eval.multiple_choice import MultipleChoiceTask, foundry


class Piqa(MultipleChoiceTask):
    """A goal and two ways to reach it: `goal`, `sol1`, `sol2`, `label`."""

    name: ClassVar[str] = "piqa"
    description: ClassVar[str] = "PIQA: which of 2 ways reaches a practical goal"
    files: ClassVar[tuple[str, ...]] = ("piqa.jsonl", "zeroshot/piqa.jsonl", "piqa/valid.jsonl")
    size: ClassVar[int] = 1838

    def question(self, line: Line) -> tuple[str, tuple[str, ...], int]:
        """Return the parts of a line."""
        known = foundry(line)
        if known is not None:
            return f"{known[0].rstrip()}\nAnswer:", *known[1:]
        answers = (line.text("sol1"), line.text("sol2"))
        return f"Question: {line.text('goal')}\nAnswer:", answers, line.whole("label", 2)
