"""Words that children learn early first (norms such as Kuperman, Stadthagen-Gonzalez & Brysbaert 2012).

Norms cover content words; punctuation, names, pieces of words and many function words have none. A token without a
norm gets the median age of the normed tokens that are as frequent as it is: those in its tenth of the vocabulary by
frequency, or in the nearest tenth that has any, the more frequent of two. So a comma opens with the earliest words
and a rare name with the latest, and only order matters, not the unit of the norms.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import numpy.typing as npt

from climb.base.errors import UserError
from climb.curricula.pacing_base import FloatArray
from climb.curricula.token_order_base import (
    BoolArray,
    IntArray,
    Lexicon,
    TokenOrder,
    frequency_ranks,
    ranks_of,
)

_GROUPS = 10


class Aoa(TokenOrder):
    """Hidden when r > p·V, r the rank by age of acquisition; equal ages by frequency."""

    name: ClassVar[str] = "aoa"
    summary: ClassVar[str] = "early learnt words first, by norms of age of acquisition"

    def token_ranks(self, lexicon: Lexicon, special: BoolArray) -> IntArray:
        """Return the rank of each token id, int64 [V].

        Raises:
            UserError: no token has a norm.
        """
        ages = lexicon["aoa"].astype(np.float64)
        if np.isnan(ages[~special]).all():
            raise UserError(
                "The curriculum vocab_aoa needs ages of acquisition and no token of the corpus has one: prepare it "
                "again with `climb prep --norms aoa=FILE`, or use vocab_linear."
            )
        frequency = frequency_ranks(lexicon["count"], special)
        filled = filled_ages(ages, frequency, special)
        return ranks_of(np.lexsort((frequency, filled, ~special)))

    def beyond(self, ranks: IntArray, tags: IntArray, share: FloatArray) -> BoolArray:
        """Return whether a token lies beyond the open share; see `TokenOrder.beyond`."""
        return np.asarray(ranks > share * self.size)


def filled_ages(ages: npt.NDArray[np.float64], frequency: IntArray, special: BoolArray) -> npt.NDArray[np.float64]:
    """Return the ages with every gap filled, float64 [V]; special tokens get 0.

    Args:
        ages: in years, NaN where unknown [V]; at least one ordinary token has one.
        frequency: ranks by frequency, special tokens first [V].
        special: whether a token is special [V].
    """
    specials = int(special.sum())
    group = (frequency - specials) * _GROUPS // max(len(ages) - specials, 1)
    known = ~np.isnan(ages) & ~special
    medians = {tenth: float(np.median(ages[known & (group == tenth)])) for tenth in np.unique(group[known])}
    filled = np.where(special, 0.0, ages)
    for tenth in range(_GROUPS):
        nearest = min(medians, key=lambda other: (abs(other - tenth), other))
        filled[(group == tenth) & ~known & ~special] = medians[nearest]
    return filled
