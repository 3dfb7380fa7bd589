"""Where benchmark data lies: `--data`, then ./evaluation_data, then $CLIMB_DATA, then the command to fetch it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from climb.base.errors import UserError

HERE = "evaluation_data"
VARIABLE = "CLIMB_DATA"
BABYLM_CURE = (
    "put the BabyLM challenge's evaluation data (OSF ryjfm) into evaluation_data/, or give its folder with --data."
)


def candidates(data: str | None) -> list[Path]:
    """Return the folders to look in; an explicit `--data` is the only one.

    Raises:
        UserError: `--data` names nothing that exists.
    """
    if data is not None:
        if not Path(data).exists():
            raise UserError(f"--data {data}: there is no such file or folder; give the folder of the benchmark.")
        return [Path(data)]
    places = [Path(HERE)]
    if os.environ.get(VARIABLE):
        places.append(Path(os.environ[VARIABLE]))
    return [place for place in places if place.exists()]


def find_folder(data: str | None, layouts: Sequence[str], wanted: str, cure: str, pattern: str = "*.jsonl") -> Path:
    """Return the first folder that holds .jsonl files, or others of a pattern, in one of the layouts.

    Args:
        data: the value of `--data`, if any.
        layouts: folders below a place, in order of preference; "." is the place itself.
        wanted: what is looked for, in words.
        cure: how to get it, in words.
        pattern: the files that make a folder the one.

    Raises:
        UserError: it is nowhere.
    """
    places = candidates(data)
    for place in places:
        for layout in layouts:
            folder = place / layout
            if folder.is_dir() and any(path.is_file() for path in folder.glob(pattern)):
                return folder
    looked = ", ".join(str(place) for place in places) or f"./{HERE} and ${VARIABLE} (neither is there)"
    raise UserError(f"{wanted} not found in {looked}: {cure}")


def find_file(data: str | None, layouts: Sequence[str], wanted: str, cure: str) -> Path:
    """Return the first file that is there under one of the layouts; `data` may be the file itself.

    Args:
        data: the value of `--data`, if any.
        layouts: files below a place, in order of preference.
        wanted: what is looked for, in words.
        cure: how to get it, in words.

    Raises:
        UserError: it is nowhere.
    """
    places = candidates(data)
    for place in places:
        if place.is_file() and place.name in {Path(layout).name for layout in layouts}:
            return place
        for layout in layouts:
            if (place / layout).is_file():
                return place / layout
    looked = ", ".join(str(place) for place in places) or f"./{HERE} and ${VARIABLE} (neither is there)"
    raise UserError(f"{wanted} not found in {looked}: {cure}")
