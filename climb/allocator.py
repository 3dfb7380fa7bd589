"""Keep freed memory inside the process while a model trains on a CPU.

glibc hands large blocks back to the system as soon as they are freed and asks for them again at the next
step; the kernel then zeroes every page anew. For a causal model, whose logits are by far its largest tensor,
that is a good part of a step.
"""

from __future__ import annotations

import ctypes
import sys

# The numbers of glibc's malloc.h.
_TRIM_THRESHOLD, _TOP_PAD, _MMAP_MAX = -1, -2, -4
_NEVER = 2**31 - 1
_GROWTH = 64 * 2**20


def keep_freed_memory() -> bool:
    """Tell the C library to keep what is freed; return whether it could be told (glibc only)."""
    if not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    settings = ((_MMAP_MAX, 0), (_TRIM_THRESHOLD, _NEVER), (_TOP_PAD, _GROWTH))
    return all(mallopt(option, value) for option, value in settings)
