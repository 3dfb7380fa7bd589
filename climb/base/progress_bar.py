"""A progress bar with an estimate; silent when standard error is no terminal or `--quiet` was given."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from climb.base.console import drawn_on, errors, is_quiet, say

Advance = Callable[..., None]


@contextlib.contextmanager
def progress(label: str, total: float | None, plain_lines: int = 0) -> Iterator[Advance]:
    """Show a bar while the block runs.

    Args:
        label: what is being done, in a few words.
        total: how much there is to do, in any unit; None when unknown.
        plain_lines: without a terminal, how many plain lines to print over the whole; 0 prints none.

    Yields:
        advance(amount=1, note=""): call it as work is done; the last `note` that is not empty is shown.
    """
    console = errors()
    if is_quiet():
        yield lambda amount=1.0, note="": None
    elif console.is_terminal:
        columns = (
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[note]}"),
        )
        with Progress(*columns, console=console, transient=True) as bar, drawn_on(console):
            task = bar.add_task(label, total=total, note="")

            def advance(amount: float = 1.0, note: str = "") -> None:
                bar.update(task, advance=amount)
                if note:
                    bar.update(task, note=note)

            yield advance
    elif plain_lines and total:
        yield _Lines(label, total, plain_lines)
    else:
        yield lambda amount=1.0, note="": None


class _Lines:
    """Plain lines at even distances, for logs."""

    def __init__(self, label: str, total: float, lines: int) -> None:
        self._label = label
        self._total = total
        self._spacing = total / lines
        self._done = 0.0
        self._next = 0.0
        self._first: tuple[float, float] | None = None

    def __call__(self, amount: float = 1.0, note: str = "") -> None:
        self._done += amount
        now = time.monotonic()
        if self._first is None:
            self._first = (self._done, now)
        if not note or self._done < self._next:
            return
        done, started = self._first
        pace = (now - started) / max(self._done - done, 1e-9)
        left = f"{(self._total - self._done) * pace / 60:.1f} min left" if self._done > done else "starting"
        say(f"{self._label}: {self._done:,.0f} of {self._total:,.0f} · {note} · {left}")
        self._next = (self._done // self._spacing + 1) * self._spacing
