"""How alike the part-of-speech distributions of tokens are: 1 for equal ones, less for others.

Each measure is split so that a row costs one product with the classes: `target_side` and `class_side` turn
distributions [n, tags] into features, and `matrix` compares U targets with K classes. A class is represented by
the mean of its members' features, so that its similarity is right to the first order.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import torch
from torch import Tensor


class Similarity(ABC):
    """A similarity of distributions with values up to 1.

    Attributes:
        temperature: the published one.
    """

    temperature: ClassVar[float]

    @abstractmethod
    def target_side(self, rows: Tensor) -> Tensor:
        """Return features of target tokens' distributions [n, tags]."""

    @abstractmethod
    def class_side(self, rows: Tensor) -> Tensor:
        """Return features of the other tokens' distributions [n, tags]; they are averaged over classes."""

    @abstractmethod
    def matrix(self, targets: Tensor, classes: Tensor) -> Tensor:
        """Return similarities [U, K] of features [U, ·] and [K, ·]."""

    @abstractmethod
    def coordinates(self, rows: Tensor) -> Tensor:
        """Return [n, tags] with values in [0, 1] in which near rows have near similarities: what is quantised."""


class Cosine(Similarity):
    """The cosine of the angle between the two rows, as published."""

    temperature = 0.025

    def target_side(self, rows: Tensor) -> Tensor:
        """Return rows of unit length."""
        unit: Tensor = rows / torch.linalg.vector_norm(rows, dim=1, keepdim=True)
        return unit

    def class_side(self, rows: Tensor) -> Tensor:
        """Return rows of unit length."""
        return self.target_side(rows)

    def matrix(self, targets: Tensor, classes: Tensor) -> Tensor:
        """Return the products of the rows."""
        return targets @ classes.T

    def coordinates(self, rows: Tensor) -> Tensor:
        """Return rows of unit length."""
        return self.target_side(rows)


class KullbackLeibler(Similarity):
    """exp(−KL(target ‖ other)), on proper distributions."""

    temperature = 0.05

    def target_side(self, rows: Tensor) -> Tensor:
        """Return p and its negative entropy Σ p ln p, [n, tags + 1]."""
        return torch.cat([rows, torch.xlogy(rows, rows).sum(dim=1, keepdim=True)], dim=1)

    def class_side(self, rows: Tensor) -> Tensor:
        """Return ln p and −1, so that the product with the target side is −KL."""
        return torch.cat([rows.log(), rows.new_full((len(rows), 1), -1.0)], dim=1)

    def matrix(self, targets: Tensor, classes: Tensor) -> Tensor:
        """Return exp(−KL)."""
        return (targets @ classes.T).exp_()

    def coordinates(self, rows: Tensor) -> Tensor:
        """Return square roots, which resolve small shares."""
        return rows.sqrt()


class JensenShannon(Similarity):
    """1 − JS / ln 2, on proper distributions; JS, the mean divergence from the rows' mean, is at most ln 2."""

    temperature = 0.05

    def target_side(self, rows: Tensor) -> Tensor:
        """Return the rows."""
        return rows

    def class_side(self, rows: Tensor) -> Tensor:
        """Return the rows."""
        return rows

    def matrix(self, targets: Tensor, classes: Tensor) -> Tensor:
        """Return 1 − JS / ln 2, from JS = H(m) − ½H(p) − ½H(q) with m = ½(p + q), tag by tag."""
        divergence = 0.5 * (_negative_entropy(targets)[:, None] + _negative_entropy(classes)[None, :])
        for tag in range(targets.shape[1]):
            middle = 0.5 * (targets[:, tag, None] + classes[None, :, tag])
            divergence -= torch.xlogy(middle, middle)
        return 1.0 - divergence / torch.log(divergence.new_tensor(2.0))

    def coordinates(self, rows: Tensor) -> Tensor:
        """Return square roots: distances of these (Hellinger's) bound the divergence."""
        return rows.sqrt()


def _negative_entropy(rows: Tensor) -> Tensor:
    return torch.xlogy(rows, rows).sum(dim=1)


SIMILARITIES: dict[str, type[Similarity]] = {"cosine": Cosine, "kl": KullbackLeibler, "js": JensenShannon}
