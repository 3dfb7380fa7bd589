"""Anisotropy as published (Diehl Martinez et al. 2024, section 3): the mean cosine of drawn pairs of hidden states.

A pair is two different texts and a position in each, specials included, all drawn uniformly. The publication draws
1,001 pairs anew at every run; here they are a function of the seed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch

from climb.base.errors import UserError
from climb.base.random_bits import RandomBits
from climb.eval.bias.hidden_sums import hidden_states
from climb.eval.requests import Ints, Item
from climb.eval.results import Figure

if TYPE_CHECKING:
    from climb.eval.scoring import Scorer


def drawn_pairs(lengths: Ints, pairs: int, seed: int) -> Ints:
    """Return pairs (text, position, other text, position in it), int64 [pairs, 4].

    Args:
        lengths: number of tokens of each text, at least two texts and no empty one.
        pairs: number of pairs.
        seed: seed of the draw.
    """
    bits, number = RandomBits(seed, "cosine pairs"), np.arange(pairs)
    one = bits.below(len(lengths), number, 0)
    other = (one + 1 + bits.below(len(lengths) - 1, number, 1)) % len(lengths)
    positions = [bits.below(lengths[text], number, 2 + side) for side, text in enumerate((one, other))]
    return np.column_stack([one, positions[0], other, positions[1]])


def sampled_cosines(scorer: Scorer, items: Sequence[Item], pairs: int, seed: int) -> list[Figure]:
    """Return for every layer the mean cosine of drawn pairs with its standard error over pairs.

    Memory: two vectors per pair and layer.

    Args:
        scorer: the model.
        items: tokenised texts, none longer than the model's positions.
        pairs: number of pairs.
        seed: seed of the draw.

    Raises:
        UserError: there are fewer than two texts.
    """
    items = [item for item in items if len(item.ids)]
    if len(items) < 2:
        raise UserError("--cosine-pairs draws its pairs from different texts, and there is only one: give more text.")
    drawn = drawn_pairs(np.array([len(item.ids) for item in items]), pairs, seed)
    wanted = np.concatenate([drawn[:, :2], drawn[:, 2:]])
    vectors: torch.Tensor | None = None
    for numbers, layers in hidden_states(scorer, items, sorted(set(wanted[:, 0].tolist()))):
        line = {number: row for row, number in enumerate(numbers)}
        here = np.flatnonzero(np.isin(wanted[:, 0], numbers))
        rows = torch.tensor([line[int(number)] for number in wanted[here, 0]], device=layers[0].device)
        places = torch.from_numpy(wanted[here, 1]).to(layers[0].device)
        found = torch.stack([states[rows, places].float() for states in layers]).cpu()
        if vectors is None:
            vectors = torch.empty(len(layers), len(wanted), found.shape[2])
        vectors[:, torch.from_numpy(here)] = found
    assert vectors is not None
    cosines = torch.cosine_similarity(vectors[:, :pairs].double(), vectors[:, pairs:].double(), dim=2).numpy()
    return [
        Figure(value=float(row.mean()), standard_error=float(row.std(ddof=1) / np.sqrt(pairs)), count=pairs)
        for row in cosines
    ]
