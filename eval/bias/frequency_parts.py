"""Halves and thirds of the tokens of a text, by how often their type occurs in the training text.

Types are ordered by their count, rarest first. A type belongs to the part in which the middle of its share of all
training tokens falls; types of one count stand together, so every third holds about a third of the running tokens.
The parts depend on the training text alone, never on a model or on the held-out text.
"""

from __future__ import annotations

import numpy as np

from climb.eval.requests import Ints

PARTS = {
    "rare_half": (2, 0),
    "frequent_half": (2, 1),
    "rare_third": (3, 0),
    "middle_third": (3, 1),
    "frequent_third": (3, 2),
}
"""Name → (number of parts, which of them)."""


def part_of(counts: Ints, parts: int) -> Ints:
    """Return the part of every token id, int64 [V] in 0 … parts − 1, 0 the rarest; unseen ids belong there.

    Args:
        counts: occurrences in the training text, [V].
        parts: number of parts.
    """
    values, which = np.unique(counts, return_inverse=True)
    # All tokens of the types that share a count stand together; their middle decides for all of these types.
    mass = np.bincount(which, counts.astype(np.float64))
    middle = (np.cumsum(mass) - mass / 2) / max(float(mass.sum()), 1.0)
    of_value = np.minimum((middle * parts).astype(np.int64), parts - 1)
    of_value[values == 0] = 0
    return np.asarray(of_value[which], dtype=np.int64)
