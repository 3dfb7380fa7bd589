"""What the program says to a person: plain sentences on standard error, results on standard output."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import Any

from rich.console import Console

_state = {"quiet": False}
_drawn_on: list[Console] = []
"""Consoles that a progress bar is drawn on; `say` prints above the bar of the last one."""


def set_quiet(quiet: bool) -> None:
    """Silence `say` and progress bars (`--quiet`); results and errors are still printed."""
    _state["quiet"] = quiet


def is_quiet() -> bool:
    """Return whether `--quiet` was asked for."""
    return _state["quiet"]


def say(message: str) -> None:
    """Print one sentence about the work to standard error, unless quiet. Markup is not interpreted."""
    if not _state["quiet"]:
        console = _drawn_on[-1] if _drawn_on else errors()
        console.print(message, markup=False, highlight=False, soft_wrap=True)


@contextlib.contextmanager
def drawn_on(console: Console) -> Iterator[None]:
    """Let `say` print through this console within the block, so that a bar drawn on it stays whole."""
    _drawn_on.append(console)
    try:
        yield
    finally:
        _drawn_on.pop()


def show(result: Any) -> None:
    """Print a result (a string or a rich table) to standard output."""
    soft_wrap = isinstance(result, str)
    Console(file=sys.stdout).print(result, markup=False, highlight=False, soft_wrap=soft_wrap)


def errors() -> Console:
    """Return a console on today's standard error (looked up at each call, so that tests can capture it)."""
    return Console(file=sys.stderr)
