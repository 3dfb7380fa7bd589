"""The last layer at targets only gives what the whole layer gives, values and gradients."""

import pytest
import torch
from transformers import RobertaPreLayerNormConfig, RobertaPreLayerNormForMaskedLM

from climb.losses.plain import Plain
from climb.targets import IGNORED
from climb.training_module import TrainingModule

BATCH, LENGTH, VOCABULARY = 5, 11, 40


def tiny_model(attention: str = "sdpa") -> RobertaPreLayerNormForMaskedLM:
    torch.manual_seed(0)
    shape = RobertaPreLayerNormConfig(
        vocab_size=VOCABULARY, hidden_size=24, num_hidden_layers=3, num_attention_heads=3, intermediate_size=40,
        max_position_embeddings=20, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, pad_token_id=1,
        initializer_range=0.3, attn_implementation=attention,
    )  # fmt: skip
    return RobertaPreLayerNormForMaskedLM(shape).double().train()


def gradients(model: torch.nn.Module, loss: torch.Tensor) -> dict[str, torch.Tensor]:
    model.zero_grad()
    loss.backward()
    return {
        name: parameter.grad.clone() for name, parameter in model.named_parameters() if parameter.grad is not None
    }


@pytest.mark.parametrize("attention", ["sdpa", "eager"])
@pytest.mark.parametrize("rate", [0.0, 0.1, 0.5, 1.0])
@pytest.mark.parametrize("padded", [False, True])
def test_same_loss_and_gradients_as_the_whole_forward_pass(attention: str, rate: float, padded: bool) -> None:
    torch.manual_seed(1)
    ids = torch.randint(5, VOCABULARY, (BATCH, LENGTH))
    labels = torch.where(torch.rand(BATCH, LENGTH) < rate, ids, torch.full_like(ids, IGNORED))
    mask = None
    if padded:
        lengths = torch.tensor([LENGTH, 3, 7, 1, 9])
        mask = (torch.arange(LENGTH)[None] < lengths[:, None]).long()
        ids, labels = ids.where(mask.bool(), 1), labels.where(mask.bool(), IGNORED)
    model = tiny_model(attention)
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


def test_outside_of_training_the_model_is_untouched() -> None:
    model = tiny_model().eval()
    ids = torch.randint(5, VOCABULARY, (2, LENGTH))
    before = model(input_ids=ids).logits
    module = TrainingModule(model, Plain())
    module(ids, ids)
    assert torch.equal(model(input_ids=ids).logits, before)
