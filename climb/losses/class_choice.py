"""How finely to quantise tag distributions: as coarsely as an allowed error of the targets permits.

The error is that of what is trained on: the total variation between a token's smoothing row over these
classes and over classes of equal distributions, of tokens drawn evenly over the vocabulary.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from climb.base.random_bits import RandomBits
from climb.losses.syntax_classes import SyntaxClasses

STEPS: tuple[int | None, ...] = (4, 6, 8, 12, 16, 20, 24, 28, 32, 40, 48, 64, 96, 128, 192, 256, 512, None)
"""Steps of the grid that are tried; None keeps every distinct distribution apart."""
TAIL = 5.0
"""The 99th percentile of the error may be this many times the mean's bound."""
_SAMPLE = 400
_AT_ONCE = 50


@dataclass(frozen=True)
class ClassError:
    """Total variation between quantised and exact smoothing rows over sampled tokens.

    Attributes:
        mean: of these tokens.
        p99: 99th percentile.
        uncertainty: two standard errors of the mean, which is that of a sample.
    """

    mean: float
    p99: float
    uncertainty: float = 0.0

    def within(self, bound: float) -> bool:
        """Return whether the mean, were it as high as the sample allows, and the percentile are within the bound."""
        return self.mean + self.uncertainty <= bound and self.p99 <= TAIL * bound


def choose_classes(
    quantised: Callable[[int | None], SyntaxClasses], eligible: npt.NDArray[np.bool_], bound: float
) -> tuple[SyntaxClasses, ClassError]:
    """Return the coarsest classes within the bound, found by halving the list of grids, and their error.

    Args:
        quantised: makes the classes of a grid with so many steps.
        eligible: bool [V].
        bound: of the mean error; 0 gives exact classes.
    """
    exact = quantised(None)
    best = exact, ClassError(0.0, 0.0)
    if bound <= 0:
        return best
    sample = _sample(eligible)
    low, high = 0, len(STEPS) - 1  # the grid at `high` is known to be within the bound
    while low < high:
        middle = (low + high) // 2
        classes = quantised(STEPS[middle])
        error = class_error(classes, exact, sample)
        if error.within(bound):
            best, high = (classes, error), middle
        else:
            low = middle + 1
    return best


def class_error(classes: SyntaxClasses, exact: SyntaxClasses, sample: npt.NDArray[np.int64]) -> ClassError:
    """Return the error of classes against exact ones over sampled tokens, int64 [S]."""
    parts = [
        (classes.dense_rows(tokens) - exact.dense_rows(tokens)).abs().sum(dim=1) / 2
        for tokens in torch.split(torch.from_numpy(sample), _AT_ONCE)
    ]
    errors = torch.cat(parts).double().numpy()
    uncertainty = 2.0 * float(errors.std()) / len(errors) ** 0.5
    return ClassError(float(errors.mean()), float(np.quantile(errors, 0.99)), uncertainty)


def _sample(eligible: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Return eligible tokens in a seeded order without repeats, as many as are looked at."""
    tokens = np.flatnonzero(eligible)
    places = np.arange(min(_SAMPLE, len(tokens)))
    return tokens[RandomBits(0, "class-error").permuted(places, len(tokens))]
