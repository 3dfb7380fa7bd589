"""Nouns from 200 nonce adjectives: -ity or -ness?

Hofmann et al. 2024, "Derivational morphology reveals analogical generalization in large language models".
"""

from __future__ import annotations

from typing import ClassVar

from climb.eval.wug import WugTask


class WugAdj(WugTask):
    """-ity or -ness, as people would have it."""

    name: ClassVar[str] = "wug_adj"
    description: ClassVar[str] = "nominalisation of nonce adjectives: rank correlation with people's preference"
    layouts: ClassVar[tuple[str, ...]] = (
        "full_eval/wug_adj_nominalization",
        "fast_eval/wug_adj_nominalization",
        "wug_adj_nominalization",
    )
    uid: ClassVar[str] = "wug_adj_nominalization"
    size: ClassVar[int] = 200
