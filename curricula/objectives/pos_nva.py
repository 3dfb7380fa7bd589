"""Tag prediction: nouns, verbs and adjectives."""

from __future__ import annotations

from typing import ClassVar

from climb.curricula.tag_objective import TagObjective


class NounsVerbsAdjectives(TagObjective):
    """Four classes: any other tag, NOUN, VERB, ADJ (CLIMB's pos_noun_verb_adj)."""

    name: ClassVar[str] = "pos-nva"
    summary: ClassVar[str] = "noun, verb, adjective or none, of masked tokens"
    tags: ClassVar[tuple[str, ...]] = ("NOUN", "VERB", "ADJ")
