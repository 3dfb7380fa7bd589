"""What it looks like when the memory runs out."""

from __future__ import annotations

import torch


class PackTooLarge(Exception):  # noqa: N818 - a signal to the engine, never seen by people
    """One pack of texts does not fit into memory, though each of its texts may."""


def out_of_memory(error: Exception) -> bool:
    """Tell whether an error says that memory ran out; on a processor torch has no type of its own for it."""
    text = str(error).lower()
    known = isinstance(error, (MemoryError, torch.OutOfMemoryError))
    return known or "out of memory" in text or "not enough memory" in text or "can't allocate memory" in text
