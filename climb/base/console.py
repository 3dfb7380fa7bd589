"""What the program says to a person: plain sentences on standard error, results on standard output."""

from __future__ import annotations

import sys
from typing import Any

from rich.console import Console

_state = {"quiet": False}


def set_quiet(quiet: bool) -> None:
    """Silence `say` and progress bars (`--quiet`); results and errors are still printed."""
    _state["quiet"] = quiet


def is_quiet() -> bool:
    """Return whether `--quiet` was asked for."""
    return _state["quiet"]


def say(message: str) -> None:
    """Print one sentence about the work to standard error, unless quiet. Markup is not interpreted."""
    if not _state["quiet"]:
        errors().print(message, markup=False, highlight=False, soft_wrap=True)


def show(result: Any) -> None:
    """Print a result (a string or a rich table) to standard output."""
    soft_wrap = isinstance(result, str)
    Console(file=sys.stdout).print(result, markup=False, highlight=False, soft_wrap=soft_wrap)


def errors() -> Console:
    """Return a console on today's standard error (looked up at each call, so that tests can capture it)."""
    return Console(file=sys.stderr)
