"""Lines with a band around each: a mean over repetitions, and from the lowest to the highest of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from climb.base.charts.downloads import Value
from climb.base.charts.formats import short_number
from climb.base.charts.frames import Data, axes, colour, figure, plot_scales

Point = tuple[float, float, float, float]
"""x, then the middle, the lowest and the highest y."""


def bands(
    series: Mapping[str, Sequence[Point]],
    caption: str,
    x_label: str,
    y_label: str = "",
    log_x: bool = False,
    from_zero: bool = False,
) -> str:
    """Return a line chart with bands.

    Args:
        series: name → points, in the order of x; at least one point in all.
        caption: stands above the chart.
        x_label: what the x axis measures.
        y_label: what the y axis measures.
        log_x: whether the x axis is logarithmic; every x is positive then.
        from_zero: whether the y axis begins at 0; else at the lowest value.
    """
    points = [point for values in series.values() for point in values]
    low, high = min(point[2] for point in points), max(point[3] for point in points)
    margin = 0.04 * (high - low) or abs(high) * 0.05 or 1.0
    across = (min(point[0] for point in points), max(point[0] for point in points))
    bottom = min(0.0, low) if from_zero else low - margin
    x, y = plot_scales(across, (bottom, high + margin), log_x, False, bool(y_label))
    shapes = ""
    for number, (name, values) in enumerate(series.items()):
        upper = [f"{x.place(a):.1f},{y.place(top):.1f}" for a, _, _, top in values]
        lower = [f"{x.place(a):.1f},{y.place(bottom):.1f}" for a, _, bottom, _ in reversed(values)]
        shapes += f'<polygon points="{" ".join(upper + lower)}" fill="{colour(number)}" fill-opacity=".16"/>'
        path = " ".join(f"{x.place(a):.1f},{y.place(middle):.1f}" for a, middle, _, _ in values)
        dash = ("", "7 3", "2 3", "9 3 2 3")[number % 4]
        pattern = f' stroke-dasharray="{dash}"' if dash else ""
        shapes += (
            f'<polyline points="{path}" fill="none" stroke="{colour(number)}" stroke-width="1.8"{pattern}>'
            f"<title>{escape(name)}</title></polyline>"
        )
    rows: list[list[Value | None]] = [
        [name, *map(float, point)] for name, values in series.items() for point in values
    ]
    data = Data(["series", x_label or "x", y_label or "mean", "lowest", "highest"], rows)
    ends = "; ".join(
        f"{name}: from {short_number(values[0][1])} at {short_number(values[0][0])} to "
        f"{short_number(values[-1][1])} at {short_number(values[-1][0])}"
        for name, values in series.items()
        if values
    )
    words = f"Lines over {x_label}, each with a band from its lowest to its highest value. {ends}."
    legend = list(series) if len(series) > 1 else []
    return figure(axes(x, y, x_label, y_label) + shapes, caption, words, data, legend)
