"""Names of curricula: `<kind>_<what>_<pacing>:parameter=value,…`, joined by `+`.

    none                                        no curriculum: every block once per epoch, shuffled
    vocab_linear                                the same as vocab_token_linear
    data_length_log:start=0.2+vocab_pos_root    two curricula at once, one of each kind

`parse` gives specifications, `curriculum_name` the canonical name back: the shortest that parses
to the same. A name that nobody bears is an error which lists the near ones.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from climb.base.errors import UserError
from climb.base.registry import unknown_name
from climb.curricula.pacing_base import Pacing, pacing_classes, pacing_named

NONE = "none"


@dataclass(frozen=True)
class Kind:
    """One kind of curriculum.

    Attributes:
        whats: the names allowed in the middle; None where any column of scores.parquet may stand.
        default: the middle that may be left out; None where one must be given.
        options: {parameter of the kind itself: its allowed values, the default first}.
    """

    whats: tuple[str, ...] | None
    default: str | None
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


KINDS: dict[str, Kind] = {
    "data": Kind(whats=None, default=None),
    "vocab": Kind(whats=("token", "pos", "pos_token"), default="token", options={"hidden": ("unk", "ignore")}),
}


@dataclass(frozen=True)
class CurriculumSpec:
    """One curriculum of a name.

    Attributes:
        kind: "data" or "vocab".
        what: the difficulty (a column of scores.parquet) or the order of the vocabulary.
        pacing: the pacing function with its parameters.
        options: parameters of the kind itself, complete.
    """

    kind: str
    what: str
    pacing: Pacing
    options: Mapping[str, str] = field(default_factory=dict)


def parse(text: str) -> list[CurriculumSpec]:
    """Return the specifications that a name stands for; none for `none`.

    Example:
        >>> [spec.what for spec in parse("vocab_linear:to=0.5+data_source_spoken_log")]
        ['token', 'source_spoken']

    Raises:
        UserError: an unknown kind, middle, pacing function or parameter, a bad value, or a kind given twice.
    """
    # A plus before a digit belongs to a number such as 1e+16.
    parts = [part.strip() for part in re.split(r"\+(?!\d)", text)]
    if parts == [NONE]:
        return []
    specs = [_parse_part(part, text) for part in parts]
    for place, spec in enumerate(specs):
        if spec.kind in (earlier.kind for earlier in specs[:place]):
            raise UserError(f"The curriculum {text!r} has two of the kind {spec.kind!r}: keep one of them.")
    return specs


def curriculum_name(specs: Sequence[CurriculumSpec]) -> str:
    """Return the canonical name of specifications: `parse` gives them back."""
    return "+".join(_name_of(spec) for spec in specs) or NONE


def _parse_part(part: str, whole: str) -> CurriculumSpec:
    name, _, tail = part.partition(":")
    if name == NONE:
        raise UserError(f"The curriculum {whole!r} joins 'none' to others or gives it parameters: it stands alone.")
    kind_name, _, rest = name.partition("_")
    if kind_name not in KINDS:
        raise unknown_name(f"kind of curriculum in {name!r}:", kind_name, [*KINDS, NONE])
    kind = KINDS[kind_name]
    what, joint, pacing = rest.rpartition("_")
    if pacing not in pacing_classes():
        raise unknown_name(f"pacing function in {name!r}:", pacing, pacing_classes())
    what = _check_what(name, kind_name, what if joint else None, pacing)
    parameters = _parse_parameters(name, tail, [*pacing_classes()[pacing].parameter_names(), *kind.options])
    options = {option: _option(name, option, values, parameters) for option, values in kind.options.items()}
    return CurriculumSpec(kind_name, what, pacing_named(pacing, parameters), options)


def _check_what(name: str, kind_name: str, what: str | None, pacing: str) -> str:
    """Return the middle of a name, or its default where it is left out (None; an empty one is a slip)."""
    kind = KINDS[kind_name]
    what = kind.default if what is None else what
    if what is None or (not what and kind.whats is None):
        raise UserError(
            f"The curriculum {name!r} names no difficulty: write {kind_name}_METRIC_{pacing} with a column of "
            f"scores.parquet, such as {kind_name}_length_{pacing}."
        )
    if kind.whats is not None and what not in kind.whats:
        raise unknown_name(f"{kind_name} curriculum in {name!r}:", what, kind.whats)
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
    kind = KINDS[spec.kind]
    middle = [] if spec.what == kind.default else [spec.what]
    parameters = spec.pacing.to_text()
    parameters |= {name: value for name, value in spec.options.items() if value != kind.options[name][0]}
    tail = ",".join(f"{name}={value}" for name, value in parameters.items())
    return "_".join([spec.kind, *middle, spec.pacing.name]) + (f":{tail}" if tail else "")
