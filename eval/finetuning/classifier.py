"""A classifier on top of a language model: its body, one vector per row, and a small head."""

from __future__ import annotations

import copy
import math
from typing import Any, Literal

import torch
from torch import Tensor, nn

from climb.eval.finetuning.adapters import Lora, add_adapters
from climb.eval.finetuning.batches import Piece
from climb.eval.finetuning.options import DecoderReads, Pooling
from climb.eval.requests import Kind


class Classifier(nn.Module):
    """Body, pooling and head.

    Args:
        model: the language model; its body is copied, the model stays as it is.
        pooling: "first" or "last" token of a row, or the mean over its tokens, specials included. Of an
            encoder–decoder the mean is that of the encoder's states (Ni et al. 2022), and else the decoder's last
            state is read.
        head: [B, H] → [B, k].
        lora: adapters to be trained in the place of the body's weights.
        decoder_reads: for encoder–decoders.
        decoder_start: the token their decoder begins with.
    """

    def __init__(
        self,
        model: nn.Module,
        pooling: Pooling,
        head: nn.Module,
        lora: Lora | None = None,
        decoder_reads: DecoderReads = "start",
        decoder_start: int = 0,
    ) -> None:
        super().__init__()
        body: Any = getattr(model, "base_model", model)
        self.body = copy.deepcopy(body)
        if next(self.body.parameters()).dtype in (torch.bfloat16, torch.float16):
            self.body.float()  # an update of 1e-5 is lost in eight significant bits
        if lora is not None:
            add_adapters(self.body, lora)
        self.whole = body is model
        self.decodes = bool(getattr(self.body.config, "is_encoder_decoder", False))
        self.decoder_reads, self.decoder_start = decoder_reads, decoder_start
        self.pooling = pooling
        parameter = next(self.body.parameters())
        self.head = head.to(parameter.device, parameter.dtype)

    def forward(self, piece: Piece) -> Tensor:
        """Return logits [B, k], or predicted values [B, 1]."""
        logits = self.head(self.pooled(piece))
        assert isinstance(logits, Tensor)
        return logits

    def pooled(self, piece: Piece) -> Tensor:
        """Return one vector per row, [B, H]."""
        if self.decodes:
            return self._pooled_of_two(piece)
        return pooled(self._hidden(piece), piece.lengths, self.pooling)

    def _hidden(self, piece: Piece) -> Tensor:
        """Return the last layer's hidden states, [B, L, H]."""
        more: dict[str, Any] = {} if piece.types is None else {"token_type_ids": piece.types}
        if getattr(self.body.config, "use_cache", False):
            more["use_cache"] = False
        if self.whole:  # what the body is called is unknown: the first output would be the logits
            output = self.body(input_ids=piece.ids, attention_mask=piece.mask, output_hidden_states=True, **more)
            hidden = output.hidden_states[-1]
        else:
            hidden = self.body(input_ids=piece.ids, attention_mask=piece.mask, **more)[0]
        assert isinstance(hidden, Tensor)
        return hidden

    def _pooled_of_two(self, piece: Piece) -> Tensor:
        """Return one vector per row of an encoder–decoder, [B, H]."""
        states = self.body.get_encoder()(input_ids=piece.ids, attention_mask=piece.mask)[0]
        if self.pooling == "mean":
            return pooled(states, piece.lengths, "mean")
        read, lengths = torch.full_like(piece.ids[:, :1], self.decoder_start), torch.ones_like(piece.lengths)
        if self.decoder_reads == "text":
            read, lengths = torch.cat([read, piece.ids[:, :-1]], dim=1), piece.lengths
        hidden = self.body.get_decoder()(
            input_ids=read, encoder_hidden_states=states, encoder_attention_mask=piece.mask, use_cache=False
        )[0]
        return pooled(hidden, lengths, "last")


def pooled(hidden: Tensor, lengths: Tensor, pooling: Pooling) -> Tensor:
    """Return one vector per row, [B, H], from hidden states [B, L, H] padded on the right."""
    if pooling == "first":
        return hidden[:, 0]
    if pooling == "last":
        return hidden[torch.arange(len(hidden), device=hidden.device), lengths - 1]
    inside = torch.arange(hidden.shape[1], device=hidden.device) < lengths[:, None]
    return (hidden * inside[:, :, None]).sum(dim=1) / lengths[:, None].to(hidden.dtype)


def pooling_for(pooling: Pooling | Literal["auto"], kind: Kind) -> Pooling:
    """Return the token that has seen the whole row: the first of a masked model, the last of any other."""
    if pooling != "auto":
        return pooling
    return "first" if kind == "masked" else "last"


def make_head(shape: Literal["classic", "mlp"], kind: Kind, config: Any, outputs: int) -> nn.Module:
    """Return a fresh head; its weights come from torch's generator, which the caller seeds.

    Args:
        shape: "classic": for causal models Linear(H, k) without bias, for others dropout → Linear(H, H) → tanh →
            dropout → Linear(H, k), as transformers puts on GPT-2, RoBERTa, T5 and BART; "mlp": the head of the
            BabyLM pipelines of 2025 and 2026.
        kind: of the model.
        config: of the model: hidden size, dropout, range of initial weights.
        outputs: k.
    """
    width = int(config.hidden_size)
    if shape == "mlp":
        return _mlp(width, outputs)
    deviation = float(getattr(config, "initializer_range", None) or 0.02)
    if kind == "causal":
        linear = nn.Linear(width, outputs, bias=False)
        nn.init.normal_(linear.weight, std=deviation)
        return linear
    given = (getattr(config, name, None) for name in ("classifier_dropout", "hidden_dropout_prob"))
    share = next((float(value) for value in given if value is not None), 0.1)
    layers = [nn.Dropout(share), nn.Linear(width, width), nn.Tanh(), nn.Dropout(share), nn.Linear(width, outputs)]
    for layer in layers:
        if isinstance(layer, nn.Linear):
            nn.init.normal_(layer.weight, std=deviation)
            nn.init.zeros_(layer.bias)
    return nn.Sequential(*layers)


def _mlp(width: int, outputs: int) -> nn.Module:
    """Return LN → Linear(H, H) → GELU → LN → dropout 0.1 → Linear(H, k), the norms without parameters.

    Weights: normal of deviation sqrt(2 / 5H), cut at two deviations; biases 0.
    """
    inner, last = nn.Linear(width, width), nn.Linear(width, outputs)
    deviation = math.sqrt(2.0 / (5.0 * width))
    for layer in (inner, last):
        nn.init.trunc_normal_(layer.weight, std=deviation, a=-2 * deviation, b=2 * deviation)
        nn.init.zeros_(layer.bias)
    norms = [nn.LayerNorm(width, eps=1e-5, elementwise_affine=False) for _ in range(2)]
    return nn.Sequential(norms[0], inner, nn.GELU(), norms[1], nn.Dropout(0.1), last)
