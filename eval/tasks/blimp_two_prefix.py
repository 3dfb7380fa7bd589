"""BLiMP's two-prefix method: after which of two beginnings the same word goes on."""

from __future__ import annotations

from typing import ClassVar

from climb.eval.fields import Line
from climb.eval.prefix_pairs import PrefixTask, continued
from climb.eval.questions import Part


class BlimpTwoPrefix(PrefixTask):
    """p(word | prefix_good) against p(word | prefix_bad)."""

    name: ClassVar[str] = "blimp_two_prefix"
    description: ClassVar[str] = "BLiMP, two-prefix method: mean accuracy over the paradigms that allow it"
    marker: ClassVar[str] = "two_prefix_word"

    def candidates(self, line: Line) -> tuple[Part, Part]:
        """Return the word after each prefix."""
        word = line.text("two_prefix_word")
        return (
            continued(line.text("two_prefix_prefix_good"), word),
            continued(line.text("two_prefix_prefix_bad"), word),
        )
