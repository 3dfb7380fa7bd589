"""`climb parser train`: a tagger and dependency parser from treebanks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table

from climb.base.console import show
from climb.data_prep.parsing.training.options import ParserConfig

if TYPE_CHECKING:
    from climb.data_prep.parsing.training.scores import Scores


def train_parser_pipeline(config: ParserConfig) -> None:
    """Train a part-of-speech tagger and dependency parser on treebanks of Universal Dependencies.

    The result is a spaCy pipeline for `climb prep --spacy-model FOLDER`. Ctrl-C at any time: the same command goes
    on from there and ends with the same pipeline.
    """
    from climb.data_prep.parsing.training.training import train_parser

    folder, scores = train_parser(config)
    if scores:
        show(scores_table(scores))
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    show(f"Pipeline: {folder}  ·  {size / 1e6:.1f} MB{_speed(folder, config)}")


def _speed(folder: Path, config: ParserConfig) -> str:
    """Return the speed on the text of the development files, in words."""
    from climb.data_prep.parsing.spacy_parser import load_pipeline
    from climb.data_prep.parsing.training.conllu import read_conllu
    from climb.data_prep.parsing.training.scores import words_per_second

    trees = [tree for name in config.dev for tree in read_conllu(Path(name))]
    return (
        f"  ·  {words_per_second(load_pipeline(str(folder)), trees):,.0f} words a second of raw text" if trees else ""
    )


def scores_table(scores: Mapping[str, Scores]) -> Table:
    """Return the scores of a pipeline on each development file."""
    table = Table(title="Scores with gold words, %", title_justify="left")
    for heading in ("treebank", "words", "UPOS", "UAS", "LAS"):
        table.add_column(heading, justify="left" if heading == "treebank" else "right")
    for name, one in scores.items():
        table.add_row(name, f"{one.words:,}", f"{one.upos:.2f}", f"{one.uas:.2f}", f"{one.las:.2f}")
    return table
