"""Build the language models: ordinary Hugging Face classes, so that anything can load what we train.

Masked models are RoBERTa with layer norm before each sub-layer, CLIMB's choice, or ModernBERT (Warner et al. 2024,
arXiv 2412.13663; docs/results/does-a-curriculum-help.md compares them); causal models are Llama.
Weights are drawn from a generator of their own, so the same seed gives the same initial model whatever else
the program did before.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import torch

from climb.base.errors import UserError
from climb.base.random_bits import RandomBits
from climb.config import ModelConfig

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


def build_model(
    config: ModelConfig, tokenizer: PreTrainedTokenizerBase, block_size: int, seed: int
) -> PreTrainedModel:
    """Return a freshly initialised model for a tokenizer.

    Args:
        config: the shape.
        tokenizer: gives the vocabulary size and the special ids.
        block_size: tokens per block; the model must have at least as many positions.
        seed: seed of the initial weights.

    Raises:
        UserError: the blocks are longer than the model's positions, or transformers is too old for the architecture.
    """
    check_positions(config, block_size)
    build = _BUILDERS[config.built_as]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(RandomBits(seed, "weights").bits(0)) >> 1)
        return build(config, _special_ids(tokenizer))


def check_positions(config: ModelConfig, block_size: int) -> None:
    """Check that blocks of this many tokens fit the model.

    Raises:
        UserError: they are longer than its positions.
    """
    if block_size > config.max_positions:
        raise UserError(
            f"Blocks of {block_size} tokens do not fit model.max_positions {config.max_positions}: "
            f"give --set model.max_positions={block_size}."
        )


def _special_ids(tokenizer: PreTrainedTokenizerBase) -> dict[str, Any]:
    return {
        "vocab_size": len(tokenizer),
        "pad_token_id": tokenizer.pad_token_id,
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
    }


def _roberta(config: ModelConfig, ids: dict[str, Any]) -> PreTrainedModel:
    from transformers import RobertaPreLayerNormConfig, RobertaPreLayerNormForMaskedLM

    # RoBERTa counts positions from the padding id + 1, so the table needs that many more rows.
    shape = RobertaPreLayerNormConfig(
        **ids,
        hidden_size=config.hidden_size,
        num_hidden_layers=config.layers,
        num_attention_heads=config.heads,
        intermediate_size=config.intermediate_size,
        hidden_dropout_prob=config.dropout,
        attention_probs_dropout_prob=config.attention_dropout,
        max_position_embeddings=config.max_positions + ids["pad_token_id"] + 1,
        type_vocab_size=1,
        layer_norm_eps=1e-5,
        initializer_range=config.initializer_range,
        tie_word_embeddings=config.tie_embeddings,
    )
    model = RobertaPreLayerNormForMaskedLM(shape)
    if not config.tie_embeddings:
        # The head's own bias is used only where it is tied to the decoder's; distributed training waits for the
        # gradient of every parameter that wants one.
        model.lm_head.bias.requires_grad_(False)
    return model


def _modernbert(config: ModelConfig, ids: dict[str, Any]) -> PreTrainedModel:
    import transformers
    from transformers import ModernBertConfig, ModernBertForMaskedLM

    # From 5.4 to 5.16 a ModernBERT whose layers all see the whole row is refused, whoever builds or loads it.
    if tuple(map(int, transformers.__version__.split(".")[:2])) < (5, 17):
        raise UserError(
            f"model.architecture modernbert needs transformers 5.17 or newer, not {transformers.__version__}: "
            "pip install --upgrade transformers, or take model.architecture=roberta."
        )
    shape = ModernBertConfig(
        **ids,
        cls_token_id=ids["bos_token_id"],
        sep_token_id=ids["eos_token_id"],
        hidden_size=config.hidden_size,
        num_hidden_layers=config.layers,
        num_attention_heads=config.heads,
        intermediate_size=config.intermediate_size,
        embedding_dropout=config.dropout,
        mlp_dropout=config.dropout,
        attention_dropout=config.attention_dropout,
        classifier_dropout=config.dropout,  # in fine-tuning, as RoBERTa's
        max_position_embeddings=config.max_positions,
        # The published sizes let two layers of three see 64 tokens to each side, for texts of thousands of tokens;
        # our rows are short, and a layer that sees the whole of them is the last one's shortcut too.
        layer_types=["full_attention"] * config.layers,
        rope_parameters={"full_attention": {"rope_type": "default", "rope_theta": 10_000.0}},
        initializer_range=config.initializer_range,
        tie_word_embeddings=config.tie_embeddings,
    )
    return ModernBertForMaskedLM(shape)


def _llama(config: ModelConfig, ids: dict[str, Any]) -> PreTrainedModel:
    from transformers import LlamaConfig, LlamaForCausalLM

    shape = LlamaConfig(
        **ids,
        hidden_size=config.hidden_size,
        num_hidden_layers=config.layers,
        num_attention_heads=config.heads,
        intermediate_size=config.intermediate_size,
        attention_dropout=config.attention_dropout,
        max_position_embeddings=config.max_positions,
        rms_norm_eps=1e-5,
        initializer_range=config.initializer_range,
        tie_word_embeddings=config.tie_embeddings,
    )
    return LlamaForCausalLM(shape)


_BUILDERS: dict[str, Callable[[ModelConfig, dict[str, Any]], PreTrainedModel]] = {
    "roberta": _roberta,
    "modernbert": _modernbert,
    "llama": _llama,
}
