"""Estimates with their intervals, one under the other, on one axis: where each stands, and how sure that is."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from climb.base.charts.formats import short_number
from climb.base.charts.frames import RIGHT, WIDTH, Data, colour, figure, x_axis
from climb.base.charts.scales import Scale

_LABEL, _ROW, _TOP = 148, 30, 8
_LETTERS, _LINES, _LINE = 18, 4, 13
"""Of a row's label: letters that fit into a line, lines at the most, height of one."""


@dataclass(frozen=True)
class Estimate:
    """A number, the interval around it (None where there is none), and the single values it rests on."""

    value: float
    low: float | None = None
    high: float | None = None
    points: Sequence[float] = ()


def intervals(
    estimates: Mapping[str, Estimate],
    caption: str,
    x_label: str,
    reference: float | None = None,
    first_colour: int = 0,
) -> str:
    """Return a chart of a row per estimate: a dot, its interval as a bar, single values as small rings.

    Args:
        estimates: row label → estimate; at least one.
        caption: stands above the chart.
        x_label: what the axis measures.
        reference: a value to mark through all rows, such as 0 for differences.
        first_colour: number of the first row's colour, to agree with other charts.
    """
    everything = [number for one in estimates.values() for number in _numbers(one)]
    everything += [] if reference is None else [reference]
    low, high = min(everything), max(everything)
    margin = 0.04 * (high - low) or abs(high) * 0.05 or 1.0
    x = Scale(low - margin, high + margin, _LABEL, WIDTH - RIGHT)
    labels = [_label_lines(name) for name in estimates]
    height = max(_ROW, _LINE * max(map(len, labels)) + 6)
    floor = height * len(estimates) + _TOP
    shapes = [x_axis(x, floor, x_label, grid_top=_TOP)]
    if reference is not None:
        place = x.place(reference)
        shapes.append(f'<path class="mark" d="M{place:.1f} {_TOP}V{floor:.0f}" stroke-dasharray="4 3"/>')
    for row, (name, one) in enumerate(estimates.items()):
        middle = _TOP + (row + 0.5) * height
        shapes.append(_label(labels[row], middle) + _row(name, one, x, middle, first_colour + row))
    words = "; ".join(f"{name}: {_in_words(one)}" for name, one in estimates.items())
    most = max(len(one.points) for one in estimates.values())
    rows = [
        [name, one.value, one.low, one.high, *one.points, *[None] * (most - len(one.points))]
        for name, one in estimates.items()
    ]
    data = Data(["", "estimate", "low", "high", *(f"value {place + 1}" for place in range(most))], rows)
    return figure("".join(shapes), caption, f"Estimates, {x_label}. {words}.", data, height=floor + 42)


def _numbers(one: Estimate) -> list[float]:
    return [one.value, *one.points, *(end for end in (one.low, one.high) if end is not None)]


def _in_words(one: Estimate) -> str:
    if one.low is None or one.high is None:
        return short_number(one.value)
    return f"{short_number(one.value)}, from {short_number(one.low)} to {short_number(one.high)}"


def _label_lines(name: str) -> list[str]:
    """Return a row's label in lines; what does not fit is in the data and in the words of the chart."""
    if len(name) <= _LETTERS:
        return [name]
    lines = textwrap.wrap(name.replace("_", "_ "), _LETTERS, max_lines=_LINES, placeholder="…")
    return [line.replace("_ ", "_") for line in lines]


def _label(lines: Sequence[str], middle: float) -> str:
    first = middle + 4 - _LINE * (len(lines) - 1) / 2
    return "".join(
        f'<text x="{_LABEL - 8}" y="{first + _LINE * place:.1f}" text-anchor="end">{escape(line)}</text>'
        for place, line in enumerate(lines)
    )


def _row(name: str, one: Estimate, x: Scale, middle: float, number: int) -> str:
    shapes = ""
    if one.low is not None and one.high is not None:
        start, width = x.place(one.low), x.place(one.high) - x.place(one.low)
        shapes += (
            f'<rect x="{start:.1f}" y="{middle - 4:.1f}" width="{max(width, 1):.1f}" height="8" rx="2" '
            f'fill="{colour(number)}" fill-opacity=".35"/>'
        )
    for value in one.points:
        shapes += (
            f'<circle cx="{x.place(value):.1f}" cy="{middle:.1f}" r="2.6" fill="none" stroke="{colour(number)}"/>'
        )
    said = escape(f"{name}: {_in_words(one)}")
    return shapes + (
        f'<circle cx="{x.place(one.value):.1f}" cy="{middle:.1f}" r="4.5" fill="{colour(number)}">'
        f"<title>{said}</title></circle>"
    )
