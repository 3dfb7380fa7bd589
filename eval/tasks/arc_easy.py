"""ARC (Clark et al. 2018, "Think you have solved question answering?"): school science, the easy test set."""

from __future__ import annotations

from typing import ClassVar

from climb.eval.arc import ArcTask


class ArcEasy(ArcTask):
    """2,376 questions."""

    name: ClassVar[str] = "arc_easy"
    description: ClassVar[str] = "ARC-Easy: school science, 3 to 5 answers"
    files: ClassVar[tuple[str, ...]] = ("arc_easy.jsonl", "zeroshot/arc_easy.jsonl", "ARC-Easy/test.jsonl")
    size: ClassVar[int] = 2376
