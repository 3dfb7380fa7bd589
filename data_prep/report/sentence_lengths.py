"""How long sentences are, by source, over train and validation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from climb.base.charts import Cell, Page, ridges, table
from climb.data_prep.report.evidence import Evidence
from climb.data_prep.report.folding import OTHERS

_WORDS = "sentence_length"
_LONGEST = 40


def add_sentence_lengths(page: Page, evidence: Evidence) -> None:
    """Add the distribution of sentence lengths, in words where they were measured, else in tokens."""
    page.section("Sentence length")
    unit, lengths = read_lengths(evidence.corpus.folder / "sentences.parquet", evidence.manifest.sources)
    if not lengths:
        page.add("<p>The table of sentences is empty.</p>")
        return
    edges = [number + 0.5 for number in range(_LONGEST + 1)]
    shares = {label: _shares(values) for label, values in lengths.items()}
    middles = {label: float(np.median(values)) for label, values in lengths.items()}
    caption = f"Sentences by length, share of each source's; {_LONGEST} and more in the last bin, median marked"
    picture = ridges(edges, shares, caption, f"{unit} of a sentence", middles=middles)
    rows: list[list[Cell]] = [
        [label, len(values), *(float(q) for q in (values.mean(), *np.quantile(values, [0.5, 0.9, 1])))]
        for label, values in lengths.items()
    ]
    header = ["source", "sentences", "mean", "median", "90\u00a0%", "longest"]
    numbers = table(header, rows, f"Length of sentences in {unit}", csv=True, kind="labels")
    page.add(f'<div class="beside">{picture}{numbers}</div>')


def _shares(values: npt.NDArray[np.int64]) -> list[float]:
    counts = np.bincount(np.clip(values, 1, _LONGEST), minlength=_LONGEST + 1)[1:]
    return [round(float(share), 6) for share in counts / max(len(values), 1)]


def read_lengths(path: Path, labels: list[str]) -> tuple[str, dict[str, npt.NDArray[np.int64]]]:
    """Return the unit, "words" or "tokens", and source → the lengths of its sentences.

    Args:
        path: sentences.parquet.
        labels: the sources that are shown; the last one may stand for all others.
    """
    import pyarrow.parquet as pq

    in_words = _WORDS in pq.read_schema(path).names
    columns = ["source", _WORDS] if in_words else ["source", "start", "end"]
    read = pq.read_table(path, columns=columns, read_dictionary=["source"]).combine_chunks()
    values = [read.column(name).to_numpy() for name in columns[1:]]
    lengths = np.round(values[0]).astype(np.int64) if in_words else (values[1] - values[0]).astype(np.int64)
    names, numbers = _encoded(read.column("source"))
    place = {label: number for number, label in enumerate(labels)}
    shown = np.array([place.get(name, place.get(OTHERS, -1)) for name in names], dtype=np.int64)[numbers]
    found = {label: lengths[shown == number] for label, number in place.items()}
    return "words" if in_words else "tokens", {label: values for label, values in found.items() if len(values)}


def _encoded(column: Any) -> tuple[list[str], npt.NDArray[Any]]:
    """Return the different values of a dictionary-encoded column, and each row's position among them."""
    if not len(column):
        return [], np.zeros(0, dtype=np.int64)
    encoded = column.unify_dictionaries().combine_chunks()
    chunk = encoded.chunk(0) if hasattr(encoded, "chunk") else encoded
    return chunk.dictionary.to_pylist(), chunk.indices.to_numpy(zero_copy_only=False)
