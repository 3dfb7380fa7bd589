"""The surprisal −ln p(word | context), as the BabyLM pipelines compute it and as it ought to be.

Official (2025, 2026): the word is tokenised alone, without the space before it; of a word of several pieces the first
is scored after the context, then its text is appended to the context *string*, which is tokenised anew, and the first
token of the next piece's text is scored. A masked model reads the context with three masks after it. Tokens of a word
in the middle of a text usually hold the space before it, so this measures something else for most vocabularies.

Spaced: the tokens of " word" in the text "context word", each given those before it; for causal models times
p(a word ends here) / p(a word begins here), without which the pieces' probabilities do not add up to the word's
(Pimentel & Meister 2024, "How to compute the probability of a word"; Oh & Schuler 2024).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from climb.base.errors import UserError
from climb.eval.encoding import mask_token, start_token
from climb.eval.reading.words import Column
from climb.eval.requests import Item, Request

if TYPE_CHECKING:
    from climb.eval.scoring import Scorer

_MASKS = 3


def official(scorer: Scorer, pairs: list[tuple[str, str]]) -> Column:
    """Return the surprisal of (context, word) pairs, nats, float64 [n]; NaN where a text is too long for the model.

    Raises:
        UserError: a kind of model that the pipelines do not read with.
    """
    items: list[Item] = []
    owner: list[int] = []
    for number, (context, word) in enumerate(pairs):
        pieces = _pieces(scorer.tokenizer, context, word)
        items += [_item(scorer, text, target) for text, target in pieces]
        owner += [number] * len(pieces)
    fits = [place for place, item in enumerate(items) if not scorer.too_long(item)]
    values = np.full(len(items), np.nan)
    values[fits] = [float(value.sum()) for value in scorer.score_items([items[place] for place in fits])]
    sums = np.bincount(owner, weights=values, minlength=len(pairs))
    return -sums.astype(np.float64)


def _pieces(tokenizer: Any, context: str, word: str) -> list[tuple[str, int]]:
    """Return (text before, token id) of every piece of a word."""
    ids = _plain(tokenizer, word)
    found: list[tuple[str, int]] = []
    for place, token in enumerate(ids):
        text = tokenizer.decode(token)
        again = [token] if place == 0 else _plain(tokenizer, text)
        if not again:
            raise UserError(f"The tokenizer makes nothing of {text!r}, a piece of {word!r}: its decoding is broken.")
        found.append((context, again[0]))
        context += text
    return found


def _plain(tokenizer: Any, text: str) -> list[int]:
    ids: list[int] = tokenizer(text, add_special_tokens=False)["input_ids"]
    return ids


def _item(scorer: Scorer, context: str, target: int) -> Item:
    """Return the item that asks for one token after a context, in the way of the model's kind."""
    tokenizer = scorer.tokenizer
    if scorer.kind == "causal":
        ids = [*tokenizer(context)["input_ids"], target]
        return _asking(ids, len(ids) - 1)
    mask = mask_token(tokenizer)
    if scorer.kind in ("masked", "mntp"):
        ids = tokenizer(context + tokenizer.mask_token * _MASKS)["input_ids"]
        place = len(ids) - _MASKS - (ids[-1] != mask)
        ids[place] = target
        return _asking(ids, place)
    if scorer.kind == "enc_dec_prefix":
        cls = [] if tokenizer.cls_token_id is None else [tokenizer.cls_token_id]
        eos = [] if tokenizer.eos_token_id is None else [tokenizer.eos_token_id]
        source = np.array([*cls, *_plain(tokenizer, context), mask, *eos], dtype=np.int64)
        return _asking([start_token(tokenizer), target], 1, source)
    raise UserError(f"Reading times cannot be read with a model asked as {scorer.kind}: give another --backend.")


def _asking(ids: list[int], place: int, source: np.ndarray[Any, np.dtype[np.int64]] | None = None) -> Item:
    nothing = np.zeros(len(ids), dtype=np.int64)
    return Item(np.array(ids, dtype=np.int64), np.array([place]), nothing, nothing.astype(np.bool_), None, source)


def spaced(scorer: Scorer, pairs: list[tuple[str, str]]) -> Column:
    """Return the surprisal of " word" after each context, nats, float64 [n]."""
    texts = [f"{context} {word}" for context, word in pairs]
    requests = [Request(text, len(context)) for text, (context, _) in zip(texts, pairs, strict=True)]
    values = -np.array([score.total for score in scorer.score(requests)])
    begins = word_beginnings(scorer.tokenizer)
    if scorer.kind != "causal" or begins is None:
        return values
    after = scorer.mass(texts, begins)
    before = scorer.mass([context for context, _ in pairs], begins)
    return values - (after - before)


def word_beginnings(tokenizer: Any) -> list[int] | None:
    """Return the ids of tokens that begin a word or end the text; None where tokens do not tell."""
    tokens = tokenizer.convert_ids_to_tokens(list(range(len(tokenizer))))
    specials = set(tokenizer.all_special_ids)
    if any(token.startswith("##") for token in tokens if token):
        return [i for i, token in enumerate(tokens) if i in specials or (token and not token.startswith("##"))]
    marked = [i for i, token in enumerate(tokens) if token and token[0] in "Ġ▁ ĊĉčĀ\n\t"]
    return sorted(specials | set(marked)) if marked else None
