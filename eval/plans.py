"""What evaluating many models on the same texts has in common: tokens and orders, made once, kept for the next model.

    plans = Plans()
    for loaded in checkpoints:
        evaluate(loaded, config, folder, tasks, plans)

A trajectory of checkpoints, or runs that differ in their seed, read the same sentences with the same tokenizer. What
is kept depends on nothing but texts, tokenizer, kind of model, its size and the budget of a forward pass, each part
of the key; so the scores are those of separate evaluations. At most `most` tokens are kept, about 32 bytes each;
lists of texts beyond that are tokenised for every model anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from climb.base.files import sha256_json
from climb.eval.requests import Item, Request

T = TypeVar("T")
MOST = 2**24
"""Half a gigabyte of token arrays: all of the BabyLM challenge's zero-shot tasks together."""


class Plans:
    """Keeps what was made under a key.

    Args:
        most: tokens to keep at most.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._tokens = 0
        self._items: dict[str, list[Item]] = {}
        self._orders: dict[str, Any] = {}

    def items(
        self, spelling: str, requests: Sequence[Request], make: Callable[[Sequence[Request]], list[Item]]
    ) -> list[Item]:
        """Return the requests tokenised: as kept, else made and kept where there is room."""
        key = digest(spelling, requests)
        if key in self._items:
            return list(self._items[key])
        made = make(requests)
        tokens = sum(item.length for item in made)
        if self._tokens + tokens <= self._most:
            self._items[key] = list(made)
            self._tokens += tokens
        return made

    def order(self, key: str, tokens: int, make: Callable[[], T]) -> T:
        """Return what was made under the key, else make it; it counts as many tokens as it refers to."""
        if key in self._orders:
            kept: T = self._orders[key]
            return kept
        made = make()
        if self._tokens + tokens // 4 <= self._most:
            self._orders[key] = made
            self._tokens += tokens // 4
        return made


def spelling_of(tokenizer: Any, *how: object) -> str:
    """Return the hash of a fast tokenizer, its special tokens, and whatever else tells how texts become items."""
    backend = getattr(tokenizer, "backend_tokenizer", None)
    whole = {"name": repr(tokenizer)} if backend is None else json.loads(backend.to_str())
    whole |= {"truncation": None, "padding": None}  # what the last call asked for, not what the tokenizer is
    return sha256_json([whole, type(tokenizer).__name__, getattr(tokenizer, "special_tokens_map", {}), *how])


def digest(start: str, parts: Iterable[object]) -> str:
    """Return the hash of a text and the representations of parts, in their order."""
    found = hashlib.blake2b(start.encode(), digest_size=20)
    for part in parts:
        found.update(part if isinstance(part, bytes) else repr(part).encode())
        found.update(b"\x1f")
    return found.hexdigest()
