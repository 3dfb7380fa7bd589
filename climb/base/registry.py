"""Find the parts of a kind by the folder they stand in: one small file, one part, nothing to register.

A pacing function, a difficulty metric or an evaluation task is added by writing one module in its folder.
The folder listing is the registry, so importing a module has no side effects and nothing is forgotten.
"""

from __future__ import annotations

import difflib
import importlib
import inspect
import pkgutil
from collections.abc import Iterable
from types import ModuleType
from typing import TypeVar

from climb.base.errors import UserError

T = TypeVar("T")


def discover(package: ModuleType, base: type[T]) -> dict[str, type[T]]:
    """Return {class attribute `name`: class} for every concrete subclass of `base` defined in the package.

    Args:
        package: the imported package whose modules are looked through (not its sub-packages).
        base: the abstract base class; it declares a class attribute `name`.

    Raises:
        ValueError: two classes bear the same name (a mistake in the program, not in its use).
    """
    found: dict[str, type[T]] = {}
    for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda module: module.name):
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        for _, candidate in inspect.getmembers(module, inspect.isclass):
            if candidate.__module__ != module.__name__ or not issubclass(candidate, base):
                continue
            if inspect.isabstract(candidate) or candidate is base:
                continue
            name = candidate.name  # type: ignore[attr-defined]
            if name in found:
                raise ValueError(f"two classes are named {name!r}: {found[name]} and {candidate}")
            found[name] = candidate
    return found


def unknown_name(kind: str, name: str, known: Iterable[str]) -> UserError:
    """Return the error for a name nobody bears: it lists the near ones, or all when none is near."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else f"there are: {', '.join(names)}."
    return UserError(f"Unknown {kind} {name!r}: {hint}")
