"""Tiny tokenizers and models that the tests of the room share."""

from __future__ import annotations

import itertools
from types import SimpleNamespace

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
from torch import nn
from transformers import (
    BartConfig,
    BartForConditionalGeneration,
    BertConfig,
    BertForMaskedLM,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    ModernBertConfig,
    ModernBertForMaskedLM,
    PreTrainedTokenizerFast,
    RobertaPreLayerNormConfig,
    RobertaPreLayerNormForMaskedLM,
    T5Config,
    T5ForConditionalGeneration,
)

SPECIALS = ["<pad>", "<s>", "</s>", "<mask>", "<unk>"]
NAMES = {"pad_token": "<pad>", "bos_token": "<s>", "eos_token": "</s>", "mask_token": "<mask>", "unk_token": "<unk>"}


def byte_tokenizer(wrapped: bool = True) -> PreTrainedTokenizerFast:
    """One token per byte; `wrapped` puts <s> … </s> around a text."""
    tokens = SPECIALS + sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE(vocab={token: i for i, token in enumerate(tokens)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    return finish(tokenizer, wrapped)


def word_tokenizer(words: list[str], wrapped: bool = True) -> PreTrainedTokenizerFast:
    """One token per word of the list, <unk> for others."""
    vocabulary = {token: i for i, token in enumerate(SPECIALS + words)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return finish(tokenizer, wrapped)


def finish(tokenizer: Tokenizer, wrapped: bool) -> PreTrainedTokenizerFast:
    if wrapped:
        tokenizer.post_processor = processors.TemplateProcessing(
            single="<s> $A </s>", special_tokens=[("<s>", 1), ("</s>", 2)]
        )
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, **NAMES)


def tiny_model(family: str, positions: int = 64, seed: int = 0, vocabulary: int = 261) -> nn.Module:
    """A random model of two layers in float64, eval mode; weights wide enough that tokens differ in probability."""
    torch.manual_seed(seed)
    sizes = {
        "vocab_size": vocabulary,
        "hidden_size": 16,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 24,
        "max_position_embeddings": positions,
        "initializer_range": 0.3,
        "pad_token_id": 0,
        "bos_token_id": 1,
        "eos_token_id": 2,
    }
    gpt2 = {"vocab_size": vocabulary, "n_embd": 16, "n_layer": 2, "n_head": 2, "n_positions": positions}
    ends = {name: sizes[name] for name in ("vocab_size", "pad_token_id", "bos_token_id", "eos_token_id")}
    sides = {
        f"{side}_{name}": n
        for side in ("encoder", "decoder")
        for name, n in {"layers": 2, "attention_heads": 2, "ffn_dim": 24}.items()
    }
    t5 = {"d_model": 16, "d_kv": 8, "d_ff": 24, "num_layers": 2, "num_heads": 2}
    bart = {"d_model": 16, **sides, "max_position_embeddings": positions}
    more = {"cls_token_id": 1, "sep_token_id": 2, "layer_types": ["sliding_attention", "full_attention"]}
    makers = {
        "roberta": lambda: RobertaPreLayerNormForMaskedLM(RobertaPreLayerNormConfig(**sizes)),
        "modernbert": lambda: ModernBertForMaskedLM(ModernBertConfig(**sizes, **more)),
        "bert": lambda: BertForMaskedLM(BertConfig(**sizes)),
        "gpt2": lambda: GPT2LMHeadModel(GPT2Config(**gpt2, initializer_range=0.3, bos_token_id=1, eos_token_id=2)),
        "llama": lambda: LlamaForCausalLM(LlamaConfig(**sizes)),
        "t5": lambda: T5ForConditionalGeneration(
            T5Config(**t5, **ends, decoder_start_token_id=0, initializer_factor=3.0)
        ),
        "bart": lambda: BartForConditionalGeneration(
            BartConfig(**bart, **ends, forced_eos_token_id=None, decoder_start_token_id=2, init_std=0.3)
        ),
    }
    return makers[family]().double().eval()


def kind(family: str) -> str:
    """How a family is asked by default."""
    if family in ("roberta", "bert", "modernbert"):
        return "masked"
    return {"t5": "enc_dec_prefix", "bart": "enc_dec_prefix"}.get(family, "causal")


class Bigram(nn.Module):
    """A causal model whose next-token logits depend on the present token alone: row `token` of a table."""

    def __init__(self, logits: torch.Tensor, **more: int) -> None:
        super().__init__()
        self.table = nn.Parameter(logits)
        self.config = SimpleNamespace(vocab_size=logits.shape[1], **more)

    def forward(self, input_ids, attention_mask=None):
        return SimpleNamespace(logits=self.table[input_ids])


def parameters_equal(one: dict, other: dict) -> bool:
    return all(torch.equal(a, b) for a, b in itertools.zip_longest(one.values(), other.values()))
