"""Read GLUE's `.tsv` files: tab-separated and raw. Quotation marks are text, so no CSV reader may see them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from climb.base.charts.formats import shortened
from climb.base.errors import UserError
from climb.eval.finetuning.examples import Row
from climb.eval.finetuning.spec import Tsv


def read_tsv(path: Path, layout: Tsv) -> tuple[list[Row], int]:
    r"""Return the rows of a file, and how many broken ones were left out (only where the layout knows of such).

    A byte-order mark, Windows line ends and a missing last line end do no harm. Only "\n" ends a line: some texts
    hold other characters that Unicode counts as line ends.

    Raises:
        UserError: not UTF-8, a column that is not there, or a row with too few columns; file and line are named.
    """
    lines = _lines(path)
    numbers = {name: place for name, place in layout.columns.items() if isinstance(place, int)}
    titles: list[str] = []
    if len(numbers) < len(layout.columns):
        titles = next(lines, (0, ""))[1].split("\t")
        numbers = _numbers(path, titles, layout)
    rows: list[Row] = []
    broken = 0
    for line, text in lines:
        cells = text.split("\t")
        needed = len(titles) or max(numbers.values()) + 1
        # With a header a row has as many cells: a tab too many would move the texts by a column.
        if len(cells) < needed or (titles and len(cells) > needed):
            if not layout.skips_short_rows:
                raise UserError(
                    f"{path}, line {line} has {len(cells)} columns, {needed} are needed: mend the line (columns are "
                    "separated by tabs, quotation marks mean nothing)."
                )
            broken += 1
            continue
        fields = {name: cells[number] for name, number in numbers.items()}
        rows.append(Row(f"{path}, line {line}", fields, fields["label"]))
    return rows, broken


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield (number from 1, text) of the lines that are not blank."""
    with open(path, "rb") as file:
        for number, raw in enumerate(file, start=1):
            try:
                text = raw.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
            except UnicodeDecodeError as error:
                raise UserError(f"{path}, line {number} is not UTF-8 ({error.reason}): convert the file.") from None
            if text.strip():
                yield number, text


def _numbers(path: Path, header: list[str], layout: Tsv) -> dict[str, int]:
    """Return the number of each column from the header."""
    found: dict[str, int] = {}
    for name, title in layout.columns.items():
        if title not in header:
            unlabelled = " (a test set without labels?)" if name == "label" else ""
            raise UserError(
                f"{path}, line 1: there is no column {title!r}{unlabelled} among "
                f"{shortened(', '.join(header), 200)}; "
                "give the file of the GLUE distribution."
            )
        found[name] = header.index(str(title))
    return found
