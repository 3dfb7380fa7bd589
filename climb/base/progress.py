"""A progress bar with an estimate; silent when standard error is no terminal or `--quiet` was given."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from climb.base.console import errors, is_quiet

Advance = Callable[..., None]


@contextlib.contextmanager
def progress(label: str, total: float | None) -> Iterator[Advance]:
    """Show a bar while the block runs.

    Args:
        label: what is being done, in a few words.
        total: how much there is to do, in any unit; None when unknown.

    Yields:
        advance(amount=1, note=""): call it as work is done; `note` is shown beside the bar.
    """
    console = errors()
    if is_quiet() or not console.is_terminal:
        yield lambda amount=1.0, note="": None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(label, total=total, note="")

        def advance(amount: float = 1.0, note: str = "") -> None:
            bar.update(task, advance=amount, note=note)

        yield advance
