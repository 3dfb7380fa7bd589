"""HellaSwag (Zellers et al. 2019, "HellaSwag: can a machine really finish your sentence?")."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from climb.eval.fields import Line
from climb.eval.multiple_choice import MultipleChoiceTask, foundry


class HellaSwag(MultipleChoiceTask):
    """Four endings of a scene: `activity_label`, `ctx_a`, `ctx_b`, `endings`, `label`."""

    name: ClassVar[str] = "hellaswag"
    description: ClassVar[str] = "HellaSwag: which of 4 endings follows a scene"
    files: ClassVar[tuple[str, ...]] = ("hellaswag.jsonl", "zeroshot/hellaswag.jsonl", "hellaswag/validation.jsonl")
    size: ClassVar[int] = 10_042

    def question(self, line: Line) -> tuple[str, tuple[str, ...], int]:
        """Return the parts of a line, cleaned as lm-evaluation-harness does."""
        known = foundry(line)
        if known is not None:
            return known
        second = line.text("ctx_b", "").capitalize()
        context = f"{line.text('activity_label')}: {line.text('ctx_a', '')} {second}"
        answers = tuple(cleaned(ending) for ending in line.texts("endings"))
        label: Any = line.record.get("label")  # the Hub's file has it as text
        inner = Line(line.path, line.number, {"label": int(label) if str(label).isdecimal() else label})
        return cleaned(context), answers, inner.whole("label", len(answers))


def cleaned(text: str) -> str:
    """Return a text of HellaSwag without the marks of WikiHow's markup."""
    text = text.strip().replace(" [title]", ". ")
    return re.sub(r"\[.*?\]", "", text).replace("  ", " ")
