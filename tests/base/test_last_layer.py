"""The last layer at single positions only gives what the whole layer gives, values and gradients."""

from typing import Any

import pytest
import torch
from transformers import (
    BertConfig,
    BertForMaskedLM,
    ModernBertConfig,
    ModernBertForMaskedLM,
    RobertaPreLayerNormConfig,
    RobertaPreLayerNormForMaskedLM,
)

from climb.base.last_layer import last_layer_of, weights_at_positions
from climb.losses.plain import Plain
from climb.targets import IGNORED
from climb.training_module import TrainingModule

BATCH, LENGTH, VOCABULARY = 5, 11, 40
SHAPE = {
    "vocab_size": VOCABULARY, "hidden_size": 24, "num_hidden_layers": 3, "num_attention_heads": 3,
    "intermediate_size": 40, "max_position_embeddings": 20, "pad_token_id": 1, "initializer_range": 0.3,
}  # fmt: skip
STILL = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
WHOLE_ROWS = {"layer_types": ["full_attention", "sliding_attention", "full_attention"], "local_attention": 2 * LENGTH}
MAKERS = {
    "roberta": lambda **more: RobertaPreLayerNormForMaskedLM(RobertaPreLayerNormConfig(**SHAPE, **STILL, **more)),
    "bert": lambda **more: BertForMaskedLM(BertConfig(**SHAPE, **STILL, **more)),
    "modernbert": lambda **more: ModernBertForMaskedLM(ModernBertConfig(**SHAPE, **WHOLE_ROWS, **more)),
    "biased": lambda **more: ModernBertForMaskedLM(
        ModernBertConfig(**SHAPE, **WHOLE_ROWS, attention_bias=True, mlp_bias=True, norm_bias=True, **more)
    ),
}


def tiny_model(kind: str, attention: str = "sdpa") -> Any:
    torch.manual_seed(0)
    model = MAKERS[kind](attn_implementation=attention)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("bias"):
                parameter.normal_(std=0.3)
    return model.double().train()


def gradients(model: torch.nn.Module, loss: torch.Tensor) -> dict[str, torch.Tensor]:
    model.zero_grad()
    loss.backward()
    return {
        name: parameter.grad.clone() for name, parameter in model.named_parameters() if parameter.grad is not None
    }


@pytest.mark.parametrize("kind", list(MAKERS))
@pytest.mark.parametrize("attention", ["sdpa", "eager"])
@pytest.mark.parametrize("rate", [0.0, 0.1, 0.5, 1.0])
@pytest.mark.parametrize("padded", [False, True])
def test_same_loss_and_gradients_as_the_whole_pass(kind: str, attention: str, rate: float, padded: bool) -> None:
    torch.manual_seed(1)
    ids = torch.randint(5, VOCABULARY, (BATCH, LENGTH))
    labels = torch.where(torch.rand(BATCH, LENGTH) < rate, ids, torch.full_like(ids, IGNORED))
    mask = None
    if padded:
        lengths = torch.tensor([LENGTH, 3, 7, 1, 9])
        mask = (torch.arange(LENGTH)[None] < lengths[:, None]).long()
        ids, labels = ids.where(mask.bool(), 1), labels.where(mask.bool(), IGNORED)
    model = tiny_model(kind, attention)
    logits = model(input_ids=ids, attention_mask=mask).logits
    whole = torch.nn.functional.cross_entropy(logits.reshape(-1, VOCABULARY), labels.reshape(-1), reduction="sum")
    expected = gradients(model, whole)
    module = TrainingModule(model, Plain())
    loss = module(ids, labels, mask)
    found = gradients(model, loss)
    assert loss.item() == pytest.approx(whole.item(), rel=1e-6, abs=1e-9)
    for name, gradient in expected.items():
        torch.testing.assert_close(
            found.get(name, torch.zeros_like(gradient)), gradient, rtol=1e-5, atol=1e-6
        )  # float32 loss


@pytest.mark.parametrize("kind", list(MAKERS))
def test_outside_of_training_the_model_is_untouched(kind: str) -> None:
    model = tiny_model(kind).eval()
    ids = torch.randint(5, VOCABULARY, (2, LENGTH))
    before = model(input_ids=ids).logits
    module = TrainingModule(model, Plain())
    module(ids, ids)
    assert torch.equal(model(input_ids=ids).logits, before)
    assert not [name for name, part in model.named_modules() if "forward" in part.__dict__]


def test_weights_by_hand() -> None:
    """Queries, output and feed-forward, of width h and inner width f; norms of h, biases of what has them."""
    h, f = 24, 40
    bert = 2 * (h * h + h) + (h * f + f) + (f * h + h)
    assert weights_at_positions(tiny_model("bert")) == bert + 2 * 2 * h
    assert weights_at_positions(tiny_model("roberta")) == bert + 2 * h
    assert weights_at_positions(tiny_model("modernbert")) == 2 * h * h + 3 * h * f + h


def test_a_last_layer_that_sees_a_window_is_left_alone() -> None:
    layers = {"layer_types": ["full_attention", "full_attention", "sliding_attention"]}
    model = ModernBertForMaskedLM(ModernBertConfig(**SHAPE, **layers))
    assert last_layer_of(model) is None
    assert weights_at_positions(model) == 0
