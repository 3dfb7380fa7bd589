"""BLiMP's prefix methods (Warstadt et al. 2020, section 3): the judgement hangs on one word after the same beginning.

One prefix: p(word_good | prefix) against p(word_bad | prefix). Two prefixes: p(word | prefix_good) against
p(word | prefix_bad). Only part of the paradigms allow either; the fields stand in BLiMP's own files, not in BabyLM's
filtered copies.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from climb.base.errors import UserError
from climb.eval.choice_task import ChoiceTask
from climb.eval.conventions import Convention
from climb.eval.data_places import find_folder
from climb.eval.fields import Line, files_of, lines_of
from climb.eval.minimal_pairs import phenomenon_of
from climb.eval.questions import Part, Question, View
from climb.eval.results import Coverage
from climb.eval.tasks.blimp import CURE, LAYOUTS

PARADIGMS = 20


class PrefixTask(ChoiceTask):
    """One of the two prefix methods.

    Attributes:
        marker: the field that shows that a paradigm allows the method.
    """

    marker: ClassVar[str]
    divided_by: ClassVar[str] = "paradigm"

    def candidates(self, line: Line) -> tuple[Part, Part]:
        """Return the good and the bad candidate of a line."""
        raise NotImplementedError

    def load(self) -> None:
        """Read the paradigms that allow the method.

        Raises:
            UserError: none does.
        """
        folder = find_folder(self.config.data, LAYOUTS, "BLiMP", CURE)
        questions = [question for path in files_of(folder) for question in self._of_file(path)]
        if not questions:
            raise UserError(
                f"{folder} has no field {self.marker!r}: the prefix methods need BLiMP's own files, {CURE}"
            )
        present = len({question.paradigm for question in questions})
        note = f"{present} of {PARADIGMS} paradigms are at hand." if present < PARADIGMS else ""
        self.coverage = Coverage(present=present, total=PARADIGMS, unit="paradigms", note=note)
        self.ask(questions, folder.resolve().name)

    def _of_file(self, path: Path) -> list[Question]:
        found: list[Question] = []
        for number, line in enumerate(lines_of(path)):
            if not line.record.get(self.marker):
                continue
            paradigm, term = line.text("UID", path.stem), line.text("linguistics_term", "")
            candidates = self.candidates(line)
            kinds = {
                "phenomenon": phenomenon_of(term),
                "term": term,
                "field": line.text("field", "").replace("/", "_"),
            }
            answers = tuple(text for text, _ in candidates)
            found.append(Question(f"{paradigm}_{number}", paradigm, candidates, 0, answers, kinds))
        return found

    def views(self, convention: Convention) -> list[View]:
        """Return the one view there is."""
        return [View("accuracy_macro", self.questions)]


def continued(prefix: str, word: str) -> Part:
    """Return the part that a word makes after a prefix; the space between them belongs to the word."""
    prefix = prefix.rstrip()
    return f"{prefix} {word.lstrip()}", len(prefix)
