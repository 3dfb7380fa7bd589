"""Halves and thirds of the tokens of a text, by how often their type occurs in the training text; and of texts.

Types are ordered by their count, rarest first. A type belongs to the part in which the middle of its share of all
training tokens falls; types of one count stand together, so every third holds about a third of the running tokens.
The parts depend on the training text alone, never on a model or on the held-out text.

Whole texts are divided by the mean ln f of their tokens, as published (Diehl Martinez et al. 2024).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from climb.eval.requests import Floats, Ints

PARTS = {
    "rare_half": (2, 0),
    "frequent_half": (2, 1),
    "rare_third": (3, 0),
    "middle_third": (3, 1),
    "frequent_third": (3, 2),
}
"""Name → (number of parts, which of them)."""


def text_parts(means: Floats) -> dict[str, npt.NDArray[np.bool_]]:
    """Return part → which texts are in it, bool [n]: halves at the median, thirds at the 33rd and 66th percentile.

    Args:
        means: mean ln f of the tokens of each text, at least one, [n].
    """
    below, median, above = np.percentile(means, [33.0, 50.0, 66.0])
    rare, frequent = means < below, means > above
    return {
        "rare_half": means < median,
        "frequent_half": means >= median,
        "rare_third": rare,
        "middle_third": ~(rare | frequent),
        "frequent_third": frequent,
    }


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
