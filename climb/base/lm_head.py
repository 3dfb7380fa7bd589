"""Take a language model apart into body and head, so that logits exist only where they are needed.

A Hugging Face model computes a row of V logits at every position. Training needs them at about 15 % of
the positions of a masked model, scoring at one position per masked row: at V = 32,000 and hidden size 256
the head costs more than the body. This module finds the body (token ids → hidden states) and the head
(hidden states → logits) of any masked or causal model, and proves once, on a tiny input, that the two
together give what the model's own forward gives. Where that fails (unknown architecture, scaled logits),
the whole forward takes the place of the body and the identity that of the head: slower, never wrong.
Cost of the proof: one forward of seven tokens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from climb.base.console import say

Body = Callable[..., Tensor]
"""body(input_ids [B, L], attention_mask=None, **more) → hidden states [B, L, H]."""
Head = Callable[[Tensor], Tensor]
"""head(hidden [N, H]) → logits [N, V]."""

_HEADS: tuple[tuple[str, ...], ...] = (
    ("lm_head",),  # RoBERTa and its kin, GPT-2, Llama, OPT and most causal models
    ("cls",),  # BERT, DeBERTa
    ("head", "decoder"),  # ModernBERT
    ("predictions",),  # ALBERT
    ("generator_predictions", "generator_lm_head"),  # ELECTRA
    ("vocab_transform", "activation", "vocab_layer_norm", "vocab_projector"),  # DistilBERT
    ("embed_out",),  # GPT-NeoX, Pythia
)
_PROBE_LENGTH = 7


def body_and_head(model: nn.Module) -> tuple[Body, Head]:
    """Return (body, head) of a Hugging Face masked or causal language model.

    Both keep gradients and follow the model's weights, mode and device; no weight is copied. When the
    parts do not reproduce the model's own forward, body returns the logits themselves, [B, L, V], and head
    returns its input; one sentence says so.

    Args:
        model: a `PreTrainedModel` with a language-model head, on any device, in any mode.

    Returns:
        body: (input_ids [B, L], attention_mask [B, L] or None, **keywords of the model) → [B, L, H].
        head: [N, H] → [N, V].
    """
    body, head = _body(model), _head(model)
    if head is not None and _agrees(model, body, head):
        return body, head
    say(
        f"{type(model).__name__}: body and head could not be told apart, so logits are computed at every "
        "position (slower, same numbers)."
    )
    return _whole(model), _same


@contextmanager
def in_eval_mode(model: nn.Module) -> Iterator[None]:
    """Put every module of the model into eval mode and each back into its own mode at the end."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training


def _keywords(model: nn.Module) -> dict[str, Any]:
    """Return keywords that keep a causal model from building a key-value cache nobody reads."""
    return {"use_cache": False} if getattr(model.config, "use_cache", False) else {}


def _body(model: nn.Module) -> Body:
    """Return the part below the head: the submodule that transformers names by `base_model_prefix`."""
    inner = getattr(model, "base_model", model)
    keywords = _keywords(model)

    def body(input_ids: Tensor, attention_mask: Tensor | None = None, **more: Any) -> Tensor:
        hidden = inner(input_ids=input_ids, attention_mask=attention_mask, **(keywords | more))[0]
        assert isinstance(hidden, Tensor)
        return hidden

    return body


def _head(model: nn.Module) -> Head | None:
    """Return the chain of modules above the body when the model has one of the known shapes, else None."""
    for names in _HEADS:
        parts = [getattr(model, name, None) for name in names]
        if all(callable(part) for part in parts):
            return _chain(parts, getattr(model.config, "final_logit_softcapping", None))
    return None


def _chain(parts: list[Any], cap: float | None) -> Head:
    """Return the composition of the parts, softly capped at ±cap as in Gemma 2 when cap is given."""

    def head(hidden: Tensor) -> Tensor:
        for part in parts:
            hidden = part(hidden)
        return hidden if cap is None else torch.tanh(hidden / cap) * cap

    return head


def _whole(model: nn.Module) -> Body:
    """Return the model's own forward as a body whose hidden states are the logits."""
    keywords = _keywords(model)

    def body(input_ids: Tensor, attention_mask: Tensor | None = None, **more: Any) -> Tensor:
        output = model(input_ids=input_ids, attention_mask=attention_mask, **(keywords | more))
        logits = output.logits
        assert isinstance(logits, Tensor)
        return logits

    return body


def _same(hidden: Tensor) -> Tensor:
    """Return the input: the head of a model taken as a whole."""
    return hidden


def _agrees(model: Any, body: Body, head: Head) -> bool:
    """Tell whether head(body(x)) equals the model's logits on one probe, within the rounding of its type."""
    parameter = next(model.parameters())
    vocabulary = int(model.config.vocab_size)
    padding = getattr(model.config, "pad_token_id", None)
    ids = [i for i in range(vocabulary) if i != padding][:_PROBE_LENGTH]
    probe = torch.tensor([ids], device=parameter.device)
    try:
        with in_eval_mode(model), torch.no_grad():
            ours = head(body(probe)[0])
            theirs = _whole(model)(probe)[0]
    except (TypeError, RuntimeError, AttributeError, AssertionError):
        return False
    # A few hundred roundings separate the two at most; a wrong head is off by the size of the logits. In bfloat16
    # so many roundings are as large as the logits: there, three per cent must do.
    if not torch.isfinite(theirs).all():
        return False  # broken weights: the whole forward will show it
    relative = min(512 * torch.finfo(theirs.dtype).eps, 2.0**-5)
    tolerance = relative * float(theirs.abs().max().clamp(min=1e-6))
    return ours.shape == theirs.shape and bool(torch.allclose(ours, theirs, rtol=0.0, atol=tolerance))
