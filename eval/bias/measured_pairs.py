"""Replacement pairs with what was measured on each, and the figures of frequency bias over them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from climb.eval.bias.statistics import Marks, bias, bias_figure, clustered, difference, slope, slope_figure, thirds
from climb.eval.minimal_pairs import Pair
from climb.eval.requests import Floats, Ints
from climb.eval.results import Figure, mean_figure

_THIRDS = ("low", "middle", "high")


@dataclass(frozen=True)
class MeasuredPairs:
    """The replacement pairs that were scored; every array has one element per pair.

    Attributes:
        pairs: the pairs.
        deltas: Δ, in nats.
        credits: 1 right, 0 wrong, what the convention says for a tie.
        longer: tokens of the good sentence minus tokens of the bad one.
        controlled: whether both sentences have equal numbers of tokens and of words.
        untrained: credits of the run's untrained weights, where they were scored.
    """

    pairs: list[Pair]
    deltas: Floats
    credits: Floats
    longer: Floats
    controlled: Marks
    untrained: Floats | None

    @cached_property
    def paradigms(self) -> Ints:
        """Number of each pair's paradigm, in the order of the paradigms' names, int64 [n]."""
        return np.unique([pair.paradigm for pair in self.pairs], return_inverse=True)[1].astype(np.int64)

    @cached_property
    def parts(self) -> dict[str, Marks]:
        """Third of Δ → which pairs are in it."""
        return dict(zip(_THIRDS, thirds(self.deltas), strict=True))

    def third_names(self) -> Iterator[str]:
        """Yield the third of each pair."""
        yield from np.select([self.parts[name] for name in _THIRDS], list(_THIRDS), default="").tolist()

    def figures(self, seed: int) -> dict[str, Figure]:
        """Return metric → figure, with intervals by a bootstrap over paradigms; what is undefined is left out."""
        figures = {
            "frequency_bias": bias_figure(self.deltas, self.credits),
            **{f"accuracy_{name}_third": _mean(self.credits[inside]) for name, inside in self.parts.items()},
            "frequency_bias_controlled": bias_figure(self.deltas[self.controlled], self.credits[self.controlled]),
            "frequency_slope": slope_figure(self.deltas, self.credits, self.longer, self.paradigms),
        }
        if self.untrained is not None:
            figures["frequency_bias_untrained"] = bias_figure(self.deltas, self.untrained)
            # As a bias of the differences: its error is then that of paired scores, not of two samples.
            figures["frequency_bias_gained"] = bias_figure(self.deltas, self.credits - self.untrained)
        clusters = [np.flatnonzero(self.paradigms == number) for number in range(int(self.paradigms.max()) + 1)]
        known = {name: figure for name, figure in figures.items() if figure is not None}
        return clustered(known, clusters, self._measure, seed)

    def _measure(self, chosen: Ints) -> dict[str, float]:
        """Return metric → value over some pairs, repeats allowed."""
        deltas, credits, same = self.deltas[chosen], self.credits[chosen], self.controlled[chosen]
        values = {
            "frequency_bias": bias(deltas, credits),
            **{
                f"accuracy_{name}_third": float(credits[inside].mean())
                for name, inside in zip(_THIRDS, thirds(deltas), strict=True)
                if inside.any()
            },
            "frequency_bias_controlled": bias(deltas[same], credits[same]),
            "frequency_slope": slope(deltas, credits, self.longer[chosen], self.paradigms[chosen]),
        }
        if self.untrained is not None:
            before = self.untrained[chosen]
            values["frequency_bias_untrained"] = bias(deltas, before)
            values["frequency_bias_gained"] = bias(deltas, credits - before)
        return values

    def by_paradigm(self) -> dict[str, Figure]:
        """Return paradigm → accuracy of its pairs in the high third minus that of its pairs in the low third.

        The thirds are those of all pairs; a paradigm without pairs in both is left out.
        """
        found: dict[str, Figure] = {}
        for number, name in enumerate(sorted({pair.paradigm for pair in self.pairs})):
            here = self.paradigms == number
            figure = difference(self.credits, self.parts["high"] & here, self.parts["low"] & here)
            if figure is not None:
                found[name] = figure
        return found


def _mean(credits: npt.NDArray[np.float64]) -> Figure | None:
    return mean_figure(credits) if len(credits) else None
