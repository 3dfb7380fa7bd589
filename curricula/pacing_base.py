"""What a pacing function is: how much of something is open at a step of the run.

A pacing function maps a step to a share in [0, 1]; a data curriculum opens that share of the corpus, a
vocabulary curriculum that share of the vocabulary. It knows the step and the length of the run, nothing
else, so any process can ask for any step at any time (Bengio et al. 2009; Platanios et al. 2019).

One small class per file in `climb.curricula.pacing`; `pacing_classes` finds them by that folder.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from climb.base.errors import UserError
from climb.base.plugin import parts
from climb.base.registry import unknown_name

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Pacing(ABC):
    """A share in [0, 1] for every step of a run; the dataclass fields are its parameters."""

    name: ClassVar[str]

    @abstractmethod
    def value(self, step: npt.ArrayLike, total_steps: int) -> FloatArray:
        """Return the share open at each step, float64, of the shape of `step`.

        Args:
            step: optimiser steps, 0 being the first.
            total_steps: length of the run in optimiser steps, at least 1.
        """

    @classmethod
    def parameter_names(cls) -> dict[str, str]:
        """Return {name on the command line: field}; a field that would be a keyword ends with `_`."""
        return {field.name.rstrip("_"): field.name for field in fields(cls)}

    @classmethod
    def from_text(cls, parameters: Mapping[str, str]) -> Self:
        """Build the function from parameters as the command line gives them.

        Raises:
            UserError: a parameter is unknown, is not a number, or lies outside its bounds.
        """
        known = cls.parameter_names()
        values: dict[str, Any] = {}
        for name, text in parameters.items():
            if name not in known:
                raise unknown_name(f"parameter of the pacing function {cls.name!r}", name, known)
            values[known[name]] = cls.read_parameter(name, text)
        return cls(**values)

    def to_text(self, default: Pacing | None = None) -> dict[str, str]:
        """Return the parameters that differ from their defaults, as the command line would give them.

        Args:
            default: a function of this class that holds the defaults, where they are not those of the class.
        """
        written = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if value != (field.default if default is None else getattr(default, field.name)):
                name = field.name.rstrip("_")
                written[name] = self.write_parameter(value)
        return written

    @classmethod
    def read_parameter(cls, name: str, text: str) -> Any:
        """Return the value of one parameter; numbers unless a subclass knows better."""
        try:
            return read_number(text)
        except ValueError:
            raise UserError(
                f"Parameter {name}={text} of the pacing function {cls.name!r} is not a number: write {name}=0.5, say."
            ) from None

    @classmethod
    def write_parameter(cls, value: Any) -> str:
        """Return the shortest text that `read_parameter` turns into the same value."""
        return number_text(float(value))


@dataclass(frozen=True)
class Ramp(Pacing):
    """A pacing function that goes from one value to another over a part of the run.

    Attributes:
        start: the value before the ramp, exactly.
        end: the value from the end of the ramp on, exactly; below `start` it falls.
        from_: the share of the run where the ramp begins (`from` on the command line).
        to: the share of the run where it ends. The defaults of all four are CLIMB's.
    """

    start: float = 0.1
    end: float = 1.0
    from_: float = 0.0625
    to: float = 0.875

    def __post_init__(self) -> None:
        for name, field in Ramp.parameter_names().items():
            check_share(self.name, name, getattr(self, field))
        if self.from_ >= self.to:
            raise UserError(
                f"The pacing function {self.name!r} has a ramp without length (from={number_text(self.from_)}, "
                f"to={number_text(self.to)}): `from` must be smaller than `to`."
            )

    def value(self, step: npt.ArrayLike, total_steps: int) -> FloatArray:
        """Return the share open at each step; see `Pacing.value`."""
        share = share_of_run(step, total_steps)
        # Shares of the run are compared, not steps: step / total is correctly rounded, so that 7 / 10 equals
        # to=0.7, while 0.7 × 10 need not equal 7.
        with np.errstate(over="ignore"):
            x = np.clip((share - self.from_) / (self.to - self.from_), 0.0, 1.0)
        low, high = min(self.start, self.end), max(self.start, self.end)
        # numpy computes powers of a lone number and of an array by different routines, which differ in the last
        # bit: always an array, so that a step has one value however it is asked for.
        between = np.clip(self.between(np.atleast_1d(x)), low, high).reshape(np.shape(share))
        return np.where(share <= self.from_, self.start, np.where(share >= self.to, self.end, between))

    @abstractmethod
    def between(self, x: FloatArray) -> FloatArray:
        """Return the value at the share x ∈ [0, 1] of the ramp; the edges are set by `value`."""

    def blend(self, y: FloatArray) -> FloatArray:
        """Return start + (end − start)·y."""
        return self.start + (self.end - self.start) * y


def share_of_run(step: npt.ArrayLike, total_steps: int) -> FloatArray:
    """Return step / total_steps, float64.

    Raises:
        UserError: the run has no step.
    """
    if total_steps < 1:
        raise UserError(f"A run of {total_steps} steps has nothing to pace: --max-steps must be at least 1.")
    return np.asarray(step, dtype=np.float64) / total_steps


def check_share(owner: str, name: str, value: float) -> None:
    """Refuse a parameter that is no share.

    Raises:
        UserError: the value is not within [0, 1].
    """
    if not 0.0 <= value <= 1.0:
        raise UserError(
            f"Parameter {name}={number_text(value)} of the pacing function {owner!r} is outside [0, 1]: "
            "values and positions are shares."
        )


def read_number(text: str) -> float:
    """Return the number that a text stands for.

    Raises:
        ValueError: it is no decimal number; `0_1` and digits of other scripts, which Python takes, are none.
    """
    if "_" in text or not text.isascii():
        raise ValueError(f"not a decimal number: {text!r}")
    return float(text)


def number_text(value: float) -> str:
    """Return the shortest decimal text of a number: 1 rather than 1.0."""
    if math.isfinite(value) and value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return repr(value)


def pacing_classes() -> dict[str, type[Pacing]]:
    """Return {name: class} of every pacing function in `climb.curricula.pacing` and in plugins."""
    from climb.curricula import pacing

    return parts(pacing, Pacing)  # type: ignore[type-abstract]


def pacing_named(name: str, parameters: Mapping[str, str | float] | None = None) -> Pacing:
    """Return the pacing function of that name; its parameters are numbers, or texts as on the command line.

    Example:
        >>> float(pacing_named("linear", {"start": "0.1"}).value(0, 100))
        0.1

    Raises:
        UserError: unknown name or parameter (the near ones are listed), or a value out of bounds.
    """
    classes = pacing_classes()
    if name not in classes:
        raise unknown_name("pacing function", name, classes, "`climb curriculum list`")
    given = (parameters or {}).items()
    texts = {key: value if isinstance(value, str) else number_text(float(value)) for key, value in given}
    return classes[name].from_text(texts)


def pacing_from_text(text: str) -> Pacing:
    """Return the pacing function of a text such as `linear:start=0.5,to=1`.

    Example:
        >>> pacing_from_text("linear:start=0.5,end=1,from=0,to=1").to_text()
        {'start': '0.5', 'from': '0', 'to': '1'}

    Raises:
        UserError: see `pacing_named`; a parameter without a value, or given twice.
    """
    name, _, tail = text.partition(":")
    parameters: dict[str, str] = {}
    for item in tail.split(",") if tail else ():
        key, equals, value = (piece.strip() for piece in item.partition("="))
        if not equals or not value or key in parameters:
            raise UserError(f"The pacing function {text!r}: write every parameter once, as {key or 'start'}=VALUE.")
        parameters[key] = value
    return pacing_named(name.strip(), parameters)
