"""Turn a configuration into a command: its fields are the flags, their descriptions the help.

So a new field is a new flag, and command line, YAML and Python cannot drift apart. Sections (`model`, `loss`)
are reached through named flags (`--model PRESET`) and through --set for everything else.
"""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import typer
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from climb.base.console import set_quiet
from climb.options import command_of, presets, resolve

Config = TypeVar("Config", bound=BaseModel)


def command(
    schema: type[Config],
    action: Callable[[Config], None],
    *,
    positional: str,
    sections: Mapping[str, tuple[str, str]] | None = None,
    switches: Mapping[str, str] | None = None,
) -> Callable[..., None]:
    """Return a function that typer turns into a command.

    Args:
        schema: the configuration.
        action: called with the resolved configuration.
        positional: the field that is given without a flag.
        sections: flag → (dotted key, help) for what lies inside a section.
        switches: extra on/off flags → help; passed to `action` as keywords.
    """
    sections, switches = sections or {}, switches or {}
    parameters = [_positional(positional, schema.model_fields[positional])]
    keys = {positional: positional}
    for name, field in schema.model_fields.items():
        kind = _kind(field)
        if name != positional and kind is not None:
            flag = name.replace("_", "-")
            declared = [f"--{flag}", f"--no-{flag}"] if kind is bool else [f"--{flag}"]
            parameters.append(_option(name, kind, "/".join(declared), _help(field)))
            keys[name] = name
    for flag, (key, text) in sections.items():
        parameters.append(_option(flag, str, f"--{flag}", text))
        keys[flag] = key
    parameters += [_option(name, bool, f"--{name.replace('_', '-')}", text) for name, text in switches.items()]
    parameters += _common(presets(command_of(schema)))

    def run(**given: Any) -> None:
        set_quiet(bool(given.pop("quiet")))
        chosen = {name: bool(given.pop(name)) for name in switches}
        doors = {name: given.pop(name) for name in ("config_file", "preset", "settings")}
        flags = {keys[name]: _split(schema, name, value) for name, value in given.items()}
        config = resolve(
            schema,
            preset=doors["preset"],
            config_file=doors["config_file"],
            settings=doors["settings"] or (),
            flags=flags,
        )
        action(config, **chosen)

    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    paragraphs = (inspect.getdoc(action) or "").split("\n\n")
    run.__doc__ = "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)
    return run


def _common(named: list[str]) -> list[inspect.Parameter]:
    known = ", ".join(named) or "none yet"
    return [
        _option("config_file", Path, "--config", "YAML file of settings, such as a run's config.yaml."),
        _option("preset", str, "--preset", f"A named set-up: {known}."),
        _option("settings", list[str], "--set", "key=value for any setting, dots for sections; may be repeated."),
        _option("quiet", bool, "--quiet", "Say only results and errors."),
    ]


def _option(name: str, kind: Any, declaration: str, text: str) -> inspect.Parameter:
    option = typer.Option(declaration, help=text, show_default=False)
    annotation = Annotated[kind | None, option]
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)


def _positional(name: str, field: FieldInfo) -> inspect.Parameter:
    kind = list[str] if _is_list(field) else str
    argument = typer.Argument(help=field.description, show_default=False)
    annotation = Annotated[kind | None, argument]  # type: ignore[valid-type]
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)


def _parts(field: FieldInfo) -> list[Any]:
    """Return the alternatives of a field's type, None left out."""
    annotation = field.annotation
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return [part for part in typing.get_args(annotation) if part is not type(None)]
    return [annotation]


def _is_list(field: FieldInfo) -> bool:
    return any(typing.get_origin(part) is list for part in _parts(field))


def _kind(field: FieldInfo) -> Any:
    """Return the type of a field's flag; None for sections and tuples, which --set reaches."""
    parts = _parts(field)
    if _is_list(field) or any(typing.get_origin(part) is Literal for part in parts):
        return str
    return parts[0] if parts[0] in (bool, int, float, str) else None


def _help(field: FieldInfo) -> str:
    text = field.description or ""
    literals = [part for part in _parts(field) if typing.get_origin(part) is Literal]
    choices = [choice for part in literals for choice in typing.get_args(part)]
    if choices:
        text += f" One of: {', '.join(map(str, choices))}."
    default = field.get_default(call_default_factory=True)
    if isinstance(default, (int, float, str)) and not isinstance(default, bool) and default != "":
        text += f" Default: {default}."
    return text.replace("[", r"\[")  # the help is set by rich, to which a bracket opens a style


def _split(schema: type[BaseModel], name: str, value: Any) -> Any:
    """Split NAME,… where the field is a list; a number where it may also be one (--validation 0.05)."""
    field = schema.model_fields.get(name)
    if field is None or not isinstance(value, str) or not _is_list(field):
        return value
    if float in _parts(field):
        try:
            return float(value)
        except ValueError:
            pass
    return [part for part in value.split(",") if part]
