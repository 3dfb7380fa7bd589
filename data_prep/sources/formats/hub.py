"""Data sets of the Hugging Face Hub: `hf://org/name[/config][@revision][#split]`, streamed into a file of ours.

The revision is resolved to a commit, which names the data in the manifest. Code that a data set brings with it
is never run. Costs the download of the data, not its unpacking into a second cache.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

from climb.base.console import say
from climb.base.errors import UserError
from climb.base.files import atomic_folder, read_json, sha256_json, write_json
from climb.base.schema import Strict
from climb.data_prep import checksums
from climb.data_prep.sources.formats.row_format import SAMPLED_ROWS, RowOptions
from climb.data_prep.sources.formats.saved_datasets import chosen_split
from climb.data_prep.sources.formats.spool import split_rows, spooled_file, write_row
from climb.data_prep.sources.formats.text_column import (
    check_source_column,
    choose_column,
    mean_text_lengths,
    say_guess,
)

SCHEME = "hf://"
_ADDRESS = re.compile(r"hf://([\w.-]+/[\w.-]+?)(?:/([\w.+-]+))?(?:@([\w./-]+))?(?:#([\w.-]+))?")


@dataclass(frozen=True)
class HubAddress:
    """A data set of the Hub, as it was asked for."""

    repository: str
    config: str | None
    revision: str | None
    split: str | None

    @property
    def label(self) -> str:
        """The source label: the name, and the configuration when one is given."""
        name = self.repository.split("/")[1]
        return f"{name}_{self.config}" if self.config else name


class HubRows(Strict):
    """What lies in the folder of a streamed data set; written when all of it is there."""

    name: str
    """`org/name[/config]@commit#split`, which names the very data."""
    column: str
    labels: list[str]
    """The source of each file."""


def parse_address(address: str) -> HubAddress:
    """Return the parts of an address.

    Raises:
        UserError: it is not of the form that is expected.
    """
    found = _ADDRESS.fullmatch(address)
    if found is None:
        raise UserError(
            f"{address} is no data set: write hf://org/name, hf://org/name/config or hf://org/name@revision."
        )
    return HubAddress(*found.groups())


def spool_hub(address: str, split: str, options: RowOptions, folder: Path) -> tuple[Path, HubRows]:
    """Stream a data set into a folder, once, and return that folder and what is in it.

    Args:
        address: `hf://…`.
        split: "train" or "validation", for an address without a split.
        options: which columns hold text and source.
        folder: where the folder is made.

    Raises:
        UserError: no such data set, split or column; no network; what was kept is damaged.
    """
    asked = parse_address(address)
    place = folder / f"hub-{sha256_json([address, split, asdict(options)])[:16]}"
    if not checksums.is_whole_folder(place):
        with atomic_folder(place) as partial:
            _stream(asked, split, options, partial)
            checksums.note_folder(partial)
    return place, HubRows.model_validate(read_json(place / "rows.json"))


def _stream(asked: HubAddress, split: str, options: RowOptions, folder: Path) -> None:
    """Write the rows of a data set, and what they are, into an empty folder."""
    commit = _commit(asked)
    name = f"{asked.repository}{f'/{asked.config}' if asked.config else ''}@{commit}"
    if asked.revision != commit:
        say(f"{asked.repository} is read as it is today; hf://{name} is the same data at any time.")
    rows, used = _open(asked, commit, split, name)
    stream = _safely(rows, asked)
    first = list(islice(stream, SAMPLED_ROWS))
    columns = mean_text_lengths(first)
    text = choose_column(f"{SCHEME}{name}", columns, options.text_column)
    if options.text_column is None:
        say_guess({text: [f"{SCHEME}{name}"]})
    every = enumerate(chain(first, stream), start=1)
    if options.source_column is None:
        _write_rows(((number, row.get(text)) for number, row in every), f"{SCHEME}{name}", text, options, folder)
        labels = [asked.label]
    else:
        source = check_source_column(f"{SCHEME}{name}", columns, options.source_column)
        pairs = ((number, (row.get(text), row.get(source))) for number, row in every)
        labels = split_rows(pairs, f"{SCHEME}{name}", (text, source), options.encoding_errors, folder)
    write_json(folder / "rows.json", HubRows(name=f"{name}#{used}", column=text, labels=labels).model_dump())


def _write_rows(
    rows: Iterator[tuple[int, object]], name: str, column: str, options: RowOptions, folder: Path
) -> None:
    """Write the rows of the only source."""
    with open(spooled_file(folder, 0), "w", encoding="utf-8", newline="") as file:
        for number, text in rows:
            write_row(file, text, f"{name}, row {number}", column, options.encoding_errors)


def _commit(asked: HubAddress) -> str:
    """Return the commit that a revision stands for today."""
    from huggingface_hub import HfApi

    try:
        return str(HfApi().dataset_info(asked.repository, revision=asked.revision).sha)
    except Exception as error:
        raise _unreachable(asked, error) from None


def _open(asked: HubAddress, commit: str, split: str, name: str) -> tuple[Any, str]:
    """Return the rows as a stream, and the name of their split."""
    import datasets

    try:
        if asked.split is None:
            splits = datasets.get_dataset_split_names(asked.repository, asked.config, revision=commit)
            used = chosen_split(f"hf://{name}", splits, split, f"hf://{name}#")
        else:
            used = asked.split
        stream = datasets.load_dataset(asked.repository, asked.config, split=used, revision=commit, streaming=True)
    except UserError:
        raise
    except Exception as error:
        raise _unreachable(asked, error) from None
    return stream, used


def _safely(rows: Any, asked: HubAddress) -> Iterator[dict[str, Any]]:
    """Pass rows on; a connection that breaks becomes one sentence."""
    try:
        yield from rows
    except (OSError, ValueError, RuntimeError) as error:
        raise _unreachable(asked, error) from None


def _unreachable(asked: HubAddress, error: Exception) -> UserError:
    """Return the error for a data set that cannot be had, with the way to get it elsewhere."""
    reason = (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
    folder = asked.repository.split("/")[1]
    revision = f" --revision {asked.revision}" if asked.revision else ""
    return UserError(
        f"hf://{asked.repository} cannot be read ({reason}): check name and network, or run `hf download --repo-type "
        f"dataset {asked.repository}{revision} --local-dir {folder}` where there is one and give the folder {folder}."
    )
