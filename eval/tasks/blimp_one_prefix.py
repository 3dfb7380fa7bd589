"""BLiMP's one-prefix method: which of two words goes on after the same beginning."""

from __future__ import annotations

from typing import ClassVar

from climb.eval.fields import Line
from climb.eval.prefix_pairs import PrefixTask, continued
from climb.eval.questions import Part


class BlimpOnePrefix(PrefixTask):
    """p(word_good | prefix) against p(word_bad | prefix)."""

    name: ClassVar[str] = "blimp_one_prefix"
    description: ClassVar[str] = "BLiMP, one-prefix method: mean accuracy over the paradigms that allow it"
    marker: ClassVar[str] = "one_prefix_prefix"

    def candidates(self, line: Line) -> tuple[Part, Part]:
        """Return the two words after the prefix."""
        prefix = line.text("one_prefix_prefix")
        return (
            continued(prefix, line.text("one_prefix_word_good")),
            continued(prefix, line.text("one_prefix_word_bad")),
        )
