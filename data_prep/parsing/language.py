"""Whether text looks like English, so that nobody gets English trees of another language unawares."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice

_WORDS = 20_000
"""Words that are looked at, at most."""
_FEWEST = 200
"""Fewer words tell nothing."""
_LOW = 0.12
"""Share of function words below which text is no English; English has 0.25 to 0.45, Swahili 0.002."""

_FUNCTION_WORDS = frozenset(
    re.findall(
        r"\w+",
        "the of and to in that is was it he she you for on with as his her at by this had not are but from or "
        "have an they which were there their been has when who will no if would so what we me my your i be do "
        "did can could all",
    )
)


def looks_english(lines: Iterable[str]) -> bool:
    """Return whether enough of the words are English function words; True of text too short to tell."""
    words = list(islice((word for line in lines for word in line.lower().split()), _WORDS))
    found = sum(word.strip(".,;:!?\"'()“”‘’") in _FUNCTION_WORDS for word in words)
    return len(words) < _FEWEST or found / len(words) >= _LOW
