"""A user's own pacing functions, orders of the vocabulary, draws, controls and objectives: `--plugin FILE.py`.

    from climb.curricula.pacing_base import Ramp

    class Smooth(Ramp):
        name = "smooth"

        def between(self, x):
            return self.blend(x * x * (3 - 2 * x))

From then on `vocab_smooth` is a curriculum, with the parameters of every ramp. A difficulty of one's own is a metric
of the prepared corpus: `climb prep --plugin`.
"""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from climb.base.errors import UserError
from climb.base.plugin import Plugin, classes_of, in_use, said_with_place, use
from climb.curricula.catalogue import controls, draws, kinds, token_orders
from climb.curricula.control_base import Control
from climb.curricula.draw_base import Draw
from climb.curricula.objective_base import ObjectiveUnit, objective_units
from climb.curricula.pacing_base import Pacing, pacing_classes
from climb.curricula.token_order_base import TokenOrder

_WORD, _WORDS = re.compile(r"[a-z][a-z0-9]*"), re.compile(r"[a-z][a-z0-9_]*")
_HYPHENED = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_BASES: dict[Any, re.Pattern[str]] = {
    Pacing: _WORD, Draw: _WORD, Control: _WORD, TokenOrder: _WORDS, ObjectiveUnit: _HYPHENED,
}  # fmt: skip
"""What a plugin may define → how it may be called, so that the names of curricula stay readable."""
_SUMMARISED: dict[Any, str] = {TokenOrder: "what opens first", ObjectiveUnit: "what is asked"}
"""What is listed with a line about it → what that line says."""


def use_plugins(files: Iterable[str]) -> dict[str, str]:
    """Use these files in this process, in place of those used so far, and return {file name: sha256}.

    Raises:
        UserError: a file is missing or fails, holds none of these, or one that is unfinished or has a name that
            exists already or cannot stand in a curriculum's.
    """
    plugins = use(files)
    try:
        for plugin in plugins:
            _prepare(plugin)
        pacings, unpaced = pacing_classes(), [name for name, draw in draws().items() if not draw.paced]
        _refuse_shared("pacing function", pacings, unpaced)
        _refuse_shared("control", controls(), [*kinds(), "none"])
        token_orders()
        objective_units()
    except UserError:
        use(())
        raise
    return {plugin.name: plugin.sha256 for plugin in plugins}


def use_plugins_again(plugins: tuple[Plugin, ...]) -> None:
    """Use in this process what another one uses, a loader's worker what its parent does.

    Raises:
        UserError: a file has changed since.
    """
    if plugins == in_use():
        return
    now = use_plugins(str(plugin.path) for plugin in plugins)
    for plugin in plugins:
        if now[plugin.name] != plugin.sha256:
            raise UserError(f"--plugin {plugin.name} was changed while it was in use: run the command again.")


def _refuse_shared(what: str, names: Iterable[str], others: Iterable[str]) -> None:
    """Refuse names that already stand for something else in the same place."""
    for name in set(names) & set(others):
        raise UserError(f"--plugin: {name!r} cannot be the name of a {what}, it has another meaning: rename it.")


@cache
def _prepare(plugin: Plugin) -> None:
    """Check the classes of a file once, and let their mistakes be said in one sentence."""
    module = plugin.module()
    found = [(base, kind) for base in _BASES for kind in classes_of(module, base)]
    if not found:
        raise UserError(
            f"{plugin.name} holds nothing for a curriculum: write a class derived from "
            f"{', '.join(f'{base.__module__}.{base.__name__}' for base in _BASES)}."
        )
    for base, part in found:
        _check(plugin, base, part)
    own = [kind for _, kind in inspect.getmembers(module, inspect.isclass) if kind.__module__ == module.__name__]
    for kind in own:
        if issubclass(kind, tuple(_BASES)):
            _guard(plugin.path, kind)


def _check(plugin: Plugin, base: type, kind: Any) -> None:
    """Refuse a class that cannot be used, naming what it lacks."""
    place = f"{plugin.name}, line {inspect.getsourcelines(kind)[1]}"
    name = getattr(kind, "name", None)
    if not isinstance(name, str) or not _BASES[base].fullmatch(name):
        raise UserError(f"{place}: {kind.__name__} needs a name of small letters and digits, not {name!r}.")
    if base in _SUMMARISED and not isinstance(getattr(kind, "summary", None), str):
        raise UserError(f"{place}: {kind.__name__} lacks summary ({_SUMMARISED[base]}, a string).")
    if inspect.isabstract(kind):
        methods = ", ".join(sorted(kind.__abstractmethods__))
        raise UserError(f"{place}: {kind.__name__} lacks the method {methods}.")


def _guard(path: Path, kind: type) -> None:
    """Wrap the methods that a class defines itself: what they raise is said with its place."""
    for name, method in list(vars(kind).items()):
        if inspect.isfunction(method) and not name.startswith("__"):
            setattr(kind, name, _said(path, method))
    if issubclass(kind, Pacing) and not inspect.isabstract(kind):
        kind.value = _of_shares(path, kind.value)  # type: ignore[method-assign]


def _said(path: Path, method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def guarded(*arguments: Any, **named: Any) -> Any:
        with said_with_place(path):
            return method(*arguments, **named)

    return guarded


def _of_shares(path: Path, method: Callable[..., Any]) -> Callable[..., Any]:
    """Return `Pacing.value` with a look at what it gives."""

    @functools.wraps(method)
    def checked(self: Pacing, step: Any, total_steps: int) -> Any:
        with said_with_place(path):
            values = np.asarray(method(self, step, total_steps), dtype=np.float64)
        if values.shape != np.shape(step) or not ((values >= 0) & (values <= 1)).all():
            raise UserError(f"{path.name}: the pacing function {self.name!r} must give one share in [0, 1] a step.")
        return values

    return checked
