"""Repeated text is removed before anything is measured: of what stands there twice, the first in order is kept.

    exact   documents that are equal, and long lines that stood in the text before, letter case and white space
            aside; what has fewer than `FEWEST_WORDS` words stays, since "Yes." is natural repetition
    near    also documents whose sets of five-word runs have a Jaccard similarity from a threshold on

The order is that of the sources, their files and lines. Text held out in files of its own counts as read before
all other and is never touched: training text that repeats it goes, so that no held-out document or long line is
trained on, and held-out text stays comparable. A share held out later is drawn from what is left.

Two passes: the first finds the hashes that occur twice, the second decides in order. Memory: 8 bytes per long
line and document (equal means equal in 64 bits: among a hundred million lines one is taken for another with a
chance of 1 in 4,000); `near` adds `near_duplicates`.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from climb.base.console import say
from climb.base.corpus import Removed
from climb.base.progress_bar import Advance, progress
from climb.data_prep.cleaning.near_duplicates import NearIndex
from climb.data_prep.shards import ShardId, WorkFolder, write_summary, write_text_shards

FEWEST_WORDS = 10
"""A document or line of fewer words is never taken for a repetition."""

EQUAL, NEAR, LINES = "equal documents", "near-duplicate documents", "repeated lines"

Hashes = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class _Document:
    """A document with what is compared."""

    lines: list[str]
    key: int | None
    """Hash of the whole; None when it is too short to count."""
    line_keys: list[int | None]


def remove_duplicates(
    before: WorkFolder, after: WorkFolder, sources: int, threshold: float | None, shard_characters: int
) -> None:
    """Write the shards of `before` without repetitions to `after`, and the summaries with what was removed.

    Args:
        before: the cleaned text.
        after: where the text goes that is left; nothing is done when it is all there.
        sources: how many sources there are.
        threshold: Jaccard similarity from which documents are near-duplicates; None: only exact repetition.
        shard_characters: a shard is closed by the document that passes this size.

    Raises:
        UserError: the disk is full, a kept result is damaged, or the library for near-duplicates is missing.
    """
    if all(after.has_text(source) for source in range(sources)):
        return
    shards = before.shard_ids(sources)
    with progress("find repetitions", total=3 * len(shards)) as advance:
        repeated = _repeated(before, shards, advance)
        index = NearIndex(before, shards, threshold, advance) if threshold is not None else None
        if index is None:
            advance(len(shards))
        sieve = _Sieve(before, shards, repeated, index)
        sieve.read_held_out(sources)
        for source in range(sources):
            summary = before.summary(source)
            removed = {kind: Removed() for kind in (EQUAL, NEAR, LINES)}
            counts = write_text_shards(after, source, sieve.left(source, removed, advance), shard_characters)
            kinds = {kind: amount for kind, amount in removed.items() if amount != Removed()}
            update = {"documents": counts, "removed": kinds}
            write_summary(after, source, summary.model_copy(update=update))
    _say(after, sources)


class _Sieve:
    """Decides, document after document, what is left; to be asked in the order of the text."""

    def __init__(
        self, work: WorkFolder, shards: list[ShardId], repeated: tuple[Hashes, Hashes], index: NearIndex | None
    ) -> None:
        self._work, self._index = work, index
        self._shards: dict[int, list[ShardId]] = {}
        for shard in shards:
            self._shards.setdefault(shard.source, []).append(shard)
        self._documents, self._lines = (_Seen(keys) for keys in repeated)

    def read_held_out(self, sources: int) -> None:
        """Take note of the text that is held out in files of its own."""
        for source in range(sources):
            first, last = self._held_out(source)
            for shard in self._of(source):
                if first < last and shard.first_document + shard.documents > first:
                    for number, document in _numbered(self._work, shard):
                        if number >= first:
                            self._note(number, document)

    def left(self, source: int, removed: dict[str, Removed], advance: Advance) -> Iterator[list[str]]:
        """Yield the documents of a source that are left, and count in `removed` what is not."""
        first_held_out, _ = self._held_out(source)
        for shard in self._of(source):
            for number, document in _numbered(self._work, shard):
                lines = document.lines
                if number < first_held_out:
                    lines = self._what_is_new(number, document, removed)
                if lines:
                    yield lines
            advance()

    def _what_is_new(self, number: int, document: _Document, removed: dict[str, Removed]) -> list[str]:
        """Return the lines of a training document that are not repeated."""
        if document.key is not None and document.key in self._documents:
            _count(removed, EQUAL, document.lines, 1)
            return []
        if document.key is not None and self._index is not None and self._index.is_near_kept(number):
            _count(removed, NEAR, document.lines, 1)
            return []
        lines: list[str] = []
        dropped: list[str] = []
        for line, key in zip(document.lines, document.line_keys, strict=True):
            repeats = key is not None and not self._lines.add(key)
            (dropped if repeats else lines).append(line)
        if document.key is not None:
            self._documents.add(document.key)
            if self._index is not None:
                self._index.keep(number)
        if dropped:
            _count(removed, LINES, dropped, not lines)
        return lines

    def _note(self, number: int, document: _Document) -> None:
        """Take a document for read."""
        for key in document.line_keys:
            if key is not None:
                self._lines.add(key)
        if document.key is not None:
            self._documents.add(document.key)
            if self._index is not None:
                self._index.keep(number)

    def _held_out(self, source: int) -> tuple[int, int]:
        """Return the numbers of the first held-out document of a source, and of the one after its last."""
        own = self._of(source)
        if not own:
            return 0, 0
        end = own[-1].first_document + own[-1].documents
        return end - self._work.summary(source).held_out, end

    def _of(self, source: int) -> list[ShardId]:
        return self._shards.get(source, [])


class _Seen:
    """Which hashes were met; only those that occur twice in the text are looked for, so nothing else is kept."""

    def __init__(self, repeated: Hashes) -> None:
        self._repeated = repeated
        self._met = bytearray(len(repeated))

    def __contains__(self, key: int) -> bool:
        place = self._place(key)
        return place is not None and self._met[place] == 1

    def add(self, key: int) -> bool:
        """Take note of a hash; return whether it is new."""
        place = self._place(key)
        if place is None:
            return True
        new = self._met[place] == 0
        self._met[place] = 1
        return new

    def _place(self, key: int) -> int | None:
        """Return the place of a hash among the repeated ones."""
        if not len(self._repeated):
            return None
        place = int(np.searchsorted(self._repeated, np.uint64(key)))
        return place if place < len(self._repeated) and int(self._repeated[place]) == key else None


def _repeated(work: WorkFolder, shards: list[ShardId], advance: Advance) -> tuple[Hashes, Hashes]:
    """Return the hashes of documents, and of lines, that occur more than once, sorted."""
    documents, lines = array("Q"), array("Q")
    for shard in shards:
        for _, document in _numbered(work, shard):
            if document.key is not None:
                documents.append(document.key)
            lines.extend(key for key in document.line_keys if key is not None)
        advance()
    return _twice(documents), _twice(lines)


def _twice(values: array[int]) -> Hashes:
    """Return the values that occur more than once, sorted; sorts in place, needing no second copy."""
    hashes = np.frombuffer(values, dtype=np.uint64) if values else np.zeros(0, dtype=np.uint64)
    hashes.sort()
    return np.unique(hashes[1:][hashes[1:] == hashes[:-1]])


def _numbered(work: WorkFolder, shard: ShardId) -> Iterator[tuple[int, _Document]]:
    """Yield the documents of a shard with their numbers in the corpus."""
    for number, lines in enumerate(work.documents(shard.source, shard.number), start=shard.first_document):
        words = [line.casefold().split() for line in lines]
        whole = [word for of_line in words for word in of_line]
        yield number, _Document(lines, _key(whole), [_key(of_line) for of_line in words])


def _key(words: list[str]) -> int | None:
    """Return a hash of 64 bits of some words, None for too few of them."""
    if len(words) < FEWEST_WORDS:
        return None
    return int.from_bytes(hashlib.blake2b(" ".join(words).encode(), digest_size=8).digest(), "little")


def _count(removed: dict[str, Removed], kind: str, lines: list[str], documents: int) -> None:
    """Add lines to what was removed."""
    so_far = removed[kind]
    removed[kind] = Removed(
        documents=so_far.documents + documents,
        lines=so_far.lines + len(lines),
        words=so_far.words + sum(len(line.split()) for line in lines),
        bytes=so_far.bytes + sum(len(line.encode()) for line in lines),
    )


def _say(work: WorkFolder, sources: int) -> None:
    """Say in one sentence what was removed."""
    amounts = [amount for source in range(sources) for amount in work.summary(source).removed.values()]
    documents, lines, words = (
        sum(getattr(amount, part) for amount in amounts) for part in ("documents", "lines", "words")
    )
    say(f"Repetitions removed: {documents:,} documents, {lines:,} lines, {words:,} words.")
