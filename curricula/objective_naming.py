"""Names of objective curricula: `objective_<unit>[_<unit>…]:unit=SPAN@WEIGHT,…,mode=each`.

    objective_pos_mlm                                     tags for an eighth of the run, then masked tokens (CLIMB)
    objective_pos_mlm:pos=0-1,mlm=0-1@0.5                 both all along, the masked tokens at half weight
    objective_mntp_clm:mode=split,mntp=@15                fifteen samples of sixteen masked, one causal (GPT-BERT)

A span is `FROM-TO` in shares of the run, a weight stands behind `@`; either may be left out. By default the last
unit lasts from 0.125 to 1 and those before it share 0 to 0.125 equally; a lone unit, and every unit where the mode is
`shared` or `split`, lasts from 0 to 1. Weights are 1.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from climb.base.errors import UserError
from climb.base.registry import unknown_name
from climb.curricula.objective_base import objective_units
from climb.curricula.pacing_base import number_text

MODES = ("each", "shared", "split")
_FIRST = 0.125
"""Share of the run that all units but the last have between them: CLIMB's 50,000 of 400,000 steps."""
_NUMBER = r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_VALUE = re.compile(rf"(?:(?P<start>{_NUMBER})-(?P<end>{_NUMBER}))?(?:@(?P<weight>{_NUMBER}))?", re.ASCII)


@dataclass(frozen=True)
class Span:
    """When a unit is active, and what it weighs.

    Attributes:
        start: share of the run where it begins.
        end: share of the run where it ends.
        weight: of its loss, or of its share of the samples.
    """

    start: float
    end: float
    weight: float = 1.0

    def to_text(self, default: Span | None = None) -> str:
        """Return FROM-TO@WEIGHT, without what is as in the default; the empty text where all of it is."""
        span = f"{number_text(self.start)}-{number_text(self.end)}"
        weight = f"@{number_text(self.weight)}"
        if default is None:
            return span + weight
        same = (self.start, self.end) == (default.start, default.end)
        return ("" if same else span) + ("" if self.weight == default.weight else weight)


def default_spans(units: Sequence[str], mode: str) -> dict[str, Span]:
    """Return {unit: span} where nothing is said."""
    if len(units) == 1 or mode != MODES[0]:
        return dict.fromkeys(units, Span(0.0, 1.0))
    borders = [_FIRST * place / (len(units) - 1) for place in range(len(units))]
    return {
        unit: Span(borders[place], borders[place + 1] if place + 1 < len(units) else 1.0)
        for place, unit in enumerate(units)
    }


def read_units(name: str, text: str) -> list[str]:
    """Return the units of the part of a name behind `objective_`.

    Raises:
        UserError: an unknown unit, one given twice, or none that predicts tokens.
    """
    known = objective_units()
    units = text.split("_") if text else []
    for unit in units or [""]:
        if unit not in known:
            raise unknown_name(f"objective in {name!r}:", unit, known)
    twice = next((unit for unit in units if units.count(unit) > 1), None)
    if twice is not None:
        raise UserError(f"The curriculum {name!r} has the objective {twice!r} twice: keep one of them.")
    if all(known[unit].tags for unit in units):
        raise UserError(
            f"The curriculum {name!r} predicts no tokens, so the model would never learn words: add mlm, clm or "
            f"mntp, as in {name.partition(':')[0]}_mlm."
        )
    return units


def read_options(name: str, units: Sequence[str], parameters: Mapping[str, str]) -> dict[str, str]:
    """Return {"mode": mode, unit: FROM-TO@WEIGHT, …}, complete, from the parameters of a name.

    Raises:
        UserError: an unknown mode, no span or weight, one out of bounds, or a part of the run without any unit.
    """
    mode = parameters.get("mode", MODES[0])
    if mode not in MODES:
        raise unknown_name(f"value of mode in {name!r}:", mode, MODES)
    spans = default_spans(units, mode)
    for unit in units:
        if unit in parameters:
            spans[unit] = _read_span(name, unit, parameters[unit], spans[unit])
    _without_gap(name, list(spans.values()))
    return {"mode": mode, **{unit: span.to_text() for unit, span in spans.items()}}


def spans_of(options: Mapping[str, str]) -> dict[str, Span]:
    """Return {unit: span} of the complete options of a specification."""
    nothing = Span(0.0, 1.0)
    return {unit: _read_span(unit, unit, text, nothing) for unit, text in options.items() if unit != "mode"}


def objective_name(what: str, options: Mapping[str, str]) -> str:
    """Return the canonical name: with what differs from the defaults alone."""
    spans = spans_of(options)
    defaults = default_spans(list(spans), options["mode"])
    written = {"mode": "" if options["mode"] == MODES[0] else options["mode"]}
    written |= {unit: span.to_text(defaults[unit]) for unit, span in spans.items()}
    tail = ",".join(f"{key}={value}" for key, value in written.items() if value)
    return f"objective_{what}" + (f":{tail}" if tail else "")


def _read_span(name: str, unit: str, text: str, default: Span) -> Span:
    match = _VALUE.fullmatch(text)
    if match is None:
        raise UserError(
            f"Parameter {unit}={text} of {name!r} is neither a span nor a weight: write {unit}=0-0.125, {unit}=@0.5 "
            f"or {unit}=0-0.125@0.5."
        )
    numbers = [default.start, default.end, default.weight]
    given = match.group("start", "end", "weight")
    start, end, weight = (old if new is None else float(new) for old, new in zip(numbers, given, strict=True))
    if not 0.0 <= start <= 1.0 or not 0.0 <= end <= 1.0:
        raise UserError(f"Parameter {unit}={text} of {name!r} is outside [0, 1]: a span is in shares of the run.")
    if start >= end:
        raise UserError(f"Parameter {unit}={text} of {name!r} is a span without length: write {unit}=0-0.125, say.")
    if not 0.0 < weight < math.inf:
        raise UserError(
            f"Parameter {unit}={text} of {name!r} weighs nothing: give it a weight above 0, or leave it out."
        )
    return Span(start, end, weight)


def _without_gap(name: str, spans: Sequence[Span]) -> None:
    """Refuse spans that leave a part of the run without an objective.

    Raises:
        UserError: they do.
    """
    reached = 0.0
    for span in [*sorted(spans, key=lambda one: one.start), Span(1.0, 1.0)]:
        if span.start > reached:
            raise UserError(
                f"The curriculum {name!r} asks for nothing between {number_text(reached)} and "
                f"{number_text(span.start)} of the run: let one of its spans cover that part."
            )
        reached = max(reached, span.end)
