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

_NEAR = 0.65
"""Share of letters in common from which a name is near; "nosuch" and "flesch" have half."""
_MOST_NEAR, _DOZEN = 3, 12


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


def unknown_name(kind: str, name: str, known: Iterable[str], all_in: str = "") -> UserError:
    """Return the error for a name nobody bears: it lists the near ones, or all when none is near.

    Args:
        kind: what it should be the name of.
        name: the name.
        known: the names there are.
        all_in: where all of them can be read; given, no more than the first dozen are listed.
    """
    names = sorted(known)
    near = near_names(name, names)
    if near:
        hint = f"did you mean {' or '.join(near)}?"
    elif all_in and len(names) > _DOZEN:
        hint = f"there are: {', '.join(names[:_DOZEN])} and {len(names) - _DOZEN} more, all in {all_in}."
    else:
        hint = f"there are: {', '.join(names)}."
    return UserError(f"Unknown {kind} {name!r}: {hint}")


def near_names(name: str, known: Iterable[str]) -> list[str]:
    """Return up to three names that a slip of the pen may have turned into this one, the nearest first.

    Near are names of nearly the same letters, and names of which one begins with the other.
    """
    folded = {other.casefold(): other for other in known}
    asked = name.casefold()
    near = difflib.get_close_matches(asked, folded, n=_MOST_NEAR, cutoff=_NEAR)
    near += [other for other in folded if other not in near and _shortest_begins(asked, other)]
    return [folded[other] for other in near[:_MOST_NEAR]]


def _shortest_begins(one: str, other: str) -> bool:
    """Return whether the longer of two names begins with the shorter, which must have three letters."""
    shorter, longer = sorted((one, other), key=len)
    return len(shorter) >= 3 and longer.startswith(shorter)
