"""ARC's two forms: llm-foundry's lines, and the Hub's with `question`, `choices` {text, label} and `answerKey`."""

from __future__ import annotations

from climb.eval.fields import Line
from climb.eval.multiple_choice import MultipleChoiceTask, foundry


class ArcTask(MultipleChoiceTask):
    """The context is "Question: … Answer:", on two lines."""

    def question(self, line: Line) -> tuple[str, tuple[str, ...], int]:
        """Return the parts of a line in either form."""
        known = foundry(line)
        if known is not None:
            query, answers, gold = known
            return f"{query.rstrip()}\nAnswer:", answers, gold
        choices = line.record.get("choices")
        if not isinstance(choices, dict) or not isinstance(choices.get("label"), list):
            raise line.wrong("choices", "a list, or an object with text and label")
        inner = Line(line.path, line.number, choices)
        answers, labels, key = inner.texts("text"), inner.texts("label"), line.text("answerKey")
        if key not in labels or len(labels) != len(answers):
            raise line.wrong("answerKey", "one of the labels")
        return f"Question: {line.text('question')}\nAnswer:", answers, labels.index(key)
