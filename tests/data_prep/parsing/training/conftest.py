"""A treebank of a toy grammar, made up here."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

Row = tuple[str, str, int, str]


def conllu(sentences: list[list[Row]]) -> str:
    """Return sentences of (word, UPOS, head counted from 1, relation) as CoNLL-U."""
    blocks = []
    for number, rows in enumerate(sentences):
        lines = [f"# sent_id = {number}"]
        for place, (word, tag, head, relation) in enumerate(rows, 1):
            lines.append(f"{place}\t{word}\t_\t{tag}\t_\t_\t{head}\t{relation}\t_\t_")
        blocks.append("\n".join(lines) + "\n\n")
    return "".join(blocks)


def sentence(dice: random.Random) -> list[Row]:
    """Return a sentence of the toy grammar."""
    noun = ["dog", "cat", "tree", "river", "teacher"]
    rows: list[Row] = [("The", "DET", 2, "det"), (dice.choice(noun), "NOUN", 3, "nsubj")]
    rows.append((dice.choice(["sees", "likes", "finds"]), "VERB", 0, "root"))
    if dice.random() < 0.5:
        rows += [("the", "DET", 6, "det"), ("old", "ADJ", 6, "amod"), (dice.choice(noun), "NOUN", 3, "obj")]
    else:
        rows += [("a", "DET", 5, "det"), (dice.choice(noun), "NOUN", 3, "obj")]
    return [*rows, (".", "PUNCT", 3, "punct")]


@pytest.fixture
def treebank(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a treebank of the toy grammar."""

    def write(name: str = "toy.conllu", sentences: int = 60, seed: int = 0) -> Path:
        dice = random.Random(seed)
        path = tmp_path / name
        path.write_text(conllu([sentence(dice) for _ in range(sentences)]), encoding="utf-8")
        return path

    return write
