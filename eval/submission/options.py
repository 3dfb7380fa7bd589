"""Options of `climb submission write` and `climb submission check`."""

from __future__ import annotations

from pydantic import Field

from climb.base.schema import Strict

_DATA = "Folder of the benchmarks; without it ./evaluation_data, then $CLIMB_DATA."


class WriteConfig(Strict):
    """A submission to be written."""

    run: str = Field(default="", description="A run, or the folder of an evaluation's results.")
    out: str = Field(default="submission.json", description="The file to write.")
    data: str | None = Field(default=None, description=_DATA)


class CheckConfig(Strict):
    """A predictions file to be checked and scored again."""

    file: str = Field(default="", description="A predictions file of the 2025 challenge, whoever made it.")
    data: str | None = Field(default=None, description=_DATA)
