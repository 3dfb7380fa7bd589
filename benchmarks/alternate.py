"""Time several ways of doing the same thing in turn, so that a machine's drift hits all of them alike."""

from __future__ import annotations

import platform
import statistics
from collections.abc import Callable, Mapping

import torch


def alternate(
    ways: Mapping[str, Callable[[], float]], rounds: int = 5, warm_up: bool = True
) -> dict[str, list[float]]:
    """Call every way once per round, after one round that is not counted, and return their seconds."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds + warm_up):
        for name, way in ways.items():
            taken = way()
            if number >= warm_up:
                seconds[name].append(taken)
    return seconds


def ratio_text(slower: list[float], faster: list[float]) -> str:
    """Return the median of the ratios slower / faster, round by round, with their range."""
    ratios = [a / b for a, b in zip(slower, faster, strict=True)]
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


def device_text() -> str:
    """Name what the figures were measured on."""
    if torch.cuda.is_available():
        return torch.cuda.get_device_name()
    return f"{platform.machine()} CPU, {torch.get_num_threads()} threads, torch {torch.__version__}"
