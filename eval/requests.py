"""What is asked of the scoring engine, and what it answers; and the way from text to token positions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from climb.base.errors import UserError

Kind = Literal["masked", "causal"]
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Request:
    """A text, and the character at which the part to be scored begins (0: all of it)."""

    text: str
    start: int = 0


@dataclass(frozen=True, slots=True)
class Score:
    """The answer to a request.

    Attributes:
        total: Σ ln p over the scored tokens, nats; NaN when `too_long`.
        tokens: number of scored tokens.
        too_long: the text has more tokens than the model has positions, and was not scored.
        per_token: ln p of each scored token, float64 [tokens].
    """

    total: float
    tokens: int
    too_long: bool
    per_token: Floats


@dataclass(frozen=True, slots=True)
class Item:
    """A tokenised text.

    Attributes:
        ids: token ids with specials, int64 [n].
        scored: positions in `ids` to be predicted, int64 [m], ascending.
        ends: for every token the character of the text at which it ends, int64 [n]; 0 for specials.
        special: bool [n], tokens the tokenizer put around the text.
    """

    ids: Ints
    scored: Ints
    ends: Ints
    special: npt.NDArray[np.bool_]


def tokenised(tokenizer: Any, kind: Kind, requests: Sequence[Request]) -> list[Item]:
    """Tokenise texts as the tokenizer is configured and find the positions to be scored.

    A token is scored when it ends after the start of the scored part, so one that straddles the border
    counts; the tokenizer's specials never; position 0 of a causal model never, because nothing stands
    before it (a tokenizer that puts BOS there makes every token of the text scored).

    Raises:
        UserError: the tokenizer cannot tell character offsets (a slow one).
    """
    if not getattr(tokenizer, "is_fast", False):
        raise UserError(
            f"{type(tokenizer).__name__} gives no character offsets: convert it to a fast tokenizer "
            "(tokenizer.json) with AutoTokenizer.from_pretrained(…).save_pretrained(…)."
        )
    if not requests:
        return []
    encoded = tokenizer(
        [request.text for request in requests],
        return_offsets_mapping=True,
        return_special_tokens_mask=True,
        return_attention_mask=False,
        return_token_type_ids=False,
        verbose=False,
    )
    columns = zip(
        requests, encoded["input_ids"], encoded["offset_mapping"], encoded["special_tokens_mask"], strict=True
    )
    return [_item(kind, request.start, ids, offsets, special) for request, ids, offsets, special in columns]


def _item(kind: Kind, start: int, ids: list[int], offsets: list[tuple[int, int]], specials: list[int]) -> Item:
    spans = np.array(offsets, dtype=np.int64).reshape(-1, 2)
    ends = spans[:, 1].copy()
    special = np.array(specials, dtype=np.bool_)
    wanted = (ends > start) & ~special
    # Some conversions give every token an empty span, which would silently leave out some or all of them.
    if not special.all() and not (spans[:, 1] > spans[:, 0])[~special].any():
        raise UserError(
            "The tokenizer gives no usable character offsets, so nothing could be scored: save it again from its "
            "original files with this version of transformers."
        )
    if kind == "causal":
        wanted[:1] = False
    return Item(np.array(ids, dtype=np.int64), np.flatnonzero(wanted).astype(np.int64), ends, special)


def windows(item: Item, limit: int) -> list[Item]:
    """Cut an item longer than `limit` tokens into overlapping pieces; each scored position stays in one.

    The specials around the text stand around each piece. Pieces advance by half their room, so that every
    scored token but those of the first piece has at least half a window of context to its left.

    Args:
        item: any tokenised text.
        limit: number of positions of the model.

    Returns:
        [item] when it fits; else pieces of at most `limit` tokens, `scored` counted within each piece.
    """
    length = len(item.ids)
    if length <= limit:
        return [item]
    inner = np.flatnonzero(~item.special)
    first, last = int(inner[0]), int(inner[-1]) + 1
    room = limit - first - (length - last)
    if room < 2:
        raise UserError(f"The model has {limit} positions: too few to score anything between the special tokens.")
    step = room // 2
    pieces: list[Item] = []
    done = 0
    for begin in range(first, last, step):
        end = min(begin + room, last)
        kept = np.concatenate([np.arange(first), np.arange(begin, end), np.arange(last, length)])
        new = item.scored[(item.scored >= max(begin, done)) & (item.scored < end)]
        pieces.append(Item(item.ids[kept], new - begin + first, item.ends[kept], item.special[kept]))
        done = end
        if end == last:
            break
    return pieces
