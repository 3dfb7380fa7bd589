"""Find and read a task's data: BabyLM's `.jsonl`, GLUE's `.tsv`, or a data set of the `datasets` library.

Below each place (`--data`, else ./evaluation_data, then $CLIMB_DATA) these are looked for, the first that holds a
train file and an evaluated set winning, so that a train of one distribution is never scored on another's set:

    full_eval/glue_filtered/, glue_filtered/, filter-data/glue_filtered/, glue/, .   rte.train.jsonl, rte.valid.jsonl
    glue/, GLUE/, glue_data/, .                                                      RTE/train.tsv, RTE/dev.tsv
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from climb.base.errors import UserError
from climb.base.files import read_json_lines
from climb.eval.data_places import HERE, VARIABLE, candidates
from climb.eval.finetuning.examples import Example, MissingData, Row, examples_of
from climb.eval.finetuning.spec import Spec
from climb.eval.finetuning.tsv_rows import read_tsv

_JSON_FOLDERS = ("full_eval/glue_filtered", "glue_filtered", "filter-data/glue_filtered", "glue", ".")
_TSV_FOLDERS = ("glue", "GLUE", "glue_data", ".")
_VALID = ("valid", "validation", "dev")
_SUFFIXES = (".jsonl", ".json")  # the pipeline of 2023 calls JSON lines .json


@dataclass(frozen=True)
class TaskData:
    """A task's examples.

    Attributes:
        train: to be trained on.
        evaluated: name of the set ("" for the main one) → its examples.
        source: of the data, in a few words without a path.
        broken: rows left out because they are known to be broken.
    """

    train: list[Example]
    evaluated: dict[str, list[Example]]
    source: str
    broken: int = 0


def read_task(spec: Spec, data: str | None, dataset: str | None) -> TaskData:
    """Read a task's train and evaluated sets.

    Args:
        spec: the task.
        data: the value of `--data`, if any.
        dataset: a `datasets` id or folder; it goes before all files.

    Raises:
        MissingData: it is nowhere; the sentence says where it was looked for.
        UserError: a file is malformed, with file and line.
    """
    if dataset is not None:
        from climb.eval.finetuning.hub_rows import read_dataset_rows

        return _whole(spec, dataset, lambda: read_dataset_rows(spec, dataset))
    partial = ""
    for place in candidates(data):
        for files in _layouts(spec, place):
            if "train" in files and spec.evaluated[0].name in files:
                name = files["train"].parent.resolve().name
                return _whole(spec, name, lambda files=files: _read(spec, files))  # type: ignore[misc]
            if files:
                lacking = "train" if "train" not in files else "validation"
                partial = f" ({next(iter(files.values()))} is there, but no {lacking} file beside it)"
    if data is not None:
        looked = data
    else:
        looked = " and ".join(map(str, candidates(None))) or f"./{HERE} and ${VARIABLE} (neither is there)"
    raise MissingData(
        f"{spec.name} not found in {looked}{partial}: give the folder of GLUE's or BabyLM's files with --data, or a "
        "data set of the Hub, such as --dataset nyu-mll/glue."
    )


def _whole(spec: Spec, source: str, read: Callable[[], tuple[dict[str, list[Row]], int]]) -> TaskData:
    """Turn rows into examples and see that no set is empty."""
    rows, broken = read()
    sets = {name: examples_of(spec, of_set) for name, of_set in rows.items()}
    for name, examples in sets.items():
        if not examples:
            raise UserError(f"{spec.name}: the {name or 'validation'} set of {source} holds no rows; restore it.")
    return TaskData(sets.pop("train"), sets, source, broken)


def _layouts(spec: Spec, place: Path) -> Iterator[dict[str, Path]]:
    """Yield, for each layout below a place, the files that are there: "train" and names of sets → file."""
    for folder in _JSON_FOLDERS:
        yield _json_files(spec, place / folder)
    if spec.tsv is None:
        return
    for folder in _TSV_FOLDERS:
        yield _tsv_files(spec, place / folder / spec.tsv.folder)
    if place.name == spec.tsv.folder:
        yield _tsv_files(spec, place)


def _json_files(spec: Spec, folder: Path) -> dict[str, Path]:
    wanted = {"train": [f"{spec.name}.train{suffix}" for suffix in _SUFFIXES]}
    for evaluated in spec.evaluated:
        wanted[evaluated.name] = [f"{evaluated.json}.{split}{suffix}" for split in _VALID for suffix in _SUFFIXES]
    return _present(folder, wanted)


def _tsv_files(spec: Spec, folder: Path) -> dict[str, Path]:
    wanted = {"train": ["train.tsv"], **{evaluated.name: [f"{evaluated.tsv}.tsv"] for evaluated in spec.evaluated}}
    return _present(folder, wanted)


def _present(folder: Path, wanted: dict[str, list[str]]) -> dict[str, Path]:
    """Return the first existing file of each list of names."""
    found: dict[str, Path] = {}
    for key, names in wanted.items():
        path = next((folder / name for name in names if (folder / name).is_file()), None)
        if path is not None:
            found[key] = path
    return found


def _read(spec: Spec, files: dict[str, Path]) -> tuple[dict[str, list[Row]], int]:
    """Read the files of one layout."""
    rows: dict[str, list[Row]] = {}
    broken = 0
    for name, path in files.items():
        if path.suffix == ".tsv":
            assert spec.tsv is not None
            rows[name], left_out = read_tsv(path, spec.tsv)
            broken += left_out
        else:
            rows[name] = [_json_row(path, line, record) for line, record in read_json_lines(path)]
    return rows, broken


def _json_row(path: Path, line: int, record: dict[str, Any]) -> Row:
    return Row(f"{path}, line {line}", record, record.get("label"))
