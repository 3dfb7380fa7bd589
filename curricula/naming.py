"""Names of curricula: `<kind>_<what>_<pacing>:parameter=value,…`, joined by `+`, behind a control or none.

    none                                          no curriculum: every block once per epoch, shuffled
    vocab_linear                                  the same as vocab_token_linear
    data_length_log:start=0.2+vocab_pos_root      two curricula at once, one of each kind
    data_length-ngram_linear:join=ranks           two difficulties in one
    data_length_sorted                            easy to hard in one pass, without pacing
    data_selfppl_log:every=0.1                    the model's own difficulty, refreshed each tenth of the run
    random_data_length_log+vocab_pos_root         the same pacing over random scores, of both
    objective_pos_mlm:pos=0-0.25,mlm=0.25-1       objectives, each with its part of the run

`parse` gives specifications, `curriculum_name` the canonical name back: the shortest that parses
to the same. A name that nobody bears is an error which lists the near ones.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from climb.base.errors import UserError
from climb.base.registry import unknown_name
from climb.curricula.catalogue import Kind, control_named, controls, draws, kinds
from climb.curricula.objective_naming import objective_name, read_options, read_units
from climb.curricula.pacing_base import Pacing, pacing_classes, pacing_named
from climb.curricula.self_scoring import METRIC, OPTIONS, checked_option

NONE = "none"
_LIST = "`climb curriculum list`"
_SCORED = ("data", "vocab")
"""Kinds that go by difficulties."""


@dataclass(frozen=True)
class CurriculumSpec:
    """One curriculum of a name.

    Attributes:
        kind: a name of `kinds`.
        what: the difficulty (columns of scores.parquet), the order of the vocabulary, or the objectives.
        pacing: the pacing function with its parameters; a constant in a kind without pacing.
        options: parameters of the kind itself, complete.
        control: the control that the whole name stands under; empty without one.
        written: the options that the name writes out, be it with their defaults; no part of what it means.
    """

    kind: str
    what: str
    pacing: Pacing
    options: Mapping[str, str] = field(default_factory=dict)
    control: str = ""
    written: frozenset[str] = field(default=frozenset(), compare=False)

    @property
    def self_scored(self) -> bool:
        """Whether the model that is being trained gives the difficulty."""
        return _self_scored(self.kind, self.what)


def parse(text: str) -> list[CurriculumSpec]:
    """Return the specifications that a name stands for; none for `none`.

    Example:
        >>> [spec.what for spec in parse("vocab_linear:to=0.5+data_source_spoken_log")]
        ['token', 'source_spoken']

    Raises:
        UserError: an unknown kind, middle, pacing function or parameter, a bad value, a kind given twice, or a
            control that has no meaning here.
    """
    control, rest = _split_control(text.strip())
    # A plus before a digit belongs to a number such as 1e+16.
    parts = [part.strip() for part in re.split(r"\+(?!\d)", rest)]
    if parts == [NONE]:
        if control:
            raise UserError(f"The curriculum {text!r} has nothing to control: 'none' is the control without order.")
        return []
    specs = [_parse_part(part, text, control) for part in parts]
    for place, spec in enumerate(specs):
        if spec.kind in (earlier.kind for earlier in specs[:place]):
            raise UserError(f"The curriculum {text!r} has two of the kind {spec.kind!r}: keep one of them.")
    if control_named(control).needs_scores and not any(spec.kind in _SCORED for spec in specs):
        raise UserError(
            f"The curriculum {text!r} has no scores to permute: its controls are "
            f"{' and '.join(f'{name}_' for name, one in controls().items() if not one.needs_scores)}."
        )
    if control_named(control).moves_samples and any(spec.self_scored for spec in specs):
        raise UserError(
            f"The curriculum {text!r} would deal out all samples of the run anew, and which these are is known only "
            "when the model has scored them: the controls of a self-scored curriculum are random_ and reverse_."
        )
    return specs


def curriculum_name(specs: Sequence[CurriculumSpec]) -> str:
    """Return the canonical name of specifications: `parse` gives them back."""
    control = f"{specs[0].control}_" if specs and specs[0].control else ""
    return control + "+".join(_name_of(spec) for spec in specs) or NONE


def _split_control(text: str) -> tuple[str, str]:
    """Return the control before a name, or an empty text, and the name."""
    control, joint, rest = text.partition("_")
    return (control, rest) if joint and control in controls() else ("", text)


def _parse_part(part: str, whole: str, control: str) -> CurriculumSpec:
    name, _, tail = part.partition(":")
    if name == NONE:
        raise UserError(f"The curriculum {whole!r} joins 'none' to others or gives it parameters: it stands alone.")
    kind_name, _, rest = name.partition("_")
    if kind_name in controls():
        raise UserError(
            f"The control {kind_name!r} in {whole!r} does not stand alone before the whole name: one control acts on "
            f"all that is joined, as in {kind_name}_data_length_linear+vocab_linear."
        )
    if kind_name not in kinds():
        raise unknown_name(f"kind of curriculum in {name!r}:", kind_name, [*kinds(), NONE])
    kind = kinds()[kind_name]
    if not kind.paced:
        units = read_units(name, rest)
        options = read_options(name, units, _parse_parameters(name, tail, ["mode", *units]))
        return CurriculumSpec(kind_name, rest, pacing_named("constant"), options, control)
    what, joint, pacing = rest.rpartition("_")
    unpaced = _unpaced(kind)
    if pacing not in (*pacing_classes(), *unpaced):
        raise unknown_name(f"pacing function in {name!r}:", pacing, (*pacing_classes(), *unpaced), _LIST)
    what = _check_what(name, kind_name, what if joint else None, pacing)
    if _self_scored(kind_name, what):
        return _self_scored_spec(name, what, pacing, tail, control)
    if pacing in unpaced:
        return _unpaced_spec(kind_name, what, pacing, name, tail, control)
    parameters = _parse_parameters(name, tail, [*pacing_classes()[pacing].parameter_names(), *kind.options])
    options = {option: _option(name, option, values, parameters) for option, values in kind.options.items()}
    return CurriculumSpec(kind_name, what, _pacing(kind, pacing, parameters), options, control)


def _unpaced(kind: Kind) -> list[str]:
    """Return the draws of a kind that stand in a pacing function's place."""
    return [name for name, draw in draws().items() if not draw.paced] if "draw" in kind.options else []


