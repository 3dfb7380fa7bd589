"""From values to verdicts: each condition against the baseline, on one measure, seeds as the unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from climb.analysis.measures import Measure
from climb.analysis.statistics.additive import additive_fit
from climb.analysis.statistics.dunnett import adjusted_p, critical_value
from climb.analysis.statistics.means import MeanInterval, mean_intervals
from climb.analysis.statistics.power import MOST, seeds_needed

LEVEL = 0.95
Outcome = Literal["better", "worse", "higher", "lower", "not distinguishable", "not ranked"]
Values = Mapping[str, Mapping[int, float]]
"""condition → seed → value."""


@dataclass(frozen=True)
class Verdict:
    """A condition against the baseline.

    Attributes:
        condition: its label.
        outcome: "higher" and "lower" where neither is better; "not ranked" where seeds are missing.
        difference: of the means over shared seeds; None when not ranked.
        low, high: its interval, simultaneous over all conditions.
        p: adjusted for all conditions.
        needed: about how many seeds would tell a difference of this size; None when told, unknown or too many.
        reason: why it is not ranked or not distinguished, in a few words; else "".
    """

    condition: str
    outcome: Outcome
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    needed: int | None = None
    reason: str = ""

    def sentence(self) -> str:
        """Return the outcome with what a reader needs beside it."""
        if self.outcome == "not distinguishable" and self.needed is not None:
            return f"not distinguishable (about {self.needed} seeds would tell)"
        return f"{self.outcome} ({self.reason})" if self.reason else self.outcome


@dataclass(frozen=True)
class MeasureComparison:
    """All conditions on one measure.

    Attributes:
        measure: which.
        values: every run's.
        means: condition → mean over seeds, spread and interval.
        verdicts: every condition but the baseline.
        freedom: degrees of freedom of the noise; 0 where nothing could be compared.
        noise: residual standard deviation; None likewise.
        blocked: whether seeds were taken out as blocks.
    """

    measure: Measure
    values: Values
    means: dict[str, MeanInterval]
    verdicts: list[Verdict]
    freedom: int = 0
    noise: float | None = None
    blocked: bool = True

    def verdict(self, condition: str) -> Verdict:
        """Return the verdict on a condition."""
        return next(one for one in self.verdicts if one.condition == condition)


def compare_values(measure: Measure, values: Values, baseline: str) -> MeasureComparison:
    """Compare every condition with the baseline.

    Runs of a single seed are shown, never ranked: they enter no estimate of the noise. The error rate of 5 % holds
    for all verdicts of the measure together, not for several measures.
    """
    flat = [(name, seed, value) for name, of_seed in values.items() for seed, value in of_seed.items()]
    repeated = [one for one in flat if len(values[one[0]]) > 1]
    means = mean_intervals([v for _, _, v in repeated], [n for n, _, _ in repeated], [s for _, s, _ in repeated])
    for name, of_seed in values.items():
        if len(of_seed) == 1:
            means[name] = MeanInterval(next(iter(of_seed.values())), None, None, None, 1)
    means = {name: means[name] for name in values}
    others = [name for name in values if name != baseline]
    fit = additive_fit([name for name, _, _ in repeated], [seed for _, seed, _ in repeated], baseline)
    if fit is None:
        why = "the baseline has one seed" if len(values[baseline]) == 1 else "one seed"
        return MeasureComparison(measure, values, means, [Verdict(name, "not ranked", reason=why) for name in others])
    y = np.array([value for _, _, value in repeated])
    noise = float(fit.noise(y))
    found = {}
    if noise > 0:
        differences, errors = fit.differences(y), fit.standard_errors(y)
        limit = critical_value(fit.correlation, fit.freedom, LEVEL)
        chances = adjusted_p(differences / errors, fit.correlation, fit.freedom)
        for place, name in enumerate(fit.conditions):
            half = limit * float(errors[place])
            numbers = (float(differences[place]), half, float(chances[place]), noise)
            found[name] = _verdict(measure, name, numbers, len(fit.conditions) + 1)
    else:
        for name, difference in zip(fit.conditions, fit.differences(y), strict=True):
            why = "the seeds do not differ at all, so there is no measure of chance"
            found[name] = Verdict(name, "not distinguishable", float(difference), reason=why)
    verdicts = [found.get(name, Verdict(name, "not ranked", reason="one seed")) for name in others]
    return MeasureComparison(measure, values, means, verdicts, fit.freedom, noise, fit.blocked)


def _verdict(measure: Measure, name: str, numbers: tuple[float, float, float, float], conditions: int) -> Verdict:
    difference, half, p, noise = numbers
    low, high = difference - half, difference + half
    if low <= 0 <= high:
        needed = seeds_needed(difference, noise, conditions, LEVEL)
        reason = f"more than {MOST:,} seeds would be needed" if needed is None else ""
        return Verdict(name, "not distinguishable", difference, low, high, p, needed, reason)
    outcome: Outcome = "higher" if difference > 0 else "lower"
    if measure.direction:
        outcome = "better" if difference * measure.direction > 0 else "worse"
    return Verdict(name, outcome, difference, low, high, p)
