"""A task of one's own: a folder of .jsonl files with a header `task.yaml`, given to `--tasks` by its path.

    name: colours
    kind: multiple_choice            # or minimal_pairs
    description: which colour a thing has
    fields: {context: question, choices: answers, gold: right}

Minimal pairs read the fields `good` and `bad` (by default `sentence_good`, `sentence_bad`), and `paradigm` (`UID`);
multiple choice reads `context`, `choices` and `gold` (the number of the right one, from 0) and may have a `paradigm`.
Where no paradigm is given, a file is one. Chance is 1/k of the choices.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import yaml
from pydantic import ConfigDict, Field, ValidationError

from climb.base.errors import UserError
from climb.base.schema import Strict, first_problem
from climb.eval.choice_task import ChoiceTask
from climb.eval.conventions import Convention
from climb.eval.fields import Line, files_of, lines_of
from climb.eval.multiple_choice import choice, length_views
from climb.eval.options import EvalConfig
from climb.eval.questions import Question, View

HEADER = "task.yaml"


class Fields(Strict):
    """Which field of a line is what."""

    good: str = "sentence_good"
    bad: str = "sentence_bad"
    paradigm: str = "UID"
    context: str = "context"
    choices: str = "choices"
    gold: str = "gold"


class Header(Strict):
    """`task.yaml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")
    kind: Literal["minimal_pairs", "multiple_choice"]
    description: str = ""
    fields_: Fields = Field(default_factory=Fields, alias="fields")

    @classmethod
    def of(cls, path: Path) -> Header:
        """Read a header.

        Raises:
            UserError: it is no YAML, or a field is missing, unknown or wrong.
        """
        try:
            return cls.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
        except ValidationError as error:
            raise UserError(f"{path}: {first_problem(error)}; mend the header.") from None
        # A date that does not exist is a ValueError, endless nesting a RecursionError.
        except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
            raise UserError(f"{path} cannot be read as YAML ({' '.join(str(error).split())}): mend it.") from None


class FolderTask(ChoiceTask):
    """The questions of a folder.

    Args:
        config: the evaluation.
        folder: holds the header and the .jsonl files.
    """

    def __init__(self, config: EvalConfig, folder: Path) -> None:
        super().__init__(config)
        self._folder = folder
        self._header = Header.of(folder / HEADER)
        self.name = self._header.name  # type: ignore[misc]
        self.description = self._header.description or f"the questions of {folder.resolve().name}"  # type: ignore[misc]

    def load(self) -> None:
        """Read the files.

        Raises:
            UserError: there is none, or a line is no question.
        """
        counts: dict[str, int] = {}
        questions: list[Question] = []
        for path in files_of(self._folder):
            for line in lines_of(path):
                paradigm = line.text(self._header.fields_.paradigm, path.stem)
                questions.append(self._question(line, paradigm, counts.get(paradigm, 0)))
                counts[paradigm] = counts.get(paradigm, 0) + 1
        if not questions:
            raise UserError(f"{self._folder} has a {HEADER} but no .jsonl file beside it: put the questions there.")
        self.ask(questions, self._folder.resolve().name)

    def _question(self, line: Line, paradigm: str, count: int) -> Question:
        names = self._header.fields_
        if self._header.kind == "minimal_pairs":
            pair = (line.text(names.good), line.text(names.bad))
            return Question(f"{paradigm}_{count}", paradigm, ((pair[0], 0), (pair[1], 0)), 0, pair)
        choices = line.texts(names.choices)
        gold = line.whole(names.gold, len(choices))
        return choice(paradigm, count, line.text(names.context), choices, gold)

    def views(self, convention: Convention) -> list[View]:
        """Return the view of pairs, or the three ways of dividing choices by length."""
        if self._header.kind == "minimal_pairs":
            return [View("accuracy_macro", self.questions)]
        return length_views(self.questions)
