"""A small kit for self-contained pages: histogram, bars and lines as SVG, tables, and one style sheet.

No script, no font, no file from elsewhere; colours follow the reader's light or dark setting; everything that
comes from data is escaped; ids are counted, so that the same data gives the same bytes. A chart is about 3 kB.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from itertools import count

_WIDTH, _HEIGHT = 560, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 12, 12, 40
COLOURS = 12
"""Series colours there are; further series start again."""

_STYLE = """
:root { color-scheme: light dark; --ink: #1d2329; --dim: #5c6670; --paper: #ffffff; --line: #d5dae0; --fill: #f4f6f8;
  --c0: #2563a8; --c1: #c2571a; --c2: #2f7d4f; --c3: #8b3fa0; --c4: #a3272f; --c5: #0f7d86;
  --c6: #8a6d0b; --c7: #55606b; --c8: #d0468a; --c9: #5b4fcf; --c10: #6b8e23; --c11: #7a4a2b; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e8ec; --dim: #9aa5b0; --paper: #14181c; --line: #353d45;
  --fill: #1d2328; --c0: #6aa9ee; --c1: #f0955a; --c2: #6cc492; --c3: #c98be0; --c4: #ee7a80; --c5: #55c1ca;
  --c6: #d9b84a; --c7: #a7b2bd; --c8: #f38bc0; --c9: #a59bf5; --c10: #b5d46a; --c11: #c99a78; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 76rem; padding: 1rem; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; overflow-wrap: break-word; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.25rem; margin-top: 2.2rem; }
h3 { font-size: 1.05rem; margin-top: 1.6rem; }
p.note { color: var(--dim); margin: .3rem 0 .8rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .92rem; }
th, td { padding: .25rem .6rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.charts { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); }
figure { margin: 0; max-width: 46rem; padding: .6rem; background: var(--fill); border-radius: .4rem; }
figcaption { font-size: .92rem; } svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--dim); font: 12px system-ui, sans-serif; } svg .axis { stroke: var(--line); }
.legend { display: flex; flex-wrap: wrap; gap: .2rem .9rem; font-size: .85rem; }
.legend i { display: inline-block; width: .8em; height: .8em; margin-right: .35em; border-radius: .15em; }
blockquote { margin: .3rem 0; padding: .3rem .7rem; border-left: 3px solid var(--line); }
@media print { body { max-width: none; font-size: 11pt; } figure, tr { break-inside: avoid; } }
"""


class Page:
    """A page under construction; ids are handed out in order."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._parts: list[str] = []
        self._ids = count(1)

    def add(self, *parts: str) -> None:
        """Append pieces of HTML, made by this module or escaped by the caller."""
        self._parts += parts

    def heading(self, text: str, level: int = 2) -> None:
        """Append a heading with an id of its own."""
        self._parts.append(f'<h{level} id="s{next(self._ids)}">{escape(text)}</h{level}>')

    def note(self, text: str) -> None:
        """Append a paragraph in a quiet colour."""
        self._parts.append(f'<p class="note">{escape(text)}</p>')

    def html(self) -> str:
        """Return the whole page."""
        body = "\n".join(self._parts)
        return (
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>{escape(self._title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
            f"<h1>{escape(self._title)}</h1>\n{body}\n</body>\n</html>\n"
        )


def table(header: Sequence[str], rows: Sequence[Sequence[str | int | float]]) -> str:
    """Return a table; numbers stand right, integers with thousands separators, fractions with four digits."""
    numeric = [bool(rows) and all(not isinstance(row[column], str) for row in rows) for column in range(len(header))]
    mark = [' class="number"' if number else "" for number in numeric]
    head = "".join(f"<th{mark[column]}>{escape(text)}</th>" for column, text in enumerate(header))
    body = "".join(
        "<tr>" + "".join(f"<td{mark[column]}>{_cell(value)}</td>" for column, value in enumerate(row)) + "</tr>"
        for row in rows
    )
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _cell(value: str | int | float) -> str:
    if isinstance(value, str):
        return escape(value)
    return f"{value:,}" if isinstance(value, int) else short_number(value)


def short_number(value: float) -> str:
    """Return a number with up to four significant digits and thousands separators.

    Example:
        >>> short_number(12345.6), short_number(0.04567), short_number(3.0)
        ('12,346', '0.04567', '3')
    """
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    digits = max(0, 3 - math.floor(math.log10(abs(value))))
    text = f"{value:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def histogram(
    edges: Sequence[float], shares: Mapping[str, Sequence[float]], caption: str, x_label: str, log: bool = False
) -> str:
    """Return a histogram as one stepped outline per series.

    Args:
        edges: the limits of the bins [B + 1], increasing; positive when `log`.
        shares: series → share of its items in each bin [B].
        caption: stands under the chart.
        x_label: what the x axis measures.
        log: whether the x axis is logarithmic.
    """
    low, high = _axis(edges[0], log), _axis(edges[-1], log)
    top = max((max(values, default=0.0) for values in shares.values()), default=0.0) or 1.0
    x = [_x(_axis(edge, log), low, high) for edge in edges]
    shapes = []
    for number, values in enumerate(shares.values()):
        points = [f"{x[0]:.1f},{_y(0, 0, top):.1f}"]
        for place, value in enumerate(values):
            height = f"{_y(value, 0, top):.1f}"
            points += [f"{x[place]:.1f},{height}", f"{x[place + 1]:.1f},{height}"]
        points.append(f"{x[-1]:.1f},{_y(0, 0, top):.1f}")
        colour = f"var(--c{number % COLOURS})"
        opacity = ".25" if len(shares) == 1 else "0"
        shapes.append(
            f'<polyline points="{" ".join(points)}" fill="{colour}" fill-opacity="{opacity}" stroke="{colour}" '
            'stroke-width="1.5"/>'
        )
    ticks = _ticks(edges[0], edges[-1], log)
    axes = _axes([(_x(_axis(t, log), low, high), short_number(t)) for t in ticks], _shares(top), x_label)
    return _figure(axes + "".join(shapes), caption, list(shares))


def lines(
    series: Mapping[str, Sequence[tuple[float, float]]], caption: str, x_label: str, log_x: bool = False
) -> str:
    """Return a line chart.

    Args:
        series: name → points (x, y), in the order of x; x is positive when `log_x`.
        caption: stands under the chart.
        x_label: what the x axis measures.
        log_x: whether the x axis is logarithmic.
    """
    points = [point for values in series.values() for point in values]
    x_low, x_high = min(p[0] for p in points), max(p[0] for p in points)
    y_low, y_high = min(0.0, *(p[1] for p in points)), max(p[1] for p in points) or 1.0
    low, high = _axis(x_low, log_x), _axis(x_high, log_x)
    shapes = ""
    for number, values in enumerate(series.values()):
        path = " ".join(f"{_x(_axis(a, log_x), low, high):.1f},{_y(b, y_low, y_high):.1f}" for a, b in values)
        shapes += f'<polyline points="{path}" fill="none" stroke="var(--c{number % COLOURS})" stroke-width="1.6"/>'
    x_ticks = [(_x(_axis(t, log_x), low, high), short_number(t)) for t in _ticks(x_low, x_high, log_x)]
    y_ticks = [(_y(t, y_low, y_high), short_number(t)) for t in _ticks(y_low, y_high, False)]
    return _figure(_axes(x_ticks, y_ticks, x_label) + shapes, caption, list(series))


def bars(groups: Mapping[str, Mapping[str, float]], caption: str, unit: str) -> str:
    """Return horizontal stacked bars.

    Args:
        groups: bar label → {part: size ≥ 0}; parts with the same name share a colour.
        caption: stands under the chart.
        unit: what the sizes count.
    """
    parts = list(dict.fromkeys(part for sizes in groups.values() for part in sizes))
    top = max((sum(sizes.values()) for sizes in groups.values()), default=0.0) or 1.0
    left, row = 150, 24
    shapes = ""
    for place, (label, sizes) in enumerate(groups.items()):
        y, x = place * row + 4, float(left)
        shown = label if len(label) <= 20 else label[:19] + "…"
        shapes += f'<text x="{left - 8}" y="{y + 13}" text-anchor="end">{escape(shown)}</text>'
        for part, size in sizes.items():
            width = size / top * (_WIDTH - left - 76)
            colour = f"var(--c{parts.index(part) % COLOURS})"
            shapes += f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{row - 7}" fill="{colour}"/>'
            x += width
        shapes += f'<text x="{x + 6:.1f}" y="{y + 13}">{short_number(sum(sizes.values()))}</text>'
    return _figure(shapes, f"{caption} ({unit})", parts if len(parts) > 1 else [], len(groups) * row + 8)


def _figure(shapes: str, caption: str, legend: Sequence[str], height: int = _HEIGHT) -> str:
    """Wrap shapes into a figure with caption and legend."""
    keys = "".join(
        f'<span><i style="background:var(--c{number % COLOURS})"></i>{escape(name)}</span>'
        for number, name in enumerate(legend)
    )
    described = escape(caption, quote=True)
    return (
        f'<figure><svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{described}">{shapes}</svg>'
        f'<figcaption>{escape(caption)}</figcaption><div class="legend">{keys}</div></figure>'
    )


def _axes(x_ticks: Sequence[tuple[float, str]], y_ticks: Sequence[tuple[float, str]], x_label: str) -> str:
    """Return grid lines and labels."""
    floor, right = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT
    parts = [f'<line class="axis" x1="{_LEFT}" y1="{floor}" x2="{right}" y2="{floor}"/>']
    for x, text in x_ticks:
        parts.append(f'<line class="axis" x1="{x:.1f}" y1="{floor}" x2="{x:.1f}" y2="{floor + 4}"/>')
        parts.append(f'<text x="{x:.1f}" y="{floor + 17}" text-anchor="middle">{text}</text>')
    for y, text in y_ticks:
        parts.append(f'<line class="axis" x1="{_LEFT}" y1="{y:.1f}" x2="{right}" y2="{y:.1f}"/>')
        parts.append(f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{text}</text>')
    middle = (_LEFT + right) / 2
    parts.append(f'<text x="{middle:.0f}" y="{_HEIGHT - 6}" text-anchor="middle">{escape(x_label)}</text>')
    return "".join(parts)


def _axis(value: float, log: bool) -> float:
    return math.log10(value) if log else value


def _x(value: float, low: float, high: float) -> float:
    return _LEFT + (value - low) / ((high - low) or 1.0) * (_WIDTH - _LEFT - _RIGHT)


def _y(value: float, low: float, high: float) -> float:
    return _HEIGHT - _BOTTOM - (value - low) / ((high - low) or 1.0) * (_HEIGHT - _BOTTOM - _TOP)


def _shares(top: float) -> list[tuple[float, str]]:
    """Return ticks of an axis of shares, in per cent."""
    return [(_y(tick, 0, top), f"{short_number(100 * tick)} %") for tick in _ticks(0, top, False)]


def _ticks(low: float, high: float, log: bool) -> list[float]:
    """Return three to six round numbers between two values."""
    if high <= low:
        return [low]
    if log:
        first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
        steps = (1, 2, 5) if last - first <= 2 else (1,)
        every = [step * 10.0**power for power in range(first, last + 1) for step in steps]
        return [tick for tick in every if low <= tick <= high] or [low, high]
    raw = (high - low) / 4
    size = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * size for factor in (1, 2, 2.5, 5, 10) if factor * size >= raw * 0.999)
    first_tick = math.ceil(low / step - 1e-9)
    return [number * step for number in range(first_tick, math.floor(high / step + 1e-9) + 1)]
