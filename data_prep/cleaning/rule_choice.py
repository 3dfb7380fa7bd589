"""`--clean-rules FILE.yaml`: cleaning rules dropped or added, source by source.

    childes:
      drop: [joined compounds]
    my_diary:
      add: [entities, web addresses]

A key is a source's label or its family. Rules that are added run after the source's own, in the order given.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import yaml
from pydantic import Field, ValidationError

from climb.base.errors import UserError
from climb.base.registry import unknown_name
from climb.base.schema import Strict
from climb.data_prep.cleaning.cleaner import RULES
from climb.data_prep.cleaning.rules import Rule
from climb.data_prep.sources.source import family_of


class RuleChoice(Strict):
    """What changes for one source."""

    add: list[str] = Field(default=[])
    """Rules to add."""
    drop: list[str] = Field(default=[])
    """Rules to leave out."""


def every_rule() -> dict[str, Rule]:
    """Return all rules by name, in the order in which the sources' tables name them first."""
    return {rule.name: rule for rules in RULES.values() for rule in rules}


def read_choice(path: str) -> dict[str, dict[str, list[str]]]:
    """Read a file of `--clean-rules` and return it as it goes into the options of a corpus.

    Raises:
        UserError: it cannot be read, names a rule that there is not, or drops one that the source does not have.
    """
    try:
        values = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = str(error).split("\n")[0]
        raise UserError(f"--clean-rules {path} cannot be read ({reason}): give a YAML file.") from None
    if not isinstance(values, dict):
        raise UserError(f"--clean-rules {path} is no table: write a source, and under it add: or drop: with rules.")
    return {str(key): _checked(path, str(key), value) for key, value in values.items()}


def refuse_unknown_sources(choice: Mapping[str, object] | None, labels: Iterable[str]) -> None:
    """Refuse a choice of rules for a source that is not among those prepared.

    Raises:
        UserError: it lists the near ones.
    """
    known = {name for label in labels for name in (label, family_of(label))}
    for key in choice or {}:
        if key not in known:
            raise unknown_name("source in --clean-rules", key, known)


def _checked(path: str, key: str, value: object) -> dict[str, list[str]]:
    """Return one source's entry as plain lists."""
    try:
        choice = RuleChoice.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, (key, *first["loc"])))
        raise UserError(
            f"{path}, {place}: {first['msg'].lower()}; write `add:` or `drop:` and a list of names of rules."
        ) from None
    rules = every_rule()
    own = {rule.name for rule in RULES.get(family_of(key), ())}
    for name in (*choice.add, *choice.drop):
        if name not in rules:
            raise unknown_name(f"cleaning rule in {path}", name, rules, "docs/cleaning.md")
    if lacking := [name for name in choice.drop if name not in own]:
        raise UserError(f"{path}, {key}: {lacking[0]!r} is not among its rules; take it out of `drop:`.")
    return {"add": choice.add, "drop": choice.drop}


def chosen_rules(label: str, choice: Mapping[str, Mapping[str, Sequence[str]]] | None) -> tuple[Rule, ...]:
    """Return the rules of a source; what its label says goes before what its family says.

    Args:
        label: the source's label.
        choice: what `read_choice` gave, or None.
    """
    family = family_of(label)
    own = RULES.get(family, ())
    changes = (choice or {}).get(label) or (choice or {}).get(family)
    if not changes:
        return own
    kept = tuple(rule for rule in own if rule.name not in changes["drop"])
    names = {rule.name for rule in kept}
    return (*kept, *(every_rule()[name] for name in dict.fromkeys(changes["add"]) if name not in names))
