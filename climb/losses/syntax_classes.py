"""Classes of tokens whose quantised tag distributions agree, and the targets of syntactic smoothing over them.

A target's smoothing row r gives every eligible token w ≠ v the share a_w · exp(S(v, w) / τ), normalised. S
depends on distributions over a dozen tags only, so tokens of like distribution share one column: a row costs as
many entries as there are classes K, not as there are tokens, and is made for the tokens of the batch when
they are needed. Targets of one class that agree on a grid twice as fine share a row, too: it is made once, with
these targets in it, and scaled for each so that what is left without it sums to 1. A token that would hold more
than half of its class's mass is a class of its own, so that nothing is ever divided by a small difference.
Nothing of the size V × V, V × K or K × K is kept.

Cost: O(V) memory; a row costs about a dozen multiplications and one exponential per class.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from climb.losses.similarity import Similarity

_BAG = 64
"""Tokens summed at once: a class of thousands is summed in parts, which run side by side."""


@dataclass(frozen=True)
class Rows:
    """R smoothing rows, by class: token w has the share `by_class[r, class of w]` · a_w.

    Attributes:
        by_class: [R, K].
        own: [R], the entry of the class whose targets have this row.
    """

    by_class: Tensor
    own: Tensor


class SyntaxClasses(nn.Module):
    """Tokens in classes; eligible are those that may receive mass.

    Attributes:
        class_of: int64 [V]; ineligible tokens stand in class 0 with amount 0.
        amount: float32 [V], a_w; the mean over eligible tokens is 1.
        row_of: int64 [V], the number of the row that a token has as a target; 0 for ineligible ones.
        size: number of classes K.
    """

    class_of: Tensor
    amount: Tensor
    row_of: Tensor
    _class_of_row: Tensor
    _mass_in_row: Tensor
    _target_side: Tensor
    _class_side: Tensor
    _log_mass: Tensor
    _order: Tensor
    _bags: Tensor
    _bags_of_class: Tensor

    def __init__(
        self,
        class_of: npt.NDArray[np.int64],
        kind_of: npt.NDArray[np.int64],
        distributions: npt.NDArray[np.float64],
        weights: npt.NDArray[np.float64],
        similarity: Similarity,
        temperature: float,
    ) -> None:
        """Sum up the classes.

        Args:
            class_of: int64 [V], classes numbered from 0, none empty; −1 for ineligible tokens. Those that hold
                more than half of their class's weight are taken out of it.
            kind_of: int64 [V]; tokens of one class and one kind may share a row.
            distributions: float64 [V, tags].
            weights: float64 [V], above 0: a_w up to a factor; tokens of a class share its mass in this proportion.
            similarity: of distributions.
            temperature: τ of the softmax over similarities.
        """
        super().__init__()
        class_of, eligible = _without_giants(class_of, weights), class_of >= 0
        members = np.flatnonzero(eligible)
        members = members[np.argsort(class_of[members], kind="stable")]
        counts = np.bincount(class_of[members])
        amount = np.where(eligible, weights / weights[members].mean(), 0.0)
        mass = np.bincount(class_of[members], amount[members])
        self.size = len(counts)
        self._similarity, self._temperature = similarity, temperature
        rows = torch.from_numpy(distributions)
        targets = similarity.target_side(rows)
        features = similarity.class_side(rows).numpy()[members]
        sums = np.add.reduceat(features * amount[members, None], np.cumsum(counts) - counts, axis=0)
        bags, bags_of_class = _bags(counts)
        own = np.where(eligible, class_of, 0)
        keys = np.column_stack([own, kind_of])[members]
        _, first, row = np.unique(keys, axis=0, return_index=True, return_inverse=True)
        row_of = np.zeros(len(own), dtype=np.int64)
        row_of[members] = row = row.reshape(-1)
        class_of_row = own[members[first]]
        of_row = torch.zeros(len(first), targets.shape[1], dtype=targets.dtype)
        of_row.index_add_(0, torch.from_numpy(row), targets[torch.from_numpy(members)])
        buffers = {
            "class_of": torch.from_numpy(own),
            "amount": torch.from_numpy(amount).float(),
            "row_of": torch.from_numpy(row_of),
            "_class_of_row": torch.from_numpy(class_of_row),
            # Of the row's own class; nothing where that is the target alone, which gets nothing of its row.
            "_mass_in_row": torch.from_numpy(np.where(counts == 1, 0.0, mass)[class_of_row]).float(),
            "_target_side": (of_row / torch.from_numpy(np.bincount(row))[:, None]).float(),
            "_class_side": torch.from_numpy(sums / mass[:, None]).float(),
            "_log_mass": torch.from_numpy(np.log(mass)).float(),
            "_order": torch.from_numpy(members),
            "_bags": torch.from_numpy(bags),
            "_bags_of_class": torch.from_numpy(bags_of_class),
        }
        for name, buffer in buffers.items():
            self.register_buffer(name, buffer, persistent=False)

    @classmethod
    def quantised(
        cls,
        steps: int | None,
        distributions: npt.NDArray[np.float64],
        eligible: npt.NDArray[np.bool_],
        weights: npt.NDArray[np.float64],
        similarity: Similarity,
        temperature: float,
    ) -> Self:
        """Return classes of tokens whose coordinates agree when rounded to 1 / steps; None: to seven digits."""
        # Finer, rows that only the floor of 1e-8 tells apart would fall into different classes.
        coordinates = similarity.coordinates(torch.from_numpy(distributions[eligible])).numpy()
        class_grid, row_grid = (10**7, 10**7) if steps is None else (steps, 2 * steps)
        class_of, kind_of = (np.full(len(distributions), -1, dtype=np.int64) for _ in range(2))
        class_of[eligible] = _agreeing(coordinates * class_grid)
        kind_of[eligible] = _agreeing(coordinates * row_grid)
        return cls(class_of, kind_of, distributions, weights, similarity, temperature)

    def rows(self, numbers: Tensor) -> Rows:
        """Return rows by their numbers, int64 [R]; the amounts times the entries of all tokens in a row sum to 1."""
        own, mass = self._class_of_row[numbers][:, None], self._mass_in_row[numbers][:, None]
        scores = self._similarity.matrix(self._target_side[numbers], self._class_side)
        scores.div_(self._temperature).add_(self._log_mass)
        own_score = scores.gather(1, own) - self._log_mass[own] + mass.log()
        shares = scores.scatter_(1, own, own_score).softmax(dim=1)
        own_entry = torch.where(mass > 0, shares.gather(1, own) / mass, 0.0)
        by_class = shares.mul_(torch.exp(-self._log_mass)).scatter_(1, own, own_entry)
        return Rows(by_class, own_entry.squeeze(1))

    def without_itself(self, tokens: Tensor, own: Tensor) -> tuple[Tensor, Tensor]:
        """Return what makes a row a target's own, [U] each: the factor of the row, and its share of the target.

        A target v is no part of its r: r = factor · row, less `share` on v, sums to 1.

        Args:
            tokens: eligible tokens, int64 [U].
            own: [U], the entry of each one's class in its row.
        """
        share = own * self.amount[tokens]
        factor = 1.0 / (1.0 - share)
        return factor, factor * share

    def dense_rows(self, tokens: Tensor) -> Tensor:
        """Return r of eligible tokens over all tokens, [U, V]: for reports and tests, never for training."""
        rows = self.rows(self.row_of[tokens])
        factor, _ = self.without_itself(tokens, rows.own)
        dense = rows.by_class[:, self.class_of] * self.amount * factor[:, None]
        return dense.scatter_(1, tokens[:, None], 0.0)

    def sums(self, values: Tensor) -> Tensor:
        """Return Σ_w a_w · values_w over each class, [K, H] of [V, H].

        In two rounds of sums of consecutive rows, so the order of the additions is always the same.
        """
        weights = self.amount[self._order].to(values.dtype)
        bag = nn.functional.embedding_bag
        parts = bag(self._order, values, self._bags, mode="sum", per_sample_weights=weights)
        every = torch.arange(len(parts), device=parts.device)
        return bag(every, parts, self._bags_of_class, mode="sum")


def _without_giants(class_of: npt.NDArray[np.int64], weights: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Return the classes with every token that holds more than half of its class's weight in a class of its own."""
    class_of = class_of.copy()
    while True:
        members = np.flatnonzero(class_of >= 0)
        own, sizes = class_of[members], np.bincount(class_of[members])
        most = weights[members] > np.bincount(own, weights[members])[own] / 2
        giants = members[most & (sizes[own] > 1)]
        if not len(giants):
            return class_of
        class_of[giants] = len(sizes) + np.arange(len(giants))


def _agreeing(values: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Return the same number for rows [n, tags] that agree when rounded, int64 [n]."""
    _, found = np.unique(np.rint(values).astype(np.int64), axis=0, return_inverse=True)
    return found.reshape(-1).astype(np.int64)


def _bags(counts: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return where parts of at most _BAG members start, [parts], and the first part of each class, [K]."""
    starts = np.cumsum(counts) - counts
    parts = -(-counts // _BAG)
    first = np.cumsum(parts) - parts
    within = np.arange(parts.sum()) - np.repeat(first, parts)
    return np.repeat(starts, parts) + within * _BAG, first
