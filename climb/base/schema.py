"""Typed, versioned JSON definitions: what is unknown, missing or wrong is refused by file and field."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError

from climb.base.errors import UserError
from climb.base.files import read_json, write_json


class Strict(BaseModel):
    """A record whose fields are all known: an extra key is an error, never silently dropped."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Manifest(Strict):
    """A record that stands in a JSON file of its own."""

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read and check the file; a value of another type is refused, not converted ("3" is no number).

        Raises:
            UserError: the file is missing or broken, or a field is missing, unknown or of another type.
        """
        value = read_json(path)
        try:
            # From JSON text, because there, and only there, strict typing takes an array for a tuple.
            return cls.model_validate_json(json.dumps(value), strict=True)
        except ValidationError as error:
            raise UserError(f"{path}: {first_problem(error)}; make the folder again with this version.") from None

    def write(self, path: Path) -> None:
        """Write the file atomically."""
        write_json(path, self.model_dump(mode="json"))


def first_problem(error: ValidationError) -> str:
    """Return pydantic's first complaint as "field a.b: what is wrong"."""
    problem = error.errors()[0]
    message = problem["msg"].removeprefix("Value error, ")
    field = ".".join(str(part) for part in problem["loc"])
    return f"field {field}: {message}" if field else message
