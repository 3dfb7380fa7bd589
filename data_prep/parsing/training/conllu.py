"""Reading treebanks in CoNLL-U (https://universaldependencies.org/format.html).

Comments and empty nodes (8.1) are skipped. A multiword token whose words spell it (don't = do + n't) stays split,
as spaCy's tokenizers split it; any other (French du = de + le) becomes one word with the tag, head and relation of
its word nearest to the root, because a tokenizer will never see the words. Every line is checked, since a
parser learns a broken tree as gladly as a sound one. Cost: about 500,000 words a second, the treebank in memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from climb.base.errors import UserError
from climb.base.tags import UD_ID

_COLUMNS = 10
_CURE = "mend the line or take the file as its treebank publishes it"


@dataclass(frozen=True)
class Tree:
    """A sentence of W words with its gold analysis."""

    words: tuple[str, ...]
    spaces: tuple[bool, ...]
    """Whether a space follows each word [W]."""
    tags: tuple[str, ...]
    """UPOS of each word [W]."""
    heads: tuple[int, ...]
    """Position of each word's head, its own at the root [W]."""
    relations: tuple[str, ...]
    """UD relation to the head, with its subtype [W]."""


@dataclass
class _Row:
    """A word line: what is needed of its ten columns."""

    line: int
    word: str
    space: bool
    tag: str
    head: int
    relation: str


@dataclass(frozen=True)
class _Range:
    """A multiword token: 0-based first and last word."""

    first: int
    last: int
    form: str
    space: bool


def read_conllu(path: Path) -> list[Tree]:
    """Read every sentence of a treebank file.

    Raises:
        UserError: the file cannot be read, is no CoNLL-U, or holds a broken tree; file, line and cure are named.
    """
    try:
        with open(path, "rb") as file:
            trees = [_tree(path, block) for block in _blocks(path, file)]
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}; give a treebank file in CoNLL-U.") from None
    if not trees:
        raise UserError(f"{path} holds no sentence: give a treebank file in CoNLL-U.")
    return trees


def _blocks(path: Path, lines: Iterator[bytes] | Sequence[bytes]) -> Iterator[list[tuple[int, str]]]:
    """Yield the numbered lines of each sentence, without comments."""
    block: list[tuple[int, str]] = []
    for number, raw in enumerate(lines, 1):
        try:
            line = raw.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
        except UnicodeDecodeError:
            _refuse(path, number, "is not UTF-8")
        if line.strip() and not line.startswith("#"):
            block.append((number, line))
        elif not line.strip() and block:
            yield block
            block = []
    if block:
        yield block


def _refuse(path: Path, line: int, what: str) -> NoReturn:
    raise UserError(f"{path}, line {line} {what}: {_CURE}.")


def _tree(path: Path, block: list[tuple[int, str]]) -> Tree:
    """Turn the lines of a sentence into a checked tree."""
    rows: list[_Row] = []
    ranges: list[_Range] = []
    for number, line in block:
        columns = line.split("\t")
        if len(columns) != _COLUMNS:
            _refuse(path, number, f"has {len(columns)} columns between tabs where CoNLL-U has {_COLUMNS}")
        if "." in columns[0]:
            continue
        if "-" in columns[0]:
            ranges.append(_range(path, number, columns, len(rows)))
        else:
            rows.append(_row(path, number, columns, len(rows)))
    if not rows:
        _refuse(path, block[0][0], "begins a sentence without a word")
    if ranges and ranges[-1].last >= len(rows):
        _refuse(path, block[-1][0], "ends a sentence inside a multiword token")
    _check_tree(path, rows)
    return _surface(rows, ranges)


def _row(path: Path, number: int, columns: list[str], words: int) -> _Row:
    """Check a word line."""
    name, word, tag, head, relation = columns[0], columns[1], columns[3], columns[6], columns[7]
    if name != str(words + 1):
        _refuse(path, number, f"has the word number {name!r} where {words + 1} is due")
    if not word.strip():
        _refuse(path, number, "has an empty word")
    if tag not in UD_ID:
        _refuse(path, number, f"has the part of speech {tag!r}, none of the {len(UD_ID)} of UD")
    if not (head.isascii() and head.isdigit() and len(head) < 10):
        _refuse(path, number, f"has the head {head!r}, no number")
    if relation in ("", "_"):
        _refuse(path, number, "has no relation")
    position = int(head) - 1 if head != "0" else words
    return _Row(number, word, "SpaceAfter=No" not in columns[9].split("|"), tag, position, relation)


def _range(path: Path, number: int, columns: list[str], words: int) -> _Range:
    """Check the line of a multiword token."""
    first, _, last = columns[0].partition("-")
    if first != str(words + 1) or not (last.isascii() and last.isdigit() and len(last) < 10 and int(last) > words):
        _refuse(path, number, f"has the word numbers {columns[0]!r} where {words + 1}-… is due")
    return _Range(words, int(last) - 1, columns[1], "SpaceAfter=No" not in columns[9].split("|"))


def _check_tree(path: Path, rows: list[_Row]) -> None:
    """Refuse heads outside the sentence, words without a path to the root, and more or fewer than one root."""
    roots = [position for position, row in enumerate(rows) if row.head == position]
    if len(roots) != 1:
        _refuse(path, rows[0].line, f"begins a sentence with {len(roots)} roots where a tree has one")
    depth_known = {roots[0]}
    for start, row in enumerate(rows):
        if row.head >= len(rows):
            _refuse(path, row.line, f"has the head {row.head + 1} in a sentence of {len(rows)} words")
        walked: list[int] = []
        position = start
        while position not in depth_known and len(walked) <= len(rows):
            walked.append(position)
            position = rows[position].head if rows[position].head < len(rows) else roots[0]
        if len(walked) > len(rows):
            _refuse(path, row.line, "hangs in a circle of heads")
        depth_known.update(walked)


def _surface(rows: list[_Row], ranges: list[_Range]) -> Tree:
    """Merge the multiword tokens that their words do not spell, and renumber the heads."""
    place = list(range(len(rows)))
    kept = list(range(len(rows)))
    for span in ranges:
        inside = range(span.first, span.last + 1)
        spelled = "".join(rows[position].word for position in inside) == span.form
        for position in inside:
            rows[position].space = span.space if position == span.last else False
        if spelled or not span.form.strip():
            continue
        # Its ancestors are all outside, so what hangs on any of the words may hang on this one.
        main = min(inside, key=lambda position: _depth(rows, position))
        kept = [position for position in kept if position == main or position not in inside]
        for position in inside:
            place[position] = main
        rows[main].word, rows[main].space = span.form, span.space
    index = {position: number for number, position in enumerate(kept)}
    return Tree(
        words=tuple(rows[position].word for position in kept),
        spaces=tuple(rows[position].space for position in kept),
        tags=tuple(rows[position].tag for position in kept),
        heads=tuple(index[place[rows[position].head]] for position in kept),
        relations=tuple(rows[position].relation for position in kept),
    )


def _depth(rows: list[_Row], position: int) -> int:
    """Return how many steps a word is from the root."""
    steps = 0
    while rows[position].head != position:
        position, steps = rows[position].head, steps + 1
    return steps
