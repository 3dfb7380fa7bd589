"""The figures of frequency bias, each a function of arrays over pairs, and the bootstrap that clusters them.

Low third: Δ below its 33rd percentile over all pairs; high third: above the 66th, both strict, as published.
Frequency bias is the accuracy in the high third minus that in the low third: 0 where frequency does not matter,
1 for a model that always prefers frequent tokens, −1 for one that always prefers rare ones.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from climb.base.random_bits import RandomBits
from climb.eval.requests import Floats, Ints
from climb.eval.results import Figure, mean_figure

LOW, HIGH = 33.0, 66.0
"""Percentiles of Δ that bound the thirds."""
DRAWS = 1000
CONFIDENCE = (2.5, 97.5)
_NOTHING = 1e-12
"""Variance per pair below which a column counts as constant."""
Marks = npt.NDArray[np.bool_]


def thirds(deltas: Floats) -> tuple[Marks, Marks, Marks]:
    """Return which pairs are in the low, the middle and the high third of Δ, bool [n] each."""
    if not len(deltas):
        return (np.zeros(0, dtype=np.bool_),) * 3
    below, above = np.percentile(deltas, [LOW, HIGH])
    low, high = deltas < below, deltas > above
    return low, ~(low | high), high


def bias(deltas: Floats, credits: Floats) -> float:
    """Return accuracy in the high third minus accuracy in the low third of Δ; NaN where one of them is empty."""
    low, _, high = thirds(deltas)
    if not low.any() or not high.any():
        return math.nan
    return float(credits[high].mean() - credits[low].mean())


def bias_figure(deltas: Floats, credits: Floats) -> Figure | None:
    """Return the bias with its standard error over pairs, None where a third is empty."""
    low, _, high = thirds(deltas)
    return difference(credits, high, low)


def difference(credits: Floats, these: Marks, those: Marks) -> Figure | None:
    """Return the mean credit of these pairs minus that of those, None where there are none of either."""
    if not these.any() or not those.any():
        return None
    parts = [mean_figure(credits[these]), mean_figure(credits[those])]
    errors = [part.standard_error for part in parts if part.standard_error is not None]
    return Figure(
        value=parts[0].value - parts[1].value,
        standard_error=math.hypot(*errors) if len(errors) == 2 else None,
        count=parts[0].count + parts[1].count,
    )


def slope(deltas: Floats, credits: Floats, longer: Floats, paradigms: Ints) -> float:
    """Return by how much accuracy rises per unit of Δ, at equal length and within paradigms; NaN if undetermined.

    Least squares of the credits on Δ, on the difference in tokens, and on one constant per paradigm: the constants
    are removed by taking every column's mean within its paradigm away (Frisch & Waugh 1933).

    Args:
        deltas: Δ of each pair, [n].
        credits: credit of each pair, [n].
        longer: tokens of the good sentence minus those of the bad one, [n].
        paradigms: number of each pair's paradigm, [n].
    """
    x, y = _partialled(deltas, credits, longer, paradigms)
    return float(x @ y / (x @ x)) if x @ x > _NOTHING * max(len(x), 1) else math.nan


def slope_figure(deltas: Floats, credits: Floats, longer: Floats, paradigms: Ints) -> Figure | None:
    """Return the slope with White's standard error (1980), which lets variances differ; None if undetermined."""
    value = slope(deltas, credits, longer, paradigms)
    if math.isnan(value):
        return None
    x, y = _partialled(deltas, credits, longer, paradigms)
    error = float(np.sqrt(np.square(x * (y - value * x)).sum()) / (x @ x))
    return Figure(value=value, standard_error=error, count=len(deltas))


def _partialled(deltas: Floats, credits: Floats, longer: Floats, paradigms: Ints) -> tuple[Floats, Floats]:
    """Return Δ and credits, [n] each, less what paradigm and length explain of them."""
    size = np.bincount(paradigms)
    x, y, z = (
        column - (np.bincount(paradigms, column, len(size)) / np.maximum(size, 1))[paradigms]
        for column in (deltas, credits, longer)
    )
    if z @ z > _NOTHING * max(len(z), 1):
        x, y = x - (x @ z) / (z @ z) * z, y - (y @ z) / (z @ z) * z
    return x, y


def clustered(
    figures: dict[str, Figure], clusters: Sequence[Ints], measure: Callable[[Ints], dict[str, float]], seed: int
) -> dict[str, Figure]:
    """Return the figures with the standard error and the 95 % interval of a bootstrap over clusters.

    Whole clusters are drawn with replacement, 1,000 times, and everything is computed anew, the thirds too. A draw in
    which a figure is undefined is left out of that figure's interval; a single cluster gives no interval.

    Args:
        figures: name → figure, its value measured on all pairs.
        clusters: indices of the pairs of each cluster.
        measure: from indices of pairs (repeats allowed) to values by name; it may leave out names of `figures`.
        seed: seed of the draws.
    """
    count = len(clusters)
    if count < 2:
        return figures
    bits = RandomBits(seed, "bootstrap/paradigms")
    drawn: dict[str, list[float]] = {}
    for draw in range(DRAWS):
        chosen = bits.below(count, draw, np.arange(count))
        for name, value in measure(np.concatenate([clusters[int(c)] for c in chosen])).items():
            if math.isfinite(value):
                drawn.setdefault(name, []).append(value)
    return {
        name: figure if len(drawn.get(name, ())) < 2 else with_interval(figure, np.array(drawn[name]))
        for name, figure in figures.items()
    }


def with_interval(figure: Figure, values: Floats) -> Figure:
    """Return the figure with the clustered standard error and percentile interval that bootstrap values [B] give."""
    low, high = (float(bound) for bound in np.percentile(values, CONFIDENCE))
    return figure.model_copy(update={"clustered": float(values.std(ddof=1)), "interval": (low, high)})
