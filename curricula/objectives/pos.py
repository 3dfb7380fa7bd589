"""Tag prediction: part of speech, all but X."""

from __future__ import annotations

from typing import ClassVar

from climb.base.tags import CLIMB_TAGS
from climb.curricula.tag_objective import TagObjective


class Pos(TagObjective):
    """Twelve classes: any other tag (X), then the first eleven of CLIMB's twelve (its pos_all)."""

    name: ClassVar[str] = "pos"
    summary: ClassVar[str] = "the tag, one of eleven, of masked tokens"
    tags: ClassVar[tuple[str, ...]] = CLIMB_TAGS[:-1]
