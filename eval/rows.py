"""The sequences that a model must read for an item: one from left to right, or one masked row per scored token.

Pseudo-log-likelihood, "original" (Salazar et al. 2020, "Masked language model scoring"): each scored token masked
alone. "within_word_l2r" (Kauf & Ivanova 2023, "A better way to do masked language model scoring"): with it the tokens
of its word that stand to its right, so that a long rare word is not given away by its own pieces. Masked next-token
prediction masks the token too, but reads the position before it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from climb.eval.requests import Ints, Item, Kind

Pll = Literal["original", "within_word_l2r"]


@dataclass(frozen=True, slots=True)
class Row:
    """One sequence of a forward pass.

    Attributes:
        ids: token ids, int64 [n]; in a masked row some of them are the mask.
        read: positions whose hidden states the head sees, int64 [k].
        targets: token ids whose log-probability is wanted there, int64 [k].
        places: where the answers go among all answers, int64 [k].
        source: what the encoder reads, int64 [s]; None without an encoder.
    """

    ids: Ints
    read: Ints
    targets: Ints
    places: Ints
    source: Ints | None = None

    @property
    def length(self) -> int:
        """Tokens of the longer side."""
        return max(len(self.ids), 0 if self.source is None else len(self.source))


def rows_of(kind: Kind, item: Item, first: int, mask: int, pll: Pll = "original", start: int = 0) -> Iterator[Row]:
    """Yield the sequences that an item needs.

    Args:
        kind: of the model.
        item: a tokenised text.
        first: place of its first answer; the others follow.
        mask: id of the mask token; not read for left-to-right models.
        pll: what is masked beside the scored token.
        start: the token an encoder–decoder's decoder begins with; not read for others.
    """
    places = np.arange(first, first + len(item.scored))
    if kind in ("causal", "enc_dec_prefix"):
        if len(item.scored):
            yield Row(item.ids, item.scored - 1, item.ids[item.scored], places, item.source)
        return
    for place, position in zip(places, item.scored, strict=True):
        ids = _masked(item, int(position), mask, pll)
        target, at = item.ids[position : position + 1], np.array([place])
        if kind == "enc_dec_mask":
            yield Row(np.array([start, mask]), np.array([1]), target, at, ids)
        else:
            yield Row(ids, np.array([position - (kind == "mntp")]), target, at)


def _masked(item: Item, position: int, mask: int, pll: Pll) -> Ints:
    """Return the ids with the position masked, and the rest of its word where asked for."""
    ids = item.ids.copy()
    ids[position] = mask
    if pll == "within_word_l2r" and item.words is not None and item.words[position] >= 0:
        ids[position:][item.words[position:] == item.words[position]] = mask
    return ids
