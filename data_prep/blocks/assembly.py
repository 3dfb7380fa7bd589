"""From encoded shards to the files of the corpus: layout, blocks, lexicon, sentence table, scores, manifest.

Runs in one process; it streams over the shards and keeps a few numbers per block. The layout (which slot a shard's
first token gets in which split) follows from the shards' sizes alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from climb.base.corpus import SPLITS, Counts, Overlap
from climb.base.tags import CLIMB_ID_OF_UD, CLIMB_TAGS
from climb.data_prep.blocks.overlap import are_among
from climb.data_prep.blocks.packing import BlockBuilder, Layout, Piece
from climb.data_prep.blocks.writing import write_blocks, write_sentences
from climb.data_prep.difficulty.choosing import BlockScores
from climb.data_prep.shards import Arrays, ShardId, WorkFolder, read_arrays
from climb.data_prep.stages import sentence_scores
from climb.data_prep.tokens.tokenizer_training import Encoder

IntArray = npt.NDArray[np.int64]


@dataclass
class Assembly:
    """The shards of a corpus, laid out into blocks."""

    work: WorkFolder
    shards: list[ShardId]
    labels: list[str]
    held_out: npt.NDArray[np.bool_]
    """Whether each document of the corpus is held out."""
    layout: Layout
    encoder: Encoder
    verbatim: npt.NDArray[np.uint64]
    """Hashes of the lines that stand in both splits, sorted."""
    overlap: dict[str, Overlap] = field(default_factory=dict)
    """Source → held-out lines, and how many of them stand in the training text; after `pack`."""
    starts: dict[tuple[str, int], int] = field(default_factory=dict)
    """(split, shard number) → the slot at which the shard's tokens of that split begin."""
    counts: dict[str, dict[str, Counts]] = field(default_factory=dict)
    """split → source → counts; after `pack`."""
    token_tags: IntArray = field(default_factory=lambda: np.zeros((0, len(CLIMB_TAGS)), dtype=np.int64))
    """Occurrences of each token id in the training blocks per CLIMB tag [V, 12]; after `pack`."""

    @cached_property
    def _numbers(self) -> list[list[int]]:
        """The numbers of the shards of every source."""
        numbers: list[list[int]] = [[] for _ in self.labels]
        for number, shard in enumerate(self.shards):
            numbers[shard.source].append(number)
        return numbers

    def shard(self, number: int) -> Arrays:
        """Return what encoding gave for a shard."""
        return read_arrays(self.work.arrays("encode", f"{number:06d}"))

    def pack(self) -> None:
        """Write train/ and validation/ and the tables of token counts."""
        size = self.encoder.vocab_size
        for split in SPLITS:
            tags = np.zeros((size, len(CLIMB_TAGS)), dtype=np.int64)
            batches = _counted(self._blocks(split), tags)
            write_blocks(self.work.corpus / split, batches, self.layout.block_size, size, self.labels)
            if split == "train":
                self.token_tags = tags

    def _blocks(self, split: str) -> Iterator[Arrays]:
        """Yield the blocks of a split, source by source, and count them."""
        slot = 0
        self.counts[split] = {}
        for source, label in enumerate(self.labels):
            totals = {name: 0 for name in Counts.model_fields}
            builder = BlockBuilder(self.layout, self.encoder.pad, self.encoder.vocab_size)
            for batch in builder.blocks(self._pieces(split, source, slot, totals), slot):
                totals["blocks"] += len(batch["length"])
                yield batch
            slot += totals["blocks"] * self.layout.block_size
            if totals["blocks"]:
                self.counts[split][label] = Counts(**totals)

    def _pieces(self, split: str, source: int, start: int, totals: dict[str, int]) -> Iterator[Piece]:
        """Yield the tokens of a source and split shard by shard, from slot `start` on."""
        for number in self._numbers[source]:
            piece, start = self._piece(split, number, start, totals)
            if len(piece.slots):
                yield piece

    def _piece(self, split: str, number: int, start: int, totals: dict[str, int]) -> tuple[Piece, int]:
        """Return the tokens of a shard that belong to a split, and the slot after them."""
        arrays = self.shard(number)
        documents = np.unique(arrays["sequence_document"])
        wanted = self._wanted(split, arrays["sequence_document"])
        tokens = arrays["sequence_tokens"]
        of_token = np.repeat(wanted, tokens)
        self.starts[split, number] = start
        if split == "validation":
            self._count_overlap(self.labels[self.shards[number].source], arrays)
        slots, after = self.layout.place(tokens[wanted], start)
        names = ("ids", "word_start", "words", "bytes", "upos")
        columns = {name: arrays[name][of_token] for name in names}
        columns["verbatim"] = self._repeated(arrays)[of_token]
        columns["document"] = np.repeat(arrays["sequence_document"][wanted], tokens[wanted])
        totals["documents"] += int(self._wanted(split, documents).sum())
        totals["sentences"] += int(self._wanted(split, arrays["document"]).sum())
        totals["words"] += int(columns["words"].sum())
        totals["bytes"] += int(columns["bytes"].sum())
        totals["tokens"] += len(slots)
        return Piece(self.shards[number].source, slots, columns), after

    def _repeated(self, arrays: Arrays) -> npt.NDArray[np.bool_]:
        """Return which tokens of a shard belong to a line that stands in both splits [N]."""
        found = are_among(self.verbatim, arrays["line_hash"])
        steps = np.zeros(len(arrays["ids"]) + 1, dtype=np.int64)
        np.add.at(steps, arrays["line_start"][found], 1)
        np.add.at(steps, arrays["line_end"][found], -1)
        return np.asarray(np.cumsum(steps[:-1]) > 0)

    def _count_overlap(self, label: str, arrays: Arrays) -> None:
        """Count the held-out lines of a shard."""
        hashes = arrays["line_hash"][self._wanted("validation", arrays["line_document"])]
        before = self.overlap.get(label, Overlap())
        repeated = int(are_among(self.verbatim, hashes).sum())
        self.overlap[label] = Overlap(lines=before.lines + len(hashes), verbatim=before.verbatim + repeated)

    def _wanted(self, split: str, documents: IntArray) -> npt.NDArray[np.bool_]:
        """Return which of some documents belong to a split."""
        held_out = self.held_out[documents]
        return np.asarray(held_out if split == "validation" else ~held_out)

    def score(self, metrics: Iterable[str], blocks: int) -> Arrays:
        """Write sentences.parquet and return metric → mean over sentences per training block."""
        names = list(metrics)
        scores = BlockScores(names, blocks)
        write_sentences(self.work.corpus / "sentences.parquet", self._sentences(names, scores), names)
        return scores.means()

    def _sentences(self, names: list[str], scores: BlockScores) -> Iterator[Arrays]:
        """Yield the rows of sentences.parquet shard by shard; training sentences also go into `scores`."""
        for number, shard in enumerate(self.shards):
            arrays = self.shard(number)
            values = sentence_scores(self.work.folder, number)
            has_tokens = arrays["end"] > arrays["start"]
            in_train = self._wanted("train", arrays["document"]) & has_tokens
            first, last = self._sentence_blocks(arrays, number, in_train)
            scores.add({name: values[name][in_train] for name in names}, first, last)
            base = _document_starts(arrays)[arrays["document"] - shard.first_document]
            splits = np.where(self.held_out[arrays["document"]], "validation", "train")
            yield {
                "document": arrays["document"],
                "start": arrays["start"] - base,
                "end": arrays["end"] - base,
                "source": np.full(len(base), self.labels[shard.source]),
                "split": splits,
            } | {name: values[name] for name in names}

    def _sentence_blocks(
        self, arrays: Arrays, number: int, in_train: npt.NDArray[np.bool_]
    ) -> tuple[IntArray, IntArray]:
        """Return the training blocks of the first and last token of the sentences in train."""
        tokens = arrays["sequence_tokens"]
        wanted = self._wanted("train", arrays["sequence_document"])
        slots = np.zeros(len(arrays["ids"]), dtype=np.int64)
        slots[np.repeat(wanted, tokens)] = self.layout.place(tokens[wanted], self.starts["train", number])[0]
        size = self.layout.block_size
        return slots[arrays["start"][in_train]] // size, slots[arrays["end"][in_train] - 1] // size


def _document_starts(arrays: Arrays) -> IntArray:
    """Return the shard's token at which each of its documents starts."""
    tokens = arrays["sequence_tokens"]
    _, first = np.unique(arrays["sequence_document"], return_index=True)
    return np.asarray((np.cumsum(tokens) - tokens)[first])


def _counted(batches: Iterable[Arrays], tags: IntArray) -> Iterator[Arrays]:
    """Pass blocks on, adding their tokens to the counts per tag [V, 12]."""
    for batch in batches:
        inside = np.arange(batch["input_ids"].shape[1]) < batch["length"][:, None]
        ids = batch["input_ids"][inside].astype(np.int64)
        kinds = CLIMB_ID_OF_UD[batch["upos"][inside]]
        tags += np.bincount(ids * tags.shape[1] + kinds, minlength=tags.size).reshape(tags.shape)
        yield batch
