"""Tokenise a task once: pairs as the tokenizer joins them, cut from the longer text, never padded."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from climb.eval.finetuning.examples import Example
from climb.eval.finetuning.metrics import Floats, Strings

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Encoded:
    """A set, tokenised.

    Attributes:
        ids: token ids of each row, int64 [length].
        types: segment of each token, where the model tells segments apart; else None.
        lengths: int64 [n].
        labels: float64 [n].
        clusters, questions: str [n]; see `Example`.
        cut: rows that were longer than the limit.
    """

    ids: list[Ints]
    types: list[Ints] | None
    lengths: Ints
    labels: Floats
    clusters: Strings
    questions: Strings
    cut: int

    def __len__(self) -> int:
        return len(self.ids)

    def sha256(self) -> str:
        """Return the SHA-256 over all that the model and the metrics see."""
        digest = hashlib.sha256(self.lengths.tobytes() + self.labels.tobytes())
        for rows in (self.ids, self.types or []):
            for row in rows:
                digest.update(row.tobytes())
        return digest.hexdigest()

    def part(self, rows: Ints) -> Encoded:
        """Return some rows, in the order given; `cut` stays that of the whole."""
        return Encoded(
            ids=[self.ids[row] for row in rows],
            types=None if self.types is None else [self.types[row] for row in rows],
            lengths=self.lengths[rows],
            labels=self.labels[rows],
            clusters=self.clusters[rows],
            questions=self.questions[rows],
            cut=self.cut,
        )


@dataclass(frozen=True)
class Encoder:
    """How a model's tokenizer turns examples into rows.

    Attributes:
        tokenizer: a fast one.
        max_length: tokens of a row, specials included.
        segments: whether the model has embeddings for more than one segment (BERT).
        separates: put a separator where the tokenizer joins two texts without one (GPT-2).
    """

    tokenizer: Any
    max_length: int
    segments: bool
    separates: bool

    def encode(self, examples: Sequence[Example]) -> Encoded:
        """Tokenise examples; truncation takes tokens from the longer of two texts, at its end."""
        first = [example.first for example in examples]
        second = [example.second or "" for example in examples] if examples[0].second is not None else None
        separator = self._separator() if second is not None and self.separates else ""
        if second is not None and separator:
            second = [separator + text for text in second]
        # The lengths before the cut take a second pass, which costs far less than an epoch.
        full = self._call(first, second)["input_ids"]
        encoded = self._call(first, second, truncation="longest_first", max_length=self.max_length)
        ids = [np.array(row, dtype=np.int64) for row in encoded["input_ids"]]
        types = None
        if self.segments:
            types = [np.array(row, dtype=np.int64) for row in encoded["token_type_ids"]]
        return Encoded(
            ids=ids,
            types=types,
            lengths=np.array([len(row) for row in ids], dtype=np.int64),
            labels=np.array([example.label for example in examples]),
            clusters=np.array([example.cluster for example in examples], dtype=np.str_),
            questions=np.array([example.question for example in examples], dtype=np.str_),
            cut=sum(len(row) > self.max_length for row in full),
        )

    def _call(self, first: list[str], second: list[str] | None, **how: Any) -> Any:
        return self.tokenizer(
            first,
            second,
            return_attention_mask=False,
            return_token_type_ids=self.segments,
            verbose=False,
            **how,
        )

    def _separator(self) -> str:
        """Return what to put before the second text: nothing where the tokenizer sets the two apart."""
        mask = self.tokenizer("a", "b", return_special_tokens_mask=True)["special_tokens_mask"]
        inner = np.flatnonzero(np.array(mask) == 0)
        if len(inner) and any(mask[inner[0] : inner[-1] + 1]):
            return ""
        return str(self.tokenizer.sep_token or self.tokenizer.eos_token or "\n")
