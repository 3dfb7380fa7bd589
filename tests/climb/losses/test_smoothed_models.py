"""The loss inside whole models, tied and untied, masked and causal: every gradient against the dense definition."""

from typing import Any

import numpy as np
import pytest
import torch

from climb.config import SyntaxConfig
from climb.losses.syntactic_smoothing import SyntacticSmoothing
from climb.models import build_model
from climb.options import train_config
from climb.training_module import TrainingModule
from tests.climb.losses.lexicons import SPECIALS, naive_rows, random_lexicon, specials

V, LENGTH, MASS = 60, 8, 0.3
SHAPE = {
    "model.hidden_size": 16,
    "model.layers": 2,
    "model.heads": 2,
    "model.intermediate_size": 24,
    "model.max_positions": 16,
}


class Tokenizer:
    """As many tokens as the lexicon has."""

    pad_token_id, bos_token_id, eos_token_id = 1, 2, 3

    def __len__(self) -> int:
        return V


def made(preset: str, tied: bool) -> tuple[Any, torch.Tensor, torch.Tensor]:
    """Return a model, the tokens of a batch and its labels; of a causal model the tokens that come next."""
    config = train_config(model=preset, **SHAPE, **{"model.tie_embeddings": tied, "model.dropout": 0.0}).model
    tokenizer: Any = Tokenizer()
    model = build_model(config, tokenizer, LENGTH, 0)
    with torch.no_grad():  # the initial weights are so small that all logits are nearly the same
        for parameter in model.parameters():
            parameter.mul_(5.0 if parameter.ndim > 1 else 1.0)
    ids = torch.randint(SPECIALS, V, (6, LENGTH + 1), generator=torch.Generator().manual_seed(0))
    if preset.startswith("causal"):
        return model, ids[:, :-1], ids[:, 1:]
    hidden = torch.rand(6, LENGTH, generator=torch.Generator().manual_seed(1)) < 0.5
    return model, ids[:, 1:].masked_fill(hidden, 0), ids[:, 1:].masked_fill(~hidden, -100)


def gradients(model: Any) -> dict[str, torch.Tensor]:
    # An untied RoBERTa has a bias that it never uses, which is frozen.
    found = {name: one.grad.double().clone() for name, one in model.named_parameters() if one.grad is not None}
    model.zero_grad(set_to_none=True)
    return found


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("preset", ["masked-laptop", "causal-laptop"])
def test_every_gradient_is_that_of_the_dense_definition(preset: str, tied: bool) -> None:
    model, ids, labels = made(preset, tied)
    lexicon = random_lexicon(V)
    options = SyntaxConfig(true_mass=MASS, error=0.0)
    loss = SyntacticSmoothing.from_lexicon(options, lexicon, specials(V), 1)
    summed = TrainingModule(model, loss)(ids, labels)
    summed.backward()
    ours = gradients(model)
    rows = naive_rows(lexicon, "cosine", 0.025)
    dense = torch.from_numpy(MASS * np.eye(V) + (1 - MASS) * rows)[labels[labels != -100]]
    logits = model(input_ids=ids).logits[labels != -100]
    expected = -(dense * logits.double().log_softmax(dim=1)).sum()
    expected.backward()
    assert summed.item() == pytest.approx(expected.item(), rel=1e-5)
    dense_ones = gradients(model)
    assert dense_ones.keys() == ours.keys()
    for name, theirs in dense_ones.items():
        torch.testing.assert_close(ours[name], theirs, rtol=1e-3, atol=1e-5 * float(theirs.abs().max()) + 1e-5)


def test_bf16_is_near() -> None:
    model, ids, labels = made("masked-laptop", True)
    loss = SyntacticSmoothing.from_lexicon(SyntaxConfig(true_mass=MASS), random_lexicon(V), specials(V), 1)
    module = TrainingModule(model, loss)
    exact = module(ids, labels)
    exact.backward()
    whole = gradients(model)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        rounded = module(ids, labels)
    assert rounded.dtype == torch.float32
    rounded.backward()
    assert rounded.item() == pytest.approx(exact.item(), rel=0.01)
    near = gradients(model)
    difference = sum(float((near[name] - whole[name]).square().sum()) for name in whole) ** 0.5
    assert 0 < difference < 0.03 * sum(float(one.square().sum()) for one in whole.values()) ** 0.5
