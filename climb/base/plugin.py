"""Code of a user's own: the classes of `--plugin FILE.py` join those of the program's folders.

    use(["smooth.py"])                      # for this process, from now on
    parts(climb.curricula.pacing, Pacing)   # {name: class}, those of smooth.py among them

A file is run once in every process that needs it. What it does wrong is said with its name and line. Code is named on
the command line or in Python, never in a file of settings; the file's sha256 is what a run remembers of it.
"""

from __future__ import annotations

import inspect
import sys
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from climb.base.errors import UserError
from climb.base.files import sha256_file
from climb.base.registry import discover

T = TypeVar("T")


@dataclass(frozen=True)
class Plugin:
    """A file of a user's own, as it was when it was named."""

    path: Path
    sha256: str

    @property
    def name(self) -> str:
        """The file's name, as a run remembers it."""
        return self.path.name

    def module(self) -> ModuleType:
        """Return the file as a module; it is run when this is asked for the first time.

        Raises:
            UserError: it raised, with the line.
        """
        return load_module(self.path, self.sha256)


_state: dict[str, tuple[Plugin, ...]] = {"in use": ()}


def in_use() -> tuple[Plugin, ...]:
    """Return the plugins whose classes are among the parts."""
    return _state["in use"]


def use(files: Iterable[str]) -> tuple[Plugin, ...]:
    """Let the classes of these files be among the parts of this process, in place of those used so far.

    Raises:
        UserError: there is no such file, two have one name, or one fails.
    """
    plugins: list[Plugin] = []
    for text in files:
        path = Path(text)
        if not path.is_file():
            raise UserError(f"--plugin {text}: there is no such file.")
        if path.name in (plugin.name for plugin in plugins):
            raise UserError(f"--plugin {text}: two plugins are called {path.name}: rename one.")
        plugins.append(Plugin(path.resolve(), sha256_file(path)))
    for plugin in plugins:
        plugin.module()
    _state["in use"] = tuple(plugins)
    return in_use()


def parts(package: ModuleType, base: type[T]) -> dict[str, type[T]]:
    """Return {name: class} of the parts in a package (`climb.base.registry.discover`) and in the plugins.

    Args:
        package: the folder of the program's own parts.
        base: what they are derived from.

    Raises:
        UserError: a plugin's part has the name of another one.
    """
    return dict(_parts(package, base, in_use()))  # type: ignore[arg-type]  # mypy takes type[T] for unhashable


@cache
def _parts(package: ModuleType, base: Any, plugins: tuple[Plugin, ...]) -> dict[str, Any]:
    found = discover(package, base)
    for plugin in plugins:
        for kind in classes_of(plugin.module(), base):
            name = kind.name
            if name in found:
                raise UserError(f"{plugin.name}: there is a {base.__name__} called {name!r} already: rename yours.")
            found[name] = kind
    return found


def classes_of(module: ModuleType, base: type[T]) -> list[type[T]]:
    """Return the classes derived from `base` that a file defines, but for abstract ones without a name."""
    classes = [kind for _, kind in inspect.getmembers(module, inspect.isclass) if kind.__module__ == module.__name__]
    return [
        kind for kind in classes if issubclass(kind, base) and (hasattr(kind, "name") or not inspect.isabstract(kind))
    ]


@lru_cache(maxsize=16)
def load_module(path: Path, digest: str) -> ModuleType:
    """Run a file as a module of its own, once for each content.

    Raises:
        UserError: it raised, with the line.
    """
    module = ModuleType(f"climb_plugin_{digest[:16]}")
    module.__file__ = str(path)
    sys.modules[module.__name__] = module  # dataclasses and inspect look a class's module up
    with said_with_place(path):
        # Not by an importer, which would leave a folder of compiled code beside the user's file.
        exec(compile(path.read_bytes(), str(path), "exec"), vars(module))
    return module


@contextmanager
def said_with_place(path: Path) -> Iterator[None]:
    """Turn whatever a user's file raises into one sentence with the file, the line and the error.

    Raises:
        UserError: the file raised.
    """
    try:
        yield
    except UserError:
        raise
    except Exception as error:  # a user's file may raise anything
        if isinstance(error, SyntaxError) and error.filename == str(path):
            lines = [error.lineno or 0]
        else:
            lines = [frame.lineno or 0 for frame in traceback.extract_tb(error.__traceback__)
                     if Path(frame.filename) == path]  # fmt: skip
        place = f", line {lines[-1]}" if lines else ""
        raise UserError(f"{path.name}{place}: {type(error).__name__}: {error}") from error
