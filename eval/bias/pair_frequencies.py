"""How a minimal pair differs in token frequency (Diehl Martinez et al. 2024, arXiv 2410.11462, section 3).

Both sentences without special tokens. The differing spans are what a common prefix and suffix leave over; they make
the pair a *replacement*, an *addition* (one span is empty) or a *reordering* (both hold the same set of tokens).
Only replacements have a frequency difference worth the name:

    Δ = mean of ln f over the tokens of the good sentence alone − the same over those of the bad sentence alone

f is the number of occurrences in the training text, each token is taken once, and a mean over no token is 0, as
published. A token that never occurs counts as half an occurrence; the publication leaves it at −∞.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

from climb.eval.requests import Floats, Ints, Item

Kind = Literal["replacement", "addition", "reordering", "identical"]
UNSEEN = 0.5
"""Occurrences of a token that never occurs."""


def differing_spans(good: Ints, bad: Ints) -> tuple[slice, slice]:
    """Return the shortest spans [of good, of bad] whose exchange turns one sequence into the other.

    The longest common prefix goes first, then the longest common suffix of what is left; linear in the lengths.

    Args:
        good: token ids, [n].
        bad: token ids, [m].
    """
    shorter = min(len(good), len(bad))
    before = _agreeing(good[:shorter], bad[:shorter])
    left = shorter - before
    after = _agreeing(good[::-1][:left], bad[::-1][:left])
    return slice(before, len(good) - after), slice(before, len(bad) - after)


def _agreeing(one: Ints, other: Ints) -> int:
    """Return how many elements two arrays of one length have in common from the start."""
    differ = one != other
    return int(differ.argmax()) if differ.any() else len(differ)


def pair_kind(good: Ints, bad: Ints) -> Kind:
    """Return how a pair differs; "identical" where the tokenizer makes both sentences the same."""
    of_good, of_bad = differing_spans(good, bad)
    one, other = good[of_good], bad[of_bad]
    if not len(one) and not len(other):
        return "identical"
    if not len(one) or not len(other):
        return "addition"
    return "reordering" if set(one.tolist()) == set(other.tolist()) else "replacement"


def log_frequency(counts: Ints) -> Floats:
    """Return ln f of every token id, float64 [V], with half an occurrence for those that never occur."""
    return np.log(np.maximum(counts.astype(np.float64), UNSEEN))


def frequency_difference(good: Ints, bad: Ints, log_counts: Floats) -> float:
    """Return Δ of a pair, in nats.

    Args:
        good: token ids without specials, [n].
        bad: token ids without specials, [m].
        log_counts: ln f of every token id, [V].
    """
    alone_in_good, alone_in_bad = np.setdiff1d(good, bad), np.setdiff1d(bad, good)
    return _mean(log_counts[alone_in_good]) - _mean(log_counts[alone_in_bad])


def _mean(values: Floats) -> float:
    return float(values.mean()) if len(values) else 0.0


def plain_tokens(item: Item) -> Ints:
    """Return the token ids of a text without the specials that the tokenizer put around it, int64 [n]."""
    return item.ids[~item.special]


def same_segmentation(goods: Sequence[str], bads: Sequence[str], lengths: Ints) -> npt.NDArray[np.bool_]:
    """Tell which pairs have as many tokens, and as many words, on one side as on the other, bool [n].

    What the sentences share is segmented alike, so the differing spans too have equal numbers of words and pieces.

    Args:
        goods: the acceptable sentences.
        bads: the unacceptable sentences.
        lengths: number of tokens of each sentence, int64 [n, 2].
    """
    words = np.array([[len(g.split()), len(b.split())] for g, b in zip(goods, bads, strict=True)]).reshape(-1, 2)
    return np.asarray((lengths[:, 0] == lengths[:, 1]) & (words[:, 0] == words[:, 1]), dtype=np.bool_)
