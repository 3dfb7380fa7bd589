"""Vocabulary curricula: tokens that are not yet open are hidden as `<unk>` (CLIMB, Martinez et al. 2023).

With p the pacing value, V the vocabulary size, r the rank of a token by its count in the training text
(0 the most frequent, special tokens before all others) and t its tag at this position in context
(0 … 11 in CLIMB's order NOUN VERB ADJ ADV PRON DET ADP NUM CONJ PRT . X), a token is hidden when

    token       r > p·V
    pos         t > 11·p
    pos_token   r + V·t > 11·p·V
    aoa         r' > p·V, with r' the rank by age of acquisition

Unlike CLIMB's, ranks come from counts rather than from merge order, special tokens are never hidden
wherever their ids lie, and nothing at all is hidden at p = 1. The orders are in `climb.curricula.token_orders`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from climb.base.tags import CLIMB_ID_OF_UD
from climb.curricula.catalogue import token_orders
from climb.curricula.control_base import Control
from climb.curricula.pacing_base import FloatArray, Pacing
from climb.curricula.plan import RunPlan
from climb.curricula.token_order_base import BoolArray, IntArray, Lexicon


class VocabularyCurriculum:
    """Which tokens are hidden at which step.

    Attributes:
        what: a name of `climb.curricula.token_orders`.
        ignore: whether hidden targets are ignored; otherwise `<unk>` is to be predicted in their place.
        needs_tags: whether `hidden` looks at tags.
    """

    def __init__(
        self,
        what: str,
        pacing: Pacing,
        plan: RunPlan,
        lexicon: Lexicon,
        special: BoolArray,
        ignore: bool = False,
        control: Control | None = None,
        seed: int = 0,
    ) -> None:
        """Rank the vocabulary.

        Args:
            what: the order in which tokens open.
            pacing: the share of the order that is open.
            plan: the steps of the run.
            lexicon: `PreparedCorpus.lexicon()`; its columns count [V], tag_counts [V, 12] and aoa [V] are used.
            special: whether a token id is special, bool [V].
            ignore: see the class.
            control: what is done to the order; nothing by default.
            seed: of the control.
        """
        self.what = what
        self.ignore = ignore
        order = token_orders()[what]
        self.needs_tags = order.needs_tags
        self._order = order(lexicon, special, control or Control(), seed)
        self._pacing = pacing
        self._plan = plan
        self._special = special
        counts = lexicon["tag_counts"] if self.needs_tags else lexicon["count"][:, None]
        self._counts = np.where(special[:, None], 0, counts).astype(np.int64)

    def hidden(
        self, tokens: npt.NDArray[np.int64], upos: npt.NDArray[np.uint8] | None, numbers: npt.ArrayLike
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
        tags = CLIMB_ID_OF_UD[upos] if self.needs_tags and upos is not None else np.zeros((1, 1), dtype=np.int64)
        return np.asarray(self._beyond(tokens, tags, share[:, None]) & ~self._special[tokens])

    def describe(self, step: int) -> dict[str, float]:
        """Return the pacing value and the shares open: of the types that occur, and of their occurrences.

        A type is open when it is open with at least one of the tags it occurs with.
        """
        share = self._pacing.value(step, self._plan.steps)
        tokens, tags = np.arange(len(self._counts))[:, None], np.arange(self._counts.shape[1])[None, :]
        open_counts = np.where(self._beyond(tokens, tags, share), 0, self._counts)
        types = (self._counts > 0).any(axis=1).sum()
        return {
            "vocabulary_pacing": float(share),
            "vocabulary_unlocked_types": float((open_counts > 0).any(axis=1).sum() / max(types, 1)),
            "vocabulary_unlocked_occurrences": float(open_counts.sum() / max(self._counts.sum(), 1)),
        }

    def _beyond(self, tokens: IntArray, tags: npt.NDArray[np.integer], share: FloatArray) -> BoolArray:
        """Return whether (token, tag) lies beyond the open share; everything is open at 1."""
        # Without the second condition X would stay hidden at the end of pos_token, as it does in CLIMB.
        return np.asarray(
            self._order.beyond(self._order.ranks[tokens], self._order.tags[tags], share) & (share < 1.0)
        )
