"""Token ids → text, for all blocks of a run at once.

Byte-level tokenizers (ours, GPT-2's, RoBERTa's) spell every token in bytes, so the text of many blocks is one
gather over a table of bytes instead of the tokenizer's own decoding. Other
tokenizers decode for themselves.
"""

from __future__ import annotations

import json
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from climb.data_prep.metric import TokenRuns
from climb.data_prep.tokens.tokenizer_training import Encoder, byte_values

_NEWLINE = 10


class Decoder:
    """Decodes runs of tokens; special tokens part documents and become a newline."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        settings = json.loads(encoder.tokenizer.to_str())
        self._special = np.zeros(encoder.vocab_size, dtype=bool)
        self._special[[token["id"] for token in settings["added_tokens"] if token["special"]]] = True
        kind = settings["decoder"] or {}
        kinds = {kind.get("type"), *(part["type"] for part in kind.get("decoders", []))}
        self._byte_level = kinds <= {"ByteLevel", "Sequence", "Strip", "Replace"} and "ByteLevel" in kinds

    def texts(self, runs: TokenRuns) -> list[str]:
        """Return the text of every run without special tokens and without white space around it [R]."""
        if self._byte_level:
            return self._from_bytes(runs)
        ends = np.cumsum(runs.lengths).tolist()
        return [self._decoded(runs.ids[a:b]) for a, b in pairwise([0, *ends])]

    def _decoded(self, ids: npt.NDArray[np.int64]) -> str:
        """Return the text of one run by the tokenizer's own decoder."""
        places = np.flatnonzero(self._special[ids])
        parts = np.split(ids, places)
        texts = [self._encoder.tokenizer.decode(part.tolist(), skip_special_tokens=True).strip() for part in parts]
        return "\n".join(text for text in texts if text)

    @cached_property
    def _spelling(self) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """The bytes of all tokens one after the other, and where each token's begin and how many they are [V]."""
        tokenizer, bytes_of = self._encoder.tokenizer, byte_values()
        spelled: list[bytes] = []
        for number in range(self._encoder.vocab_size):
            name = tokenizer.id_to_token(number) or ""
            if self._special[number]:
                spelled.append(bytes([_NEWLINE]))
            elif all(letter in bytes_of for letter in name):
                spelled.append(bytes(bytes_of[letter] for letter in name))
            else:
                spelled.append(name.encode("utf-8"))
        sizes = np.array([len(part) for part in spelled], dtype=np.int64)
        return np.frombuffer(b"".join(spelled), dtype=np.uint8), np.cumsum(sizes) - sizes, sizes

    def _from_bytes(self, runs: TokenRuns) -> list[str]:
        flat, starts, sizes = self._spelling
        per_token = sizes[runs.ids]
        ends = np.cumsum(per_token)
        total = int(ends[-1]) if len(ends) else 0
        places = np.arange(total) + np.repeat(starts[runs.ids] - (ends - per_token), per_token)
        text = flat[places].tobytes()
        before = np.concatenate([[0], ends])[np.concatenate([[0], np.cumsum(runs.lengths)])].tolist()
        return [_tidy(text[a:b]) for a, b in pairwise(before)]


def _tidy(raw: bytes) -> str:
    """Return bytes as text; every line begins with the space that its first word's token holds."""
    return raw.decode("utf-8", errors="replace").replace("\n ", "\n").strip()
