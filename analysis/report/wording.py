"""Numbers and names of the report as people read them."""

from __future__ import annotations

from climb.analysis.measures import Measure
from climb.analysis.statistics.means import MeanInterval
from climb.analysis.verdicts import Verdict
from climb.base.charts import short_number

_LARGE = 1000


def number(measure: Measure, value: float | None) -> str:
    """Return a value of a measure: accuracies in percent with one digit, others with three."""
    if value is None:
        return "–"
    if measure.scale == 1 and abs(value) >= _LARGE:
        return short_number(value)
    text = f"{value * measure.scale:.1f}" if measure.scale != 1 else f"{value:.3f}"
    return text if text.strip("-0.") else text.removeprefix("-")


def signed(measure: Measure, value: float | None) -> str:
    """Return a difference with its sign."""
    if value is None:
        return "–"
    text = number(measure, value)
    return text if text.startswith("-") else f"+{text}"


def mean_text(measure: Measure, mean: MeanInterval) -> str:
    """Return "62.4 (61.0 to 63.8)", or the mean alone where there is no interval."""
    text = number(measure, mean.mean)
    if mean.low is None or mean.high is None:
        return f"{text} (1 seed)" if mean.seeds == 1 else text
    return _unbroken(f"{text} ({number(measure, mean.low)} to {number(measure, mean.high)})")


def difference_text(measure: Measure, verdict: Verdict) -> str:
    """Return "+1.2 (0.3 to 2.1)", or – where nothing was compared."""
    if verdict.difference is None:
        return "–"
    text = signed(measure, verdict.difference)
    if verdict.low is None or verdict.high is None:
        return text
    return _unbroken(f"{text} ({signed(measure, verdict.low)} to {signed(measure, verdict.high)})")


def difference_sentence(measure: Measure, verdict: Verdict) -> str:
    """Return "+1.2 percentage points, 95 % interval +0.3 to +2.1"."""
    text = f"{signed(measure, verdict.difference)} {measure.unit}".rstrip()
    if verdict.low is None or verdict.high is None:
        return text
    return f"{text}, 95\u00a0% interval {signed(measure, verdict.low)} to {signed(measure, verdict.high)}"


def _unbroken(text: str) -> str:
    """Return the text with spaces that do not break."""
    return text.replace(" ", "\u00a0")


def listed(names: list[str]) -> str:
    """Return "a, b and c"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
