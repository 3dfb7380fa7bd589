"""Line charts with linear or logarithmic axes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from html import escape

from climb.base.charts.downloads import Value
from climb.base.charts.formats import short_number
from climb.base.charts.frames import Data, axes, colour, figure, plot_scales

_DASHES = ("", "7 3", "2 3", "9 3 2 3")
"""Every four series the next pattern: in print, and for those who see few colours, colour is not all."""


def lines(
    series: Mapping[str, Sequence[tuple[float, float]]],
    caption: str,
    x_label: str,
    log_x: bool = False,
    log_y: bool = False,
    y_label: str = "",
    dashed: Collection[str] = (),
) -> str:
    """Return a line chart.

    Args:
        series: name → points (x, y), in the order of x, at least one in all.
        caption: stands above the chart.
        x_label: what the x axis measures.
        log_x: whether the x axis is logarithmic; every x is positive then.
        log_y: the same for y; a linear y axis starts at 0 or below.
        y_label: what the y axis measures.
        dashed: the series that are drawn dashed, such as a fit beside its data.
    """
    points = [point for values in series.values() for point in values]
    y_low = min(p[1] for p in points)
    y_high = max(p[1] for p in points)
    across = (min(p[0] for p in points), max(p[0] for p in points))
    x, y = plot_scales(across, (y_low if log_y else min(0.0, y_low), y_high or 1.0), log_x, log_y, bool(y_label))
    shapes = ""
    for number, (name, values) in enumerate(series.items()):
        path = " ".join(f"{x.place(a):.1f},{y.place(b):.1f}" for a, b in values)
        pattern = "5 4" if name in dashed else _DASHES[number // len(_DASHES) % len(_DASHES)]
        dash = f' stroke-dasharray="{pattern}"' if pattern else ""
        shapes += (
            f'<polyline points="{path}" fill="none" stroke="{colour(number)}" stroke-width="1.8"{dash}>'
            f"<title>{escape(name)}</title></polyline>"
        )
    rows: list[list[Value]] = [[name, float(a), float(b)] for name, values in series.items() for a, b in values]
    data = Data(["series", x_label or "x", y_label or "y"], rows)
    legend = list(series) if len(series) > 1 else []
    return figure(axes(x, y, x_label, y_label) + shapes, caption, _in_words(series, x_label), data, legend)


def _in_words(series: Mapping[str, Sequence[tuple[float, float]]], x_label: str) -> str:
    """Say from where to where each line goes."""
    ways = [
        f"{name}: from {short_number(values[0][1])} at {short_number(values[0][0])} "
        f"to {short_number(values[-1][1])} at {short_number(values[-1][0])}"
        for name, values in series.items()
        if values
    ]
    return f"Lines over {x_label}. {'; '.join(ways)}."