def _unpaced_spec(kind_name: str, what: str, draw: str, name: str, tail: str, control: str) -> CurriculumSpec:
    """Return a curriculum without pacing: all is open, and the draw alone makes the order."""
    values = kinds()[kind_name].options
    parameters = _parse_parameters(name, tail, ["join"])
    options = {option: allowed[0] for option, allowed in values.items()} | {"draw": draw}
    options["join"] = _option(name, "join", values["join"], parameters)
    return CurriculumSpec(kind_name, what, pacing_named("constant"), options, control)


def _self_scored(kind_name: str, what: str) -> bool:
    return kind_name == "data" and what == METRIC


def _self_scored_spec(name: str, what: str, pacing: str, tail: str, control: str) -> CurriculumSpec:
    """Return a data curriculum whose difficulty the model gives, with the parameters of its own."""
    kind = kinds()["data"]
    if pacing in _unpaced(kind):
        raise UserError(
            f"The curriculum {name!r} asks for one {pacing} pass over an order that changes before the pass is done: "
            f"write data_{METRIC}_linear, say."
        )
    known = [*pacing_classes()[pacing].parameter_names(), *kind.options, *OPTIONS]
    parameters = _parse_parameters(name, tail, known)
    options = {option: _option(name, option, values, parameters) for option, values in kind.options.items()}
    if options["by"] == "value":
        raise UserError(
            f"by=value of {name!r} may leave fewer blocks open than a batch has, which nobody can know before the "
            "model has scored them: leave it out."
        )
    written = OPTIONS.keys() & parameters.keys()
    own = {key: checked_option(name, key, parameters.pop(key, default)) for key, default in OPTIONS.items()}
    return CurriculumSpec("data", what, _pacing(kind, pacing, parameters), options | own, control, frozenset(written))


def _pacing(kind: Kind, pacing: str, parameters: Mapping[str, str]) -> Pacing:
    """Return a pacing function with the defaults of a kind."""
    known = pacing_classes()[pacing].parameter_names()
    defaults = {name: value for name, value in kind.pacing.items() if name in known}
    return pacing_named(pacing, defaults | dict(parameters))


def _check_what(name: str, kind_name: str, what: str | None, pacing: str) -> str:
    """Return the middle of a name, or its default where it is left out (None; an empty one is a slip)."""
    kind = kinds()[kind_name]
    what = kind.default if what is None else what
    if what is None or (not what and kind.whats is None):
        raise UserError(
            f"The curriculum {name!r} names no difficulty: write {kind_name}_METRIC_{pacing} with a column of "
            f"scores.parquet, such as {kind_name}_length_{pacing}."
        )
    if kind.whats is not None and what not in kind.whats:
        raise unknown_name(f"{kind_name} curriculum in {name!r}:", what, kind.whats)
    if kind.whats is None and ("" in what.split("-") or len(set(what.split("-"))) <= what.count("-")):
        raise UserError(
            f"The curriculum {name!r} joins difficulties of which one is missing or there twice: write for example "
            f"{kind_name}_length-ngram_{pacing}."
        )
    if what != METRIC and METRIC in what.split("-"):
        raise UserError(
            f"The curriculum {name!r} joins the model's own difficulty, which changes while it trains, to others: "
            f"let it stand alone, as in data_{METRIC}_{pacing}."
        )
    return what


def _parse_parameters(name: str, tail: str, known: Sequence[str]) -> dict[str, str]:
    parameters: dict[str, str] = {}
    for item in tail.split(",") if tail else ():
        key, equals, value = (piece.strip() for piece in item.partition("="))
        if key not in known:
            raise unknown_name(f"parameter of {name!r}:", key, known)
        if not equals or not value:
            raise UserError(f"Parameter {key!r} of {name!r} has no value: write {key}=VALUE.")
        if key in parameters:
            raise UserError(f"Parameter {key!r} of {name!r} is given twice: keep one of them.")
        parameters[key] = value
    return parameters


def _option(name: str, option: str, values: tuple[str, ...], parameters: dict[str, str]) -> str:
    """Take a kind's own parameter out of `parameters`; what is left belongs to the pacing function."""
    value = parameters.pop(option, values[0])
    if value not in values:
        raise unknown_name(f"value of {option} in {name!r}:", value, values)
    return value


def _name_of(spec: CurriculumSpec) -> str:
    kind = kinds()[spec.kind]
    if not kind.paced:
        return objective_name(spec.what, spec.options)
    middle = [] if spec.what == kind.default and not kind.written else [spec.what]
    own = OPTIONS if spec.self_scored else {}
    defaults = {**{name: values[0] for name, values in kind.options.items()}, **own}
    options = {name: value for name, value in spec.options.items() if value != defaults[name]}
    if options.get("draw") in _unpaced(kind):
        pacing, parameters = options.pop("draw"), {}
    else:
        pacing = spec.pacing.name
        parameters = spec.pacing.to_text(_pacing(kind, pacing, {}))
    tail = ",".join(f"{name}={value}" for name, value in {**parameters, **options}.items())
    return "_".join([spec.kind, *middle, pacing]) + (f":{tail}" if tail else "")
