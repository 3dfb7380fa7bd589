"""ARC (Clark et al. 2018): school science, the questions that word counts and retrieval get wrong."""

from __future__ import annotations

from typing import ClassVar

from climb.eval.arc import ArcTask


class ArcChallenge(ArcTask):
    """1,172 questions."""

    name: ClassVar[str] = "arc_challenge"
    description: ClassVar[str] = "ARC-Challenge: harder school science, 3 to 5 answers"
    files: ClassVar[tuple[str, ...]] = (
        "arc_challenge.jsonl",
        "zeroshot/arc_challenge.jsonl",
        "ARC-Challenge/test.jsonl",
    )
    size: ClassVar[int] = 1172
