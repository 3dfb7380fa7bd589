"""Past tenses of nonce verbs (Weissweiler et al. 2023, "Counting the bugs in ChatGPT's wugs"): 50 verbs, 3 forms."""

from __future__ import annotations

from typing import ClassVar

from climb.eval.wug import WugTask


class WugPast(WugTask):
    """Regular or not, as people would have it."""

    name: ClassVar[str] = "wug_past"
    description: ClassVar[str] = "past tense of nonce verbs: rank correlation with people's preference"
    layouts: ClassVar[tuple[str, ...]] = ("full_eval/wug_past_tense", "fast_eval/wug_past_tense", "wug_past_tense")
    uid: ClassVar[str] = "wug_past_tense"
    size: ClassVar[int] = 50
