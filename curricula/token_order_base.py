"""What an order of the vocabulary is: a rank for every token, a place for every tag, and what is hidden at a share.

One small class per file in `climb.curricula.token_orders`; `vocab_NAME_PACING` finds it by that folder.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from climb.base.tags import CLIMB_TAGS
from climb.curricula.control_base import Control
from climb.curricula.pacing_base import FloatArray

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
Lexicon = dict[str, npt.NDArray[Any]]

LAST_TAG = len(CLIMB_TAGS) - 1


def frequency_ranks(counts: npt.NDArray[Any], special: BoolArray) -> IntArray:
    """Return the rank of each token id, int64 [V]: specials first by id, then by falling count, ties by id."""
    falling = np.where(special, 0, -counts.astype(np.int64))
    return ranks_of(np.lexsort((np.arange(len(counts)), falling, ~special)))


def ranks_of(order: IntArray) -> IntArray:
    """Return the place of each token id in an order of all ids, int64 [V]."""
    ranks = np.empty(len(order), dtype=np.int64)
    ranks[order] = np.arange(len(order))
    return ranks


class TokenOrder(ABC):
    """The order of one vocabulary.

    Attributes:
        name: as in vocab_NAME_PACING.
        summary: what opens first, for lists.
        needs_tags: whether the tag of a token in context has a part in it.
        size: tokens of the vocabulary, V.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    needs_tags: ClassVar[bool] = False

    def __init__(self, lexicon: Lexicon, special: BoolArray, control: Control, seed: int) -> None:
        """Rank the tokens and the tags.

        Args:
            lexicon: `PreparedCorpus.lexicon()`.
            special: whether a token id is special, bool [V].
            control: what is done to the order.
            seed: of the control.

        Raises:
            UserError: the lexicon lacks what the order needs.
        """
        self.size = len(special)
        ranks = self.token_ranks(lexicon, special)
        # Special tokens lead in every order, and a control moves the others among themselves.
        specials = int(special.sum())
        ranks[~special] = control.places(ranks[~special] - specials, seed, "tokens") + specials
        self.ranks = ranks
        self.tags = control.places(np.arange(LAST_TAG + 1), seed, "tags")

    def token_ranks(self, lexicon: Lexicon, special: BoolArray) -> IntArray:
        """Return the rank of each token id, int64 [V], special tokens first; by frequency unless overridden."""
        return frequency_ranks(lexicon["count"], special)

    @abstractmethod
    def beyond(self, ranks: IntArray, tags: IntArray, share: FloatArray) -> BoolArray:
        """Return whether a token lies beyond the open share of the order.

        Args:
            ranks: of the tokens; broadcasts with the others.
            tags: their places among the twelve tags; of no meaning unless `needs_tags`.
            share: the share that is open, below 1.
        """
