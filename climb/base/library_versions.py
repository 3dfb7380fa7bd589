"""Versions of the program and of the libraries that decide its numbers, as manifests record them."""

from __future__ import annotations

import platform
from importlib import metadata

LIBRARIES = ("climb-lm", "torch", "transformers", "tokenizers", "accelerate", "datasets", "numpy", "pyarrow")


def versions(libraries: tuple[str, ...] = LIBRARIES) -> dict[str, str]:
    """Return {library: version} of those that are installed, Python first."""
    found = {"python": platform.python_version()}
    for library in libraries:
        try:
            found[library] = metadata.version(library)
        except metadata.PackageNotFoundError:
            continue
    return found
