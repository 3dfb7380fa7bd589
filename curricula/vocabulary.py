"""Vocabulary curricula: tokens that are not yet open are hidden as `<unk>` (CLIMB, Martinez et al. 2023).

With p the pacing value, V the vocabulary size, r the rank of a token by its count in the training text
(0 the most frequent, special tokens before all others) and t its tag at this position in context
(0 … 11 in CLIMB's order NOUN VERB ADJ ADV PRON DET ADP NUM CONJ PRT . X), a token is hidden when

    token       r > p·V
    pos         t > 11·p
    pos_token   r + V·t > 11·p·V

Unlike CLIMB's, ranks come from counts rather than from merge order, special tokens are never hidden
wherever their ids lie, and nothing at all is hidden at p = 1.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from climb.base.tags import CLIMB_ID_OF_UD, CLIMB_TAGS
from climb.curricula.pacing_base import FloatArray, Pacing
from climb.curricula.plan import RunPlan

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

_LAST_TAG = len(CLIMB_TAGS) - 1


def frequency_ranks(counts: npt.NDArray[Any], special: BoolArray) -> IntArray:
    """Return the rank of each token id, int64 [V]: specials first by id, then by falling count, ties by id."""
    falling = np.where(special, 0, -counts.astype(np.int64))
    order = np.lexsort((np.arange(len(counts)), falling, ~special))
    ranks = np.empty(len(counts), dtype=np.int64)
    ranks[order] = np.arange(len(counts))
    return ranks


class VocabularyCurriculum:
    """Which tokens are hidden at which step.

    Attributes:
        what: "token", "pos" or "pos_token".
        ignore: whether hidden targets are ignored; otherwise `<unk>` is to be predicted in their place.
        needs_tags: whether `hidden` looks at tags.
    """

    def __init__(
        self,
        what: str,
        pacing: Pacing,
        plan: RunPlan,
        lexicon: dict[str, npt.NDArray[Any]],
        special: BoolArray,
        ignore: bool = False,
    ) -> None:
        """Rank the vocabulary.

        Args:
            what: the order in which tokens open.
            pacing: the share of the order that is open.
            plan: the steps of the run.
            lexicon: `PreparedCorpus.lexicon()`; its columns count [V] and tag_counts [V, 12] are used.
            special: whether a token id is special, bool [V].
            ignore: see the class.
        """
        self.what = what
        self.ignore = ignore
        self.needs_tags = what != "token"
        self._pacing = pacing
        self._plan = plan
        self._special = special
        self._ranks = frequency_ranks(lexicon["count"], special)
        counts = lexicon["tag_counts"] if self.needs_tags else lexicon["count"][:, None]
        self._counts = np.where(special[:, None], 0, counts).astype(np.int64)

    def hidden(
        self, tokens: npt.NDArray[Any], upos: npt.NDArray[np.uint8] | None, numbers: npt.ArrayLike
    ) -> BoolArray:
        """Return whether each token is hidden, bool [n, L].

        Args:
            tokens: token ids [n, L].
            upos: UD tag ids at these positions in context [n, L]; None will do where `needs_tags` is False.
            numbers: sample numbers [n]; their steps say how much is open.

        Raises:
            ValueError: tags are needed and not given.
        """
        share = self._pacing.value(self._plan.step_of(numbers), self._plan.steps)
        if (share >= 1.0).all():
            return np.zeros(tokens.shape, dtype=np.bool_)
        if upos is None and self.needs_tags:
            raise ValueError(f"the vocabulary curriculum {self.what!r} needs the tags of the tokens")
        tags = None if upos is None else CLIMB_ID_OF_UD[upos].astype(np.int64)
        return np.asarray(self._beyond(self._ranks[tokens], tags, share[:, None]) & ~self._special[tokens])

    def describe(self, step: int) -> dict[str, float]:
        """Return the pacing value and the shares open: of the types that occur, and of their occurrences.

        A type is open when it is open with at least one of the tags it occurs with.
        """
        share = self._pacing.value(step, self._plan.steps)
        tags = np.arange(len(CLIMB_TAGS))[None, :] if self.needs_tags else None
        open_counts = np.where(self._beyond(self._ranks[:, None], tags, share), 0, self._counts)
        types = (self._counts > 0).any(axis=1).sum()
        return {
            "vocabulary_pacing": float(share),
            "vocabulary_unlocked_types": float((open_counts > 0).any(axis=1).sum() / max(types, 1)),
            "vocabulary_unlocked_occurrences": float(open_counts.sum() / max(self._counts.sum(), 1)),
        }

    def _beyond(self, ranks: IntArray, tags: IntArray | None, share: FloatArray) -> BoolArray:
        """Return whether (rank, tag) lies beyond the open share; everything is open at 1."""
        size = len(self._ranks)
        if tags is None or not self.needs_tags:
            return np.asarray(ranks > share * size)
        if self.what == "pos":
            return np.asarray(tags > _LAST_TAG * share)
        # Without the second condition X would stay hidden at the end, as it does in CLIMB.
        return np.asarray((ranks + size * tags > _LAST_TAG * share * size) & (share < 1.0))
