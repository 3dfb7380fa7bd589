"""The files that options of metrics name: read early, said, recorded by checksum, and found by every worker."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from climb.base.console import say
from climb.data_prep.difficulty.choosing import known_metrics, refuse_unknown
from climb.data_prep.difficulty.norms import AGE_OF_ACQUISITION, Norm, norm_file, read_norms
from climb.data_prep.difficulty.source_ranks import given_ranks
from climb.data_prep.options import PrepConfig


def read_metric_files(config: PrepConfig) -> dict[str, Any]:
    """Read what the options name, say how it was understood, and return what to record instead of paths.

    Raises:
        UserError: a metric asked for is unknown; a file is missing or cannot be used, and why.
    """
    known = known_metrics(config)
    refuse_unknown(config.metrics, known)
    norms = read_norms(config)
    for text, norm in zip(config.norms, norms.values(), strict=True):
        say(
            f"{norm_file(text).path.name}: metric {norm.name} is column {norm.column} of {norm.entries:,} words "
            f"(column {norm.word_column}), read as {norm.encoding}."
        )
    files = [norm_file(text).path for text in config.norms]
    return {
        "norms": [norm.recorded(path) for path, norm in zip(files, norms.values(), strict=True)],
        "frequencies": dict(known["rarity_given"].options) or None,
        "source_ranks": given_ranks(config.source_ranks),
        "plugin": [
            {"metric": name, "file": kind.options["plugin"], "sha256": kind.options["sha256"]}
            for name, kind in known.items()
            if "plugin" in kind.options
        ],
    }


def with_absolute_files(config: PrepConfig) -> PrepConfig:
    """Return the options with the metrics' files made absolute: workers may stand elsewhere."""
    ranks = [str(Path(entry).resolve()) if Path(entry).is_file() else entry for entry in config.source_ranks]
    return config.model_copy(
        update={
            "norms": [norm_file(text).absolute() for text in config.norms],
            "frequencies": str(Path(config.frequencies).resolve()) if config.frequencies else None,
            "source_ranks": ranks,
            "plugin": [str(Path(path).resolve()) for path in config.plugin],
        }
    )


def age_of_acquisition(config: PrepConfig) -> Norm | None:
    """Return the norm that also goes into the lexicon, None when no norm is named `aoa`."""
    return read_norms(config).get(AGE_OF_ACQUISITION)
