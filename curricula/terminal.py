"""A curve as text, for a terminal of 80 columns."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

WIDTH = 66
"""Columns of the drawing; with its labels a chart is 78 wide."""
_EIGHTHS = " ▁▂▃▄▅▆▇█"


def text_chart(values: npt.NDArray[np.floating], height: int = 8, width: int = WIDTH) -> str:
    """Return a curve over the steps of a run as lines of text, filled from below.

    Args:
        values: one for each step, at least one; the chart starts at 0.
        height: lines of the drawing.
        width: columns of the drawing; each shows the mean of its steps.
    """
    exact = np.asarray(values, dtype=np.float64)
    # Fewer steps than columns: each column shows the step it lies in.
    edges = np.linspace(0, len(exact), width + 1)
    firsts = np.minimum(edges[:-1].astype(np.int64), len(exact) - 1)
    lasts = np.maximum(np.ceil(edges[1:]).astype(np.int64), firsts + 1)
    columns = np.array([exact[first:last].mean() for first, last in zip(firsts, lasts, strict=True)])
    top = float(exact.max()) or 1.0
    eighths = np.clip(np.rint(columns / top * height * 8), 0, height * 8).astype(np.int64)
    lines = []
    for row in range(height - 1, -1, -1):
        label = {height - 1: _number(top), 0: _number(0.0)}.get(row, "")
        marks = np.clip(eighths - row * 8, 0, 8)
        lines.append(f"{label:>8} │{''.join(_EIGHTHS[mark] for mark in marks)}".rstrip())
    return "\n".join([*lines, _axis(len(exact), width)])


def text_timeline(spans: Mapping[str, npt.NDArray[np.bool_]], width: int = WIDTH) -> str:
    """Return when each of several things is on, a line each, over the steps of a run.

    Args:
        spans: name → whether it is on at each step, at least one step.
        width: columns of the drawing; a column is full, half or empty: on in all, some or none of its steps.
    """
    lines = []
    for name, on in spans.items():
        edges = np.linspace(0, len(on), width + 1)
        firsts = np.minimum(edges[:-1].astype(np.int64), len(on) - 1)
        lasts = np.maximum(np.ceil(edges[1:]).astype(np.int64), firsts + 1)
        shares = [on[first:last].mean() for first, last in zip(firsts, lasts, strict=True)]
        marks = "".join("█" if share == 1 else "▒" if share > 0 else " " for share in shares)
        lines.append(f"{name:>8} │{marks}".rstrip())
    return "\n".join([*lines, _axis(len(next(iter(spans.values()))), width)])


def _axis(steps: int, width: int) -> str:
    """Return the axis below a drawing: 0, the middle and the last step."""
    middle, last = _number(steps // 2), _number(steps)
    axis = "0" + middle.center(2 * (width // 2) - 2 * len(last)).ljust(width - 1 - len(last)) + last
    return f"{'':>8} └{'─' * width}\n{'':>10}{axis}"


def _number(value: float) -> str:
    """Return a number as an axis shows it."""
    return f"{value:,.0f}" if value == int(value) and abs(value) >= 10 else f"{value:.2f}".rstrip("0").rstrip(".")
