"""Held-out lines that training text holds word for word are found, counted, and marked token by token."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from climb.base.corpus import PreparedCorpus
from climb.data_prep.blocks.overlap import are_among
from tests.data_prep.conftest import make_text

Build = Callable[..., PreparedCorpus]


def lines_of(blocks, corpus: PreparedCorpus) -> list[tuple[str, set[bool]]]:
    """Return the lines of some blocks with the marks of their tokens."""
    rows = np.arange(len(blocks))
    inside = np.arange(blocks.block_size) < blocks.length[:, None]
    ids, marks = blocks.tokens(rows)[inside], blocks.verbatim(rows)[inside]
    newline = corpus.tokenizer.convert_tokens_to_ids("Ċ")
    lines, start = [], 0
    for place in [*np.flatnonzero(np.isin(ids, [3, 4, newline])).tolist(), len(ids)]:
        text = corpus.tokenizer.decode(ids[start:place].tolist()).strip()
        if text:
            lines.append((text, set(marks[start:place].tolist())))
        start = place + 1
    return lines


def test_lines_of_both_splits(prepared: Build, corpus_files, tmp_path: Path) -> None:
    train = (Path(corpus_files[0]) / "cbt.train").read_text(encoding="utf-8").splitlines()
    fresh = make_text(30, 77).splitlines()
    (tmp_path / "cbt.dev").write_text("\n".join([*train[5:9], *fresh, train[40]]) + "\n", encoding="utf-8")
    corpus = prepared(validation=[str(tmp_path / "cbt.dev")])
    texts = {text for text, _ in lines_of(corpus.train, corpus)}
    held_out = lines_of(corpus.validation, corpus)
    overlap = corpus.manifest.overlap
    assert overlap["cbt"].lines == len(held_out) == 35
    assert overlap["cbt"].verbatim == sum(text in texts for text, _ in held_out) >= 5
    for text, marks in held_out:
        assert marks == {text in texts}
    both = {text for text, _ in held_out}
    for text, marks in lines_of(corpus.train, corpus):
        assert marks == {text in both}


_NUMBERS = st.lists(st.integers(0, 9) | st.integers(2**64 - 9, 2**64 - 1), max_size=20)


@given(_NUMBERS, _NUMBERS)
def test_looked_up_as_in_a_set(ordered: list[int], hashes: list[int]) -> None:
    found = are_among(np.array(sorted(set(ordered)), dtype=np.uint64), np.array(hashes, dtype=np.uint64))
    assert found.tolist() == [one in ordered for one in hashes]
