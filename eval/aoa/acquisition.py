"""When words are acquired: by children in months, by a model in words of text; and how the two go together.

A model knows a word where its mean surprisal has fallen half of the way from chance to the least it ever gets
(Chang & Bergen 2022, "Word acquisition in neural language models"). The BabyLM pipelines do it in two ways:

- 2026: the mean over contexts at each checkpoint; chance is n ln V nats for a word of n tokens.
- 2025: every context is a point, and chance is log2(300,000), a number of bits among nats; kept to reproduce figures.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from climb.eval.aoa.logistic import Column, Logistic, fitted
from climb.eval.aoa.words import MONTHS
from climb.eval.results import Figure

CHANCE_2025 = math.log2(300_000)
CALLS_2026 = 2_000
"""The challenge gives up after 20,000, which takes 20 seconds for a word whose fit creeps along a flat valley."""
FEWEST = 3
"""Words without which there is no correlation; the pipelines then say 0."""
SIGNIFICANT = 0.1
"""Largest p with which 2026 counts a correlation."""


def age_of_children(shares: Column) -> float | None:
    """Return the month at which half of the children say a word; None where they pass it outside 16 to 30.

    Args:
        shares: of children, float64 [15], by months 16 to 30.
    """
    start = (1.0, 0.1, float(MONTHS.mean()), 0.0)
    curve = fitted(MONTHS, shares, start, ((0.0, 0.0, 16.0, -0.5), (2.0, 1.0, 30.0, 0.5)), 1000)
    return _within(curve, 0.5, MONTHS)


@dataclass(frozen=True)
class WordCourse:
    """A word over the course of a run.

    Attributes:
        surprisals: nats, float64 [checkpoints, contexts].
        chance: n ln V, nats.
    """

    surprisals: npt.NDArray[np.float64]
    chance: float


def age_2026(words: Column, course: WordCourse) -> float | None:
    """Return log10(words + 1) at which a word is known, by the way of 2026; None where it is not.

    Args:
        words: of text at each checkpoint, float64 [checkpoints].
        course: the word's.
    """
    x, y = np.log10(words + 1.0), -course.surprisals.mean(axis=1)
    low, high, extent = float(y.min()), float(y.max()), float(np.ptp(y))
    limits = (
        (0.0, 0.0, float(x.min()) - 1.0, low - 2.0 * extent - 1.0),
        (10.0 * extent + 1.0, 100.0, float(x.max()) + 1.0, high + 1.0),
    )
    curve = fitted(x, y, (extent, 1.0, float(x.mean()), low), limits, CALLS_2026)
    if curve is None or min(curve.a, curve.b) <= 1e-6:
        return None
    return _within(curve, (high - course.chance) / 2.0, x)


def age_2025(words: Column, course: WordCourse) -> float | None:
    """Return log10(words + 1) at which a word is known, by the way of 2025; None where it is not.

    Args:
        words: of text at each checkpoint, float64 [checkpoints].
        course: the word's.
    """
    x, y = np.repeat(np.log10(words + 1.0), course.surprisals.shape[1]), -course.surprisals.reshape(-1)
    low, high = float(y.min()), float(y.max())
    curve = fitted(x, y, (high - low, 1.0, float(x.mean()), low), None, 1000)
    return _within(curve, (high - CHANCE_2025) / 2.0, x)


def _within(curve: Logistic | None, level: float, x: Column) -> float | None:
    age = None if curve is None else curve.crossing(level)
    return age if age is not None and float(x.min()) <= age <= float(x.max()) else None


def correlation(children: Mapping[str, float | None], model: Mapping[str, float | None]) -> tuple[Figure, float]:
    """Return Pearson's r of ages over the words that have both, with its 95 % interval, and its p.

    The interval is Fisher's. Fewer than three words, or ages that do not differ, give 0 and p = 1.
    """
    from scipy.stats import pearsonr

    both = [(c, m) for word, c in children.items() if c is not None and (m := model.get(word)) is not None]
    ages = np.array(both, dtype=np.float64).reshape(-1, 2)
    if len(both) < FEWEST or (np.ptp(ages, axis=0) == 0).any():
        return Figure(value=0.0, standard_error=None, count=len(both)), 1.0
    found = pearsonr(ages[:, 0], ages[:, 1])
    r, interval = float(found.statistic), None
    if len(both) > FEWEST and abs(r) < 1:
        ends = found.confidence_interval(0.95)
        interval = (float(ends.low), float(ends.high))
    error = math.sqrt((1 - r * r) / (len(both) - 2))
    return Figure(value=r, standard_error=error, count=len(both), interval=interval), float(found.pvalue)


def scored(figure: Figure, p: float, year: int) -> float:
    """Return the challenge's figure: r, and 0 where 2026 finds it not significant."""
    return 0.0 if year == 2026 and p > SIGNIFICANT else figure.value


def stacked(parts: Sequence[Mapping[str, Sequence[float]]], chance: Mapping[str, float]) -> dict[str, WordCourse]:
    """Return word → its course, of checkpoints' surprisals by word and context."""
    return {word: WordCourse(np.array([part[word] for part in parts]), chance[word]) for word in parts[0]}
