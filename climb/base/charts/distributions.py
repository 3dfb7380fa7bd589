"""Histograms: one stepped outline per series over each other, or a row for each series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from climb.base.charts.formats import short_number, shortened
from climb.base.charts.frames import RIGHT, WIDTH, Data, axes, colour, figure, plot_scales, x_axis
from climb.base.charts.scales import Scale

_LABEL = 118
_ROW = 30


def histogram(
    edges: Sequence[float], shares: Mapping[str, Sequence[float]], caption: str, x_label: str, log: bool = False
) -> str:
    """Return a histogram as one stepped outline per series; good for up to three of them.

    Args:
        edges: the limits of the bins [B + 1], increasing; positive when `log`.
        shares: series → share of its items in each bin [B].
        caption: stands above the chart.
        x_label: what the x axis measures.
        log: whether the x axis is logarithmic.
    """
    top = max((max(values, default=0.0) for values in shares.values()), default=0.0) or 1.0
    x, y = plot_scales((edges[0], edges[-1]), (0.0, top), log, False)
    shapes = []
    for number, values in enumerate(shares.values()):
        opacity = ".25" if len(shares) == 1 else "0"
        points = _steps(edges, values, x, y)
        shapes.append(
            f'<polyline points="{points}" fill="{colour(number)}" fill-opacity="{opacity}" '
            f'stroke="{colour(number)}" stroke-width="1.5"/>'
        )
    legend = list(shares) if len(shares) > 1 else []
    words = _in_words(edges, shares, x_label)
    body = axes(x, y, x_label, y_percent=True) + "".join(shapes)
    return figure(body, caption, words, _data(edges, shares), legend)


def ridges(
    edges: Sequence[float],
    shares: Mapping[str, Sequence[float]],
    caption: str,
    x_label: str,
    log: bool = False,
    middles: Mapping[str, float] | None = None,
) -> str:
    """Return a histogram as one row per series under each other, each drawn to its own height.

    Args:
        edges: the limits of the bins [B + 1], increasing; positive when `log`.
        shares: series → share of its items in each bin [B].
        caption: stands above the chart.
        x_label: what the x axis measures.
        log: whether the x axis is logarithmic.
        middles: series → a value to mark, such as its median.
    """
    x = Scale(edges[0], edges[-1], _LABEL, WIDTH - RIGHT, log)
    floor = _ROW * len(shares) + 4.0
    shapes = [x_axis(x, floor, x_label, grid_top=4.0)]
    for row, (name, values) in enumerate(shares.items()):
        base = (row + 1) * _ROW + 2.0
        y = Scale(0.0, max(values, default=0.0) or 1.0, base, base - _ROW + 6)
        shapes.append(
            f'<polyline points="{_steps(edges, values, x, y)}" fill="{colour(row)}" fill-opacity=".35" '
            f'stroke="{colour(row)}"><title>{escape(name)}</title></polyline>'
        )
        label = escape(shortened(name, 18))
        shapes.append(f'<text x="{_LABEL - 8}" y="{base - 6:.0f}" text-anchor="end">{label}</text>')
        if middles is not None and edges[0] <= middles[name] <= edges[-1]:
            place = x.place(middles[name])
            shapes.append(f'<path class="mark" d="M{place:.1f} {base:.0f}V{base - _ROW + 6:.0f}"/>')
    words = _in_words(edges, shares, x_label)
    if middles is not None:
        words = "; ".join(f"{name}: {short_number(value)}" for name, value in middles.items())
        words = f"Marked value of each row, {x_label}: {words}."
    return figure("".join(shapes), caption, words, _data(edges, shares), height=floor + 42)


def _steps(edges: Sequence[float], values: Sequence[float], x: Scale, y: Scale) -> str:
    """Return the outline of a histogram as the points of a polyline; bins of equal height become one step."""
    floor = y.place(0.0)
    corners = [(x.place(edges[0]), floor)]
    for place, value in enumerate(values):
        height = y.place(value)
        if height != corners[-1][1]:
            corners += [(x.place(edges[place]), height)]
        if place + 1 == len(values) or values[place + 1] != value:
            corners += [(x.place(edges[place + 1]), height)]
    corners.append((x.place(edges[-1]), floor))
    return " ".join(f"{a:.1f},{b:.1f}" for a, b in corners)


def _in_words(edges: Sequence[float], shares: Mapping[str, Sequence[float]], x_label: str) -> str:
    """Say where each series has most of its items."""
    peaks = []
    for name, values in shares.items():
        top = max(range(len(values)), key=lambda place: values[place]) if values else 0
        peaks.append(f"{name}: most between {short_number(edges[top])} and {short_number(edges[top + 1])}")
    return f"Histogram of {x_label}. {'; '.join(peaks)}."


def _data(edges: Sequence[float], shares: Mapping[str, Sequence[float]]) -> Data:
    rows = [
        [float(edges[place]), float(edges[place + 1]), *(float(values[place]) for values in shares.values())]
        for place in range(len(edges) - 1)
    ]
    return Data(["from", "to", *shares], rows)
