"""The last layer at single positions only gives what the whole layer gives, values and gradients."""

from typing import Any

import pytest
import torch
from transformers import (
    BertConfig,
    BertForMaskedLM,
    CamembertConfig,
    CamembertForMaskedLM,
    ElectraConfig,
    ElectraForMaskedLM,
    ModernBertConfig,
    ModernBertForMaskedLM,
    RobertaConfig,
    RobertaForMaskedLM,
    RobertaPreLayerNormConfig,
    RobertaPreLayerNormForMaskedLM,
    XLMRobertaConfig,
    XLMRobertaForMaskedLM,
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
    "pre-norm": lambda **more: RobertaPreLayerNormForMaskedLM(RobertaPreLayerNormConfig(**SHAPE, **STILL, **more)),
    "bert": lambda **more: BertForMaskedLM(BertConfig(**SHAPE, **STILL, **more)),
    "roberta": lambda **more: RobertaForMaskedLM(RobertaConfig(**SHAPE, **STILL, **more)),
    "xlm-roberta": lambda **more: XLMRobertaForMaskedLM(XLMRobertaConfig(**SHAPE, **STILL, **more)),
    "camembert": lambda **more: CamembertForMaskedLM(CamembertConfig(**SHAPE, **STILL, **more)),
    "electra": lambda **more: ElectraForMaskedLM(ElectraConfig(**SHAPE, **STILL, embedding_size=24, **more)),
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
    assert found.keys() == expected.keys(), "distributed training waits for the gradient of every parameter"
    for name, gradient in expected.items():
        torch.testing.assert_close(found[name], gradient, rtol=1e-5, atol=1e-5)  # float32 loss


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
    assert weights_at_positions(tiny_model("pre-norm")) == bert + 2 * h
    modern = 2 * h * h + 3 * h * f + h
    assert weights_at_positions(tiny_model("modernbert")) == modern
    assert weights_at_positions(tiny_model("biased")) == modern + (h + h) + (2 * f + h) + h


@pytest.mark.parametrize("kind", ["pre-norm", "bert", "modernbert"])
def test_attention_is_dropped_out_in_training_alone(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rates, plain = [], torch.nn.functional.scaled_dot_product_attention

    def noted(*given: Any, **more: Any) -> torch.Tensor:
        rates.append(more.get("dropout_p", 0.0))
        return plain(*given, **more)

    if kind == "modernbert":
        model: Any = ModernBertForMaskedLM(ModernBertConfig(**SHAPE, **WHOLE_ROWS, attention_dropout=0.25))
    else:
        dropped = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.25}
        makers = {"bert": (BertConfig, BertForMaskedLM)}
        shape, made = makers.get(kind, (RobertaPreLayerNormConfig, RobertaPreLayerNormForMaskedLM))
        model = made(shape(**SHAPE, **dropped))
    monkeypatch.setattr("climb.base.last_layer.F.scaled_dot_product_attention", noted)
    ids = torch.randint(5, VOCABULARY, (2, LENGTH))
    for training, expected in ((True, 0.25), (False, 0.0)):
        rates.clear()
        TrainingModule(model.train(training), Plain())(ids, ids)
        assert rates[-1] == expected


def test_the_output_of_modernberts_attention_is_dropped_out() -> None:
    model = ModernBertForMaskedLM(ModernBertConfig(**SHAPE, **WHOLE_ROWS, attention_dropout=0.25)).train()
    module, calls = TrainingModule(model, Plain()), []
    model.model.layers[-1].attn.out_drop.register_forward_hook(lambda *given: calls.append(given))
    module(torch.full((2, LENGTH), 7), torch.full((2, LENGTH), 7))
    assert len(calls) == 1


def test_a_librarys_own_forward_is_put_back() -> None:
    model = tiny_model("bert")
    layer = model.bert.encoder.layer[-1]
    own = layer.forward = lambda *given, **more: type(layer).forward(layer, *given, **more)
    ids = torch.full((2, LENGTH), 7)
    TrainingModule(model, Plain())(ids, ids)
    assert layer.forward is own


def test_what_the_last_layer_cannot_do_is_left_to_the_model() -> None:
    decoder = BertForMaskedLM(BertConfig(**SHAPE, is_decoder=True))
    assert last_layer_of(decoder) is None
    relative = tiny_model("bert")
    relative.config.position_embedding_type = "relative_key"
    assert last_layer_of(relative) is None
    wrapped = tiny_model("modernbert")
    wrapped.model.layers[-1].attn.Wqkv = torch.nn.Sequential(wrapped.model.layers[-1].attn.Wqkv)
    assert last_layer_of(wrapped) is None


def test_a_mask_of_another_form_is_refused() -> None:
    layer: Any = last_layer_of(tiny_model("bert"))
    wanted = torch.ones(2, LENGTH, dtype=torch.bool)
    with layer.only_at(wanted), pytest.raises(ValueError, match="2 dimensions"):
        layer._layer.forward(torch.zeros(2, LENGTH, 24), torch.ones(2, LENGTH))


def test_a_last_layer_that_sees_a_window_is_left_alone() -> None:
    layers = {"layer_types": ["full_attention", "full_attention", "sliding_attention"]}
    model = ModernBertForMaskedLM(ModernBertConfig(**SHAPE, **layers))
    assert last_layer_of(model) is None
    assert weights_at_positions(model) == 0
