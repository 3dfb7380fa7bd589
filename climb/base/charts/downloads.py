"""A table of numbers as a link that holds them: a data: URI, so that the page stays one file."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from urllib.parse import quote

from climb.base.charts.formats import slug

Value = str | int | float


def csv_link(title: str, header: Sequence[str], rows: Sequence[Sequence[Value | None]]) -> str:
    """Return a link that saves a table as CSV (RFC 4180, UTF-8); fractions have six significant digits.

    Args:
        title: of what the numbers are; the file is named after it.
        header: the columns' names.
        rows: their values; None is an empty field.
    """
    lines = [",".join(map(_field, row)) for row in (header, *rows)]
    uri = "data:text/csv;charset=utf-8," + quote("\r\n".join(lines) + "\r\n", safe=",-.:/ ()").replace(" ", "%20")
    name, label = f"{slug(title)}.csv", escape(f"{title}, as CSV", quote=True)
    return f'<a class="csv" download="{name}" href="{escape(uri, quote=True)}" aria-label="{label}">CSV</a>'


def _field(value: Value | None) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6g}"
    text = str(value)
    # A spreadsheet would run a text that begins like a formula.
    text = f"'{text}" if isinstance(value, str) and text[:1] in ("=", "+", "-", "@") else text
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ',"\r\n') else text
