"""Tag prediction: nouns and verbs."""

from __future__ import annotations

from typing import ClassVar

from climb.curricula.tag_objective import TagObjective


class NounsVerbs(TagObjective):
    """Three classes: any other tag, NOUN, VERB (CLIMB's pos_noun_verb)."""

    name: ClassVar[str] = "pos-nv"
    summary: ClassVar[str] = "noun, verb or neither, of masked tokens"
    tags: ClassVar[tuple[str, ...]] = ("NOUN", "VERB")
