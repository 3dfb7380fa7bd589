"""The part-of-speech distribution of every token, from how often the lexicon saw it with each tag.

P_v = (C_v + α·π_v + ε) / (n_v + α + 12ε), where C_v [12] counts token v by tag, n_v is its sum, α (`shrinkage`)
the number of occurrences that the prior π_v is worth, and ε = 1e-8, as published. Without shrinkage a token
seen once looks like every token of that tag, and one never seen is uniform.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

FLOOR = 1e-8
FloatArray = npt.NDArray[np.float64]


def tag_distributions(
    tag_counts: npt.NDArray[np.int64],
    special: npt.NDArray[np.bool_],
    shrinkage: float = 0.0,
    words: Sequence[str] | None = None,
) -> FloatArray:
    """Return the distribution over tags of each token, float64 [V, tags]; rows sum to 1.

    Args:
        tag_counts: int64 [V, tags].
        special: bool [V]; special tokens do not enter the priors.
        shrinkage: α ≥ 0.
        words: the spelling of each token; the prior is then that of the same word's other spellings. None: the
            prior is the corpus's distribution.
    """
    counts = np.where(special[:, None], 0, tag_counts).astype(np.float64)
    rows = counts + FLOOR
    if shrinkage:
        rows = rows + shrinkage * _prior(counts, shrinkage, words)
    normalised: FloatArray = rows / rows.sum(axis=1, keepdims=True)
    return normalised


def _prior(counts: FloatArray, shrinkage: float, words: Sequence[str] | None) -> FloatArray:
    """Return the prior of each token, [V, tags] or [1, tags].

    A word's prior is made from its other spellings (" Dog", "dog" for "Dog"), themselves shrunk towards the
    corpus; a token without any has the corpus's.
    """
    tags = counts.shape[1]
    corpus: FloatArray = (counts.sum(axis=0) + FLOOR) / (counts.sum() + tags * FLOOR)
    if words is None:
        return corpus.reshape(1, tags)
    _, word = np.unique([text.strip().lower() for text in words], return_inverse=True)
    pooled = np.zeros((word.max() + 1, tags))
    np.add.at(pooled, word, counts)
    others = pooled[word] - counts
    shrunk: FloatArray = (others + shrinkage * corpus) / (others.sum(axis=1, keepdims=True) + shrinkage)
    return shrunk
