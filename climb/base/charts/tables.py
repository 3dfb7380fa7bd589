"""Tables that scroll inside their own box, and tables whose cells are coloured by their values."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from html import escape

from climb.base.charts.downloads import Value, csv_link
from climb.base.charts.formats import short_number

Cell = Value | None
"""A cell: text, an integer (thousands separators), a fraction (four digits), or None for "there is none" (–)."""

_LONG_NAME = 20


def table(
    header: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    caption: str = "",
    csv: bool = False,
    kind: str = "",
    data: tuple[Sequence[str], Sequence[Sequence[Cell]]] | None = None,
) -> str:
    """Return a table; columns of numbers stand right.

    Args:
        header: the columns' names.
        rows: their cells.
        caption: stands above the table and names its box for the keyboard.
        csv: whether a CSV link stands in the caption.
        kind: "labels" where the first column names its row; "code" where text is set like code; "wide" where it
            is set smaller on paper; "told" where the last column is a sentence; several with spaces between.
        data: header and rows of the CSV where cells are written for people, such as "62.4 (61.0 to 63.8)".
    """
    numeric = [bool(rows) and all(_is_number(row[column]) for row in rows) for column in range(len(header))]
    mark = [' class="number"' if number else "" for number in numeric]
    head = "".join(f'<th scope="col"{mark[column]}>{escape(text)}</th>' for column, text in enumerate(header))
    body = "".join(f"<tr>{_row(row, mark, 'labels' in kind.split())}</tr>" for row in rows)
    link = " " + csv_link(caption, *(data or (header, rows))) if csv else ""
    return _boxed(head, body, caption, link, kind)


def heat_table(
    corner: str,
    columns: Sequence[str],
    rows: Mapping[str, Sequence[float | None]],
    caption: str,
    strength: Callable[[float], float],
    text: Callable[[float], str] = short_number,
) -> str:
    """Return a table whose cells are coloured by their numbers; the numbers stand in them, so colour is not all.

    Args:
        corner: heading of the column of row names.
        columns: the columns' names, written upright to save width.
        rows: row name → a number per column, None where there is none.
        caption: stands above the table.
        strength: number → −1 … 1, how deep its colour is; negative ones have another colour.
        text: number → what is written.
    """
    head = f'<th scope="col">{escape(corner)}</th>'
    head += "".join(f'<th scope="col" class="upright"><span>{escape(name)}</span></th>' for name in columns)
    body = ""
    for name, values in rows.items():
        cells = "".join(_heat(value, strength, text) for value in values)
        body += f"<tr>{_label(escape(name))}{cells}</tr>"
    plain = [[name, *values] for name, values in rows.items()]
    return _boxed(head, body, caption, " " + csv_link(caption, [corner, *columns], plain), "heat labels")


def _heat(value: float | None, strength: Callable[[float], float], text: Callable[[float], str]) -> str:
    if value is None or not math.isfinite(value):
        return '<td class="number">–</td>'
    depth = max(-1.0, min(1.0, strength(value)))
    side = "cold" if depth < 0 else "warm"
    return f'<td class="number {side}" style="--d:{abs(depth):.2f}">{escape(text(value))}</td>'


def _boxed(head: str, body: str, caption: str, link: str, kind: str) -> str:
    """Return the table in a box that the keyboard can reach and scroll."""
    title = f"<caption>{escape(caption)}{link}</caption>" if caption else ""
    label = f' tabindex="0" role="group" aria-label="{escape(caption, quote=True)}"' if caption else ""
    chosen = f' class="{kind}"' if kind else ""
    return (
        f'<div class="scroll"{label}><table{chosen}>{title}<thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _is_number(value: Cell) -> bool:
    """Return whether a cell stands right: numbers, and shares written as per cent."""
    return not isinstance(value, str) or value.endswith("\u00a0%")


def _row(row: Sequence[Cell], mark: Sequence[str], labelled: bool) -> str:
    cells = [f"<td{mark[column]}>{_text(value)}</td>" for column, value in enumerate(row)]
    if labelled and row:
        cells[0] = _label(_text(row[0]))
    return "".join(cells)


def _label(html: str) -> str:
    """Return the heading of a row; a long name may break behind its underscores."""
    broken = html.replace("_", "_<wbr>") if len(html) > _LONG_NAME else html
    return f'<th scope="row">{broken}</th>'


def _text(value: Cell) -> str:
    if value is None:
        return "–"
    if isinstance(value, str):
        return escape(value)
    return f"{value:,}" if isinstance(value, int) else short_number(value)
