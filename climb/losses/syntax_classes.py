"""Classes of tokens whose quantised tag distributions agree, and the targets of syntactic smoothing over them.

A target's smoothing row r gives every eligible token w ≠ v the share a_w · exp(S(v, w) / τ), normalised. S
depends on distributions over a dozen tags only, so tokens of like distribution share one column: a row costs as
many entries as there are classes K, not as there are tokens, and is made for the tokens of the batch when
they are needed. Nothing of the size V × V, V × K or K × K is kept.

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
    """Smoothing rows of U target tokens, by class: token w has the share `by_class[u, class of w]` · a_w.

    Attributes:
        by_class: [U, K].
        own: [U], the share that the target itself would have by its class, and has not.
    """

    by_class: Tensor
    own: Tensor


class SyntaxClasses(nn.Module):
    """Tokens in classes; eligible are those that may receive mass.

    Attributes:
        class_of: int64 [V]; ineligible tokens stand in class 0 with amount 0.
        amount: float32 [V], a_w; the mean over eligible tokens is 1.
        size: number of classes K.
    """

    class_of: Tensor
    amount: Tensor
    _others: Tensor
    _target_side: Tensor
    _class_side: Tensor
    _log_mass: Tensor
    _order: Tensor
    _bags: Tensor
    _bags_of_class: Tensor

    def __init__(
        self,
        class_of: npt.NDArray[np.int64],
        distributions: npt.NDArray[np.float64],
        weights: npt.NDArray[np.float64],
        similarity: Similarity,
        temperature: float,
    ) -> None:
        """Sum up the classes.

        Args:
            class_of: int64 [V], classes numbered from 0, none empty; −1 for ineligible tokens.
            distributions: float64 [V, tags].
            weights: float64 [V], above 0: a_w up to a factor; tokens of a class share its mass in this proportion.
            similarity: of distributions.
            temperature: τ of the softmax over similarities.
        """
        super().__init__()
        eligible = class_of >= 0
        members = np.flatnonzero(eligible)
        members = members[np.argsort(class_of[members], kind="stable")]
        counts = np.bincount(class_of[members])
        amount = np.where(eligible, weights / weights[members].mean(), 0.0)
        mass = np.bincount(class_of[members], amount[members])
        self.size = len(counts)
        self._similarity, self._temperature = similarity, temperature
        rows = torch.from_numpy(distributions)
        features = similarity.class_side(rows).numpy()[members]
        sums = np.add.reduceat(features * amount[members, None], np.cumsum(counts) - counts, axis=0)
        bags, bags_of_class = _bags(counts)
        own = np.where(eligible, class_of, 0)
        buffers = {
            "class_of": torch.from_numpy(own),
            "amount": torch.from_numpy(amount).float(),
            # Mass of the class without the token itself; exactly 0 where it is alone.
            "_others": torch.from_numpy(np.where(counts[own] == 1, 0.0, mass[own] - amount)).float(),
            "_target_side": similarity.target_side(rows).float(),
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
        rounded = np.rint(coordinates * (10**7 if steps is None else steps)).astype(np.int64)
        _, found = np.unique(rounded, axis=0, return_inverse=True)
        class_of = np.full(len(distributions), -1, dtype=np.int64)
        class_of[eligible] = found.reshape(-1)
        return cls(class_of, distributions, weights, similarity, temperature)

    def rows(self, tokens: Tensor) -> Rows:
        """Return the smoothing rows of eligible tokens, int64 [U]; each sums to 1 without the token itself."""
        own = self.class_of[tokens][:, None]
        others = self._others[tokens][:, None]
        scores = self._similarity.matrix(self._target_side[tokens], self._class_side)
        scores.div_(self._temperature).add_(self._log_mass)
        own_score = scores.gather(1, own) - self._log_mass[own] + others.log()
        shares = scores.scatter_(1, own, own_score).softmax(dim=1)
        own_share = torch.where(others > 0, shares.gather(1, own) / others, 0.0)
        by_class = shares.mul_(torch.exp(-self._log_mass)).scatter_(1, own, own_share)
        return Rows(by_class, (own_share * self.amount[tokens][:, None]).squeeze(1))

    def dense_rows(self, tokens: Tensor) -> Tensor:
        """Return the same rows over tokens, [U, V]: for reports and tests, never for training."""
        rows = self.rows(tokens)
        dense = rows.by_class[:, self.class_of] * self.amount
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


def _bags(counts: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return where parts of at most _BAG members start, [parts], and the first part of each class, [K]."""
    starts = np.cumsum(counts) - counts
    parts = -(-counts // _BAG)
    first = np.cumsum(parts) - parts
    within = np.arange(parts.sum()) - np.repeat(first, parts)
    return np.repeat(starts, parts) + within * _BAG, first
