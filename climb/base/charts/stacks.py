"""Horizontal stacked bars."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from climb.base.charts.downloads import Value
from climb.base.charts.formats import short_number, shortened
from climb.base.charts.frames import WIDTH, Data, colour, figure

_LABEL, _VALUE, _ROW = 118, 66, 26


def bars(groups: Mapping[str, Mapping[str, float]], caption: str, unit: str) -> str:
    """Return horizontal stacked bars, each with its sum behind it.

    Args:
        groups: bar label → {part: size ≥ 0}; parts with the same name share a colour.
        caption: stands above the chart.
        unit: what the sizes count.
    """
    parts = list(dict.fromkeys(part for sizes in groups.values() for part in sizes))
    top = max((sum(sizes.values()) for sizes in groups.values()), default=0.0) or 1.0
    shapes = "".join(
        _bar(place * _ROW + 4, label, sizes, parts, (WIDTH - _LABEL - _VALUE) / top)
        for place, (label, sizes) in enumerate(groups.items())
    )
    words = "; ".join(
        f"{label}: " + ", ".join(f"{short_number(size)} {part}" for part, size in sizes.items())
        for label, sizes in groups.items()
    )
    rows: list[list[Value]] = [
        [label, *(float(sizes.get(part, 0.0)) for part in parts)] for label, sizes in groups.items()
    ]
    data = Data(["", *parts], rows)
    legend = parts if len(parts) > 1 else []
    description = f"Bars, in {unit}. {words}."
    return figure(shapes, f"{caption} ({unit})", description, data, legend, len(groups) * _ROW + 6)


def _bar(y: float, label: str, sizes: Mapping[str, float], parts: list[str], unit_width: float) -> str:
    """Return one bar with its label and its sum."""
    x = float(_LABEL)
    middle = y + _ROW / 2 + 1
    shapes = f'<text x="{_LABEL - 8}" y="{middle:.0f}" text-anchor="end">{escape(shortened(label, 18))}</text>'
    for part, size in sizes.items():
        width = size * unit_width
        said = escape(f"{label}, {part}: {short_number(size)}")
        shapes += (
            f'<rect x="{x:.1f}" y="{y:.0f}" width="{width:.1f}" height="{_ROW - 8}" '
            f'fill="{colour(parts.index(part))}"><title>{said}</title></rect>'
        )
        x += width
    return shapes + f'<text x="{x + 5:.1f}" y="{middle:.0f}">{short_number(sum(sizes.values()))}</text>'
