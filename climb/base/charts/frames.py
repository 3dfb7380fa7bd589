"""What every chart shares: the figure around it, its axes, its title and description, its data beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

from climb.base.charts.downloads import Value, csv_link
from climb.base.charts.formats import short_number, tick_number
from climb.base.charts.scales import Scale

WIDTH, HEIGHT = 400, 230
LEFT, RIGHT, TOP, BOTTOM = 50, 12, 10, 40
COLOURS = 12
"""Series colours there are; further series start again."""


@dataclass(frozen=True)
class Data:
    """The numbers behind a chart, for its CSV link."""

    header: Sequence[str]
    rows: Sequence[Sequence[Value | None]] = field(default_factory=list)


def colour(number: int) -> str:
    """Return the colour of a series."""
    return f"var(--c{number % COLOURS})"


def figure(
    shapes: str, caption: str, description: str, data: Data, legend: Sequence[str] = (), height: float = HEIGHT
) -> str:
    """Wrap shapes into a figure with caption, legend and data.

    Args:
        shapes: SVG elements within 0, 0, WIDTH, height; escaped.
        caption: stands above the chart and is its title.
        description: the chart in words, for those who cannot see it.
        data: its numbers.
        legend: the series' names, in the order of their colours; none, when the chart names them itself.
        height: of the drawing.
    """
    keys = "".join(
        f'<span><i style="background:{colour(number)}"></i>{escape(name)}</span>'
        for number, name in enumerate(legend)
    )
    return (
        f"<figure><figcaption>{escape(caption)} {csv_link(caption, data.header, data.rows)}</figcaption>"
        + (f'<div class="legend">{keys}</div>' if keys else "")
        + f'<svg viewBox="0 0 {WIDTH} {height:g}" role="img"><title>{escape(caption)}</title>'
        f"<desc>{escape(description)}</desc>{shapes}</svg></figure>"
    )


def plot_scales(
    x: tuple[float, float], y: tuple[float, float], log_x: bool, log_y: bool, titled: bool = False
) -> tuple[Scale, Scale]:
    """Return the scales of a plot with both axes, of values x and y from low to high; titled: y has a label."""
    right, floor = WIDTH - RIGHT, HEIGHT - BOTTOM
    return Scale(*x, LEFT, right, log_x), Scale(*y, floor, TOP + 14 * titled, log_y)


def axes(x: Scale, y: Scale, x_label: str, y_label: str = "", y_percent: bool = False) -> str:
    """Return grid lines, ticks and labels of a plot."""
    parts = [x_axis(x, y.start, x_label)]
    for tick in y.ticks():
        height = y.place(tick)
        text = f"{short_number(100 * tick)} %" if y_percent else tick_number(tick)
        parts.append(f'<path class="axis" d="M{x.start:.1f} {height:.1f}H{x.end:.1f}"/>')
        parts.append(f'<text x="{x.start - 6:.1f}" y="{height + 4:.1f}" text-anchor="end">{text}</text>')
    if y_label:
        parts.append(f'<text x="4" y="{y.end - 10:.0f}">{escape(y_label)}</text>')
    return "".join(parts)


def x_axis(x: Scale, floor: float, label: str, grid_top: float | None = None) -> str:
    """Return the horizontal axis at height `floor`, with grid lines up to `grid_top`."""
    parts = [f'<path class="axis" d="M{x.start:.1f} {floor:.1f}H{x.end:.1f}"/>']
    top = floor if grid_top is None else grid_top
    for tick in x.ticks():
        place = x.place(tick)
        # A number at the very edge stands inside the drawing.
        anchor = "end" if place > WIDTH - 14 else "middle"
        parts.append(f'<path class="axis" d="M{place:.1f} {top:.1f}V{floor + 4:.1f}"/>')
        shift = min(place + 8, WIDTH) if anchor == "end" else place
        parts.append(f'<text x="{shift:.1f}" y="{floor + 17:.1f}" text-anchor="{anchor}">{tick_number(tick)}</text>')
    middle = (x.start + x.end) / 2
    parts.append(f'<text x="{middle:.0f}" y="{floor + 34:.1f}" text-anchor="middle">{escape(label)}</text>')
    return "".join(parts)
