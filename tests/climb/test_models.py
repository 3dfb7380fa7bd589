"""Which model a shape stands for."""

import sys
from types import SimpleNamespace

import pytest
import torch
from transformers import LlamaForCausalLM, ModernBertForMaskedLM, RobertaPreLayerNormForMaskedLM

from climb.base.errors import UserError
from climb.estimates import parameter_count
from climb.models import build_model
from climb.options import train_config


class Tokenizer(SimpleNamespace):
    """A hundred tokens, specials first."""

    def __len__(self) -> int:
        return 100


def build(preset: str, seed: int = 0, **shape):
    config = train_config(model={"preset": preset, "hidden_size": 32, "layers": 2, "heads": 2, **shape}).model
    return build_model(config, Tokenizer(pad_token_id=1, bos_token_id=3, eos_token_id=4), 16, seed)


@pytest.mark.parametrize(
    ("preset", "architecture", "kind"),
    [
        ("masked-laptop", None, RobertaPreLayerNormForMaskedLM),
        ("masked-laptop", "roberta", RobertaPreLayerNormForMaskedLM),
        ("masked-laptop", "modernbert", ModernBertForMaskedLM),
        ("modernbert-laptop", None, RobertaPreLayerNormForMaskedLM),
        ("causal-laptop", None, LlamaForCausalLM),
    ],
)
def test_the_architecture_is_that_of_the_setting(preset, architecture, kind):
    assert type(build(preset, architecture=architecture)) is kind


def test_a_modernbert_by_hand():
    """Two layers of width h and inner width f: 4h² + 3hf weights each, no biases but the decoder's; norms of h.

    The first layer has no norm before its attention: that of the embeddings stands there.
    """
    h, f, v = 32, 64, 100
    built = build("modernbert-laptop", intermediate_size=f)
    layers = 2 * (4 * h * h + 3 * h * f) + (2 * 2 - 1) * h
    assert parameter_count(built) == v * h + h + layers + h + (h * h + h) + v
    assert built.config.layer_types == ["full_attention"] * 2


@pytest.mark.parametrize("preset", ["masked-laptop", "modernbert-laptop", "causal-laptop"])
def test_weights_follow_the_seed_alone(preset):
    torch.manual_seed(1)
    one = build(preset, seed=3)
    torch.manual_seed(2)
    again, other = build(preset, seed=3), build(preset, seed=4)
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), again.parameters(), strict=True))
    assert not all(torch.equal(a, b) for a, b in zip(one.parameters(), other.parameters(), strict=True))


def test_a_transformers_that_is_too_old_is_said(monkeypatch):
    build("modernbert-laptop")
    monkeypatch.setattr(sys.modules["transformers"], "__version__", "5.16.1")  # it replaces itself while it is loaded
    with pytest.raises(UserError, match=r"modernbert needs transformers 5\.17 or newer, not 5\.16\.1"):
        build("modernbert-laptop")
