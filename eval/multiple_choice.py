"""Multiple choice in the manner of lm-evaluation-harness: which answer goes on best after the question?

`accuracy`: the answer with the highest Σ ln p; `accuracy_per_character`: divided by its length in characters
(`acc_norm` there); `accuracy_per_token`: the mean over its tokens, as llm-foundry decides. The answer follows the
context after one space, which is scored with it and not counted as a character.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from climb.eval.choice_task import ChoiceTask
from climb.eval.conventions import Convention
from climb.eval.data_places import find_file
from climb.eval.fields import Line, lines_of
from climb.eval.questions import Question, View
from climb.eval.results import Coverage

CURE = "put it there as a .jsonl file (docs/evaluation.md says in which form), or give its folder with --data."


class MultipleChoiceTask(ChoiceTask):
    """A file of questions.

    Attributes:
        files: where the file may lie below the data folder.
        size: number of questions of the whole set.
    """

    files: ClassVar[tuple[str, ...]]
    size: ClassVar[int]

    @abstractmethod
    def question(self, line: Line) -> tuple[str, tuple[str, ...], int]:
        """Return (context, answers, number of the right one) of a line.

        Raises:
            UserError: the line is no such question.
        """

    def load(self) -> None:
        """Find and read the file."""
        path = find_file(self.config.data, self.files, f"The file of {self.name}", CURE)
        questions = [choice(self.name, number, *self.question(line)) for number, line in enumerate(lines_of(path))]
        note = f"{len(questions)} of {self.size} questions are at hand." if len(questions) != self.size else ""
        self.coverage = Coverage(present=len(questions), total=self.size, unit="questions", note=note)
        self.ask(questions, path.name)

    def views(self, convention: Convention) -> list[View]:
        """Return the three ways of dividing by length."""
        return length_views(self.questions)


def length_views(questions: list[Question]) -> list[View]:
    """Return the views that divide by nothing, by characters and by tokens."""
    return [
        View("accuracy", questions),
        View("accuracy_per_character", questions, "characters"),
        View("accuracy_per_token", questions, "tokens"),
    ]


def choice(paradigm: str, count: int, context: str, answers: tuple[str, ...], gold: int) -> Question:
    """Return the question that a context and its answers make."""
    context = context.rstrip()
    candidates = tuple((f"{context} {answer.strip()}", len(context)) for answer in answers)
    return Question(f"{paradigm}_{count}", paradigm, candidates, gold, answers)


def foundry(line: Line) -> tuple[str, tuple[str, ...], int] | None:
    """Return the parts of a line in llm-foundry's form, `query`, `choices`, `gold`; None for another form."""
    if "query" not in line.record:
        return None
    choices = line.texts("choices")
    return line.text("query"), choices, line.whole("gold", len(choices))
