"""Passages of held-out text, by source: from the validation split of a prepared corpus, or from text files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from climb.base.console import say
from climb.base.corpus import PreparedCorpus
from climb.base.errors import UserError
from climb.base.files import sha256_json
from climb.base.random_bits import RandomBits
from climb.base.run import newest_corpus

SUFFIXES = (".txt", ".train", ".dev", ".test")
CHARACTERS = 1000
"""A passage of a text file ends at the first line end after this many characters."""


@dataclass(frozen=True)
class Passage:
    """A stretch of text.

    Attributes:
        id: `<source>_<number in its source>`.
        source: label of the source.
        texts: its documents or parts of documents; each is scored apart from the others.
        seen: for each text the character spans (start, end) of lines that the training text holds word for word;
            empty when they are not asked for.
    """

    id: str
    source: str
    texts: tuple[str, ...]
    seen: tuple[tuple[tuple[int, int], ...], ...] = ()


@dataclass(frozen=True)
class Passages:
    """The drawn passages, how many there were of each source, and what they came from."""

    drawn: list[Passage]
    available: dict[str, int]
    name: str

    @property
    def sha256(self) -> str:
        """SHA-256 over the drawn texts."""
        return sha256_json([[passage.id, *passage.texts] for passage in self.drawn])


def is_corpus(folder: Path) -> bool:
    """Tell whether a folder is a prepared corpus (a run has a manifest too, but no validation split)."""
    return (folder / "manifest.json").is_file() and (folder / "validation").is_dir()


def holds_text(place: Path) -> bool:
    """Tell whether passages can be read from a place: a prepared corpus, a file, or a folder of text files."""
    return place.is_file() or is_corpus(place) or bool(_text_files(place))


def held_out_place(corpus: str | None, data: str | None, task: str) -> Path:
    """Return where the text is: --corpus, else --data where it holds text, else the newest prepared corpus.

    Args:
        corpus: the value of --corpus, if any.
        data: the value of --data, if any.
        task: for the sentence that says which corpus was taken.

    Raises:
        UserError: a place that was named does not exist, or none was and there is no prepared corpus.
    """
    for place in (corpus, data):
        if place is not None and not Path(place).exists():
            raise UserError(f"{place}: there is no such file or folder; give a prepared corpus or text files.")
    if corpus is not None:
        return Path(corpus)
    if data is not None and holds_text(Path(data)):
        return Path(data)
    newest = newest_corpus()
    say(f"{task}: no text given, taking the newest prepared corpus, {newest}.")
    return newest


def _text_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*") if path.suffix in SUFFIXES and path.is_file())


def read_passages(place: Path, per_source: int, seed: int, mark_seen: bool = False) -> Passages:
    """Draw at most `per_source` passages of every source.

    Args:
        place: a prepared corpus, a text file, or a folder of text files (the source is the file's stem).
        per_source: number of passages to draw, without repetition, by (seed, source).
        seed: seed of the draw.
        mark_seen: whether to mark the lines that the training text of the corpus holds too.

    Raises:
        UserError: the place holds neither, a file is not UTF-8 or empty, or no training text is known.
    """
    if place.is_dir() and is_corpus(place):
        return _from_corpus(PreparedCorpus(place), per_source, seed, mark_seen)
    if mark_seen:
        raise UserError(
            f"--unseen-only: {place} is no prepared corpus, so its training text is unknown; leave it out."
        )
    files = [place] if place.is_file() else _text_files(place)
    if not files:
        raise UserError(f"{place} is neither a prepared corpus nor text ({', '.join(SUFFIXES)}): give one of them.")
    drawn: list[Passage] = []
    available: dict[str, int] = {}
    for path in files:
        parts = list(_cut(path))
        label = path.stem if path.stem not in available else path.name
        available[label] = len(parts)
        drawn += [Passage(f"{label}_{i}", label, (parts[i],)) for i in _draw(len(parts), per_source, seed, label)]
    return Passages(drawn, available, place.resolve().name)


def _draw(size: int, wanted: int, seed: int, label: str) -> list[int]:
    """Return at most `wanted` of range(size), ascending, by (seed, label)."""
    chosen = RandomBits(seed, f"passages/{label}").permuted(np.arange(min(size, wanted)), size, 0)
    return sorted(int(i) for i in chosen)


def _cut(path: Path) -> Iterator[str]:
    """Yield the passages of a text file: whole lines, about `CHARACTERS` characters; blank edges cut off."""
    lines: list[str] = []
    size = 0
    found = False
    for number, raw in enumerate(path.read_bytes().splitlines(keepends=True), start=1):
        try:
            line = raw.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise UserError(f"{path}, line {number} is not UTF-8 ({error.reason}): convert the file.") from None
        lines.append(line)
        size += len(line)
        if size >= CHARACTERS:
            text, lines, size = "".join(lines).strip(), [], 0
            if text:
                found = True
                yield text
    text = "".join(lines).strip()
    if text:
        yield text
    elif not found:
        raise UserError(f"{path} holds no text: leave it out.")


def _from_corpus(corpus: PreparedCorpus, per_source: int, seed: int, mark_seen: bool) -> Passages:
    """Draw blocks of the validation split and turn them back into text, so that any tokenizer can read them."""
    drawn: list[Passage] = []
    available: dict[str, int] = {}
    for index, label in enumerate(corpus.manifest.sources):
        blocks = np.flatnonzero(corpus.validation.source == index)
        if not len(blocks):
            continue
        available[label] = len(blocks)
        chosen = blocks[_draw(len(blocks), per_source, seed, label)]
        rows = zip(chosen, corpus.validation.tokens(chosen), corpus.validation.verbatim(chosen), strict=True)
        for block, ids, marks in rows:
            length = corpus.validation.length[block]
            parts = _texts(corpus, ids[:length].tolist(), marks[:length].tolist())
            if parts:
                seen = tuple(spans for _, spans in parts) if mark_seen else ()
                drawn.append(Passage(f"{label}_{block}", label, tuple(text for text, _ in parts), seen))
    if not drawn:
        raise UserError(f"{corpus.folder} has no validation text: prepare it again with --validation.")
    return Passages(drawn, available, corpus.manifest.name)


Spans = tuple[tuple[int, int], ...]


def _texts(corpus: PreparedCorpus, ids: list[int], marks: list[bool]) -> list[tuple[str, Spans]]:
    """Return the documents of a block as text: runs of tokens between specials, without halves of characters.

    With each text come the character spans of its lines whose tokens are marked.
    """
    specials = set(corpus.tokenizer.all_special_ids) - {corpus.tokenizer.unk_token_id}
    runs: list[list[tuple[int, bool]]] = [[]]
    for token, mark in zip(ids, marks, strict=True):
        if token in specials:
            runs.append([])
        else:
            runs[-1].append((token, mark))
    found: list[tuple[str, Spans]] = []
    for run in runs:
        whole = str(corpus.tokenizer.decode([token for token, _ in run], clean_up_tokenization_spaces=False))
        text = whole.strip("�")
        if text.strip():
            found.append((text, _marked_lines(corpus, run, text, whole.index(text))))
    return found


def _marked_lines(corpus: PreparedCorpus, run: list[tuple[int, bool]], text: str, cut: int) -> Spans:
    """Return the spans of the lines of `text` that hold a marked token; `cut` characters were cut off before it."""
    if not any(mark for _, mark in run):
        return ()
    marked = set()
    line = 0
    for token, mark in run:
        if mark:
            marked.add(line)
        line += str(corpus.tokenizer.decode([token])).count("\n")
    spans: list[tuple[int, int]] = []
    start = -cut
    for number, part in enumerate((" " * cut + text).split("\n")):
        if number in marked:
            spans.append((max(start, 0), start + len(part)))
        start += len(part) + 1
    return tuple(spans)
