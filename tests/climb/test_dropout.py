"""The cheap mask is dropout: the right share, the right scale, independent elements, the same gradient."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from climb.dropout import CheapDropout, make_dropout_cheap


@pytest.mark.parametrize("p", [0.001, 0.1, 0.5, 0.9])
def test_share_and_scale(p: float) -> None:
    torch.manual_seed(1)
    n = 400_000
    out = CheapDropout(p)(torch.ones(n))
    kept = out[out != 0]
    dropped = 1 - len(kept) / n
    assert abs(dropped - p) < 5 * (p * (1 - p) / n) ** 0.5 + 2**-16
    assert torch.all(kept == kept[0])
    assert float(kept[0]) == pytest.approx(1 / (1 - p), rel=2e-4)


def test_every_place_of_a_word_is_alike() -> None:
    """A 64-bit draw holds four elements: a biased sign bit would show in one of four."""
    torch.manual_seed(2)
    n = 800_000
    places = (CheapDropout(0.25)(torch.ones(n)) == 0).view(-1, 4).float()
    assert torch.all((places.mean(0) - 0.25).abs() < 5 * (0.25 * 0.75 / (n / 4)) ** 0.5)
    correlation = torch.corrcoef(places.T) - torch.eye(4)
    assert correlation.abs().max() < 0.012


def test_gradient_is_the_mask() -> None:
    torch.manual_seed(3)
    values = torch.randn(7, 5, requires_grad=True)
    out = CheapDropout(0.3)(values)
    out.sum().backward()
    assert torch.allclose(values.grad * values, out)


def test_same_seed_same_mask_and_evaluation_is_the_identity() -> None:
    layer, values = CheapDropout(0.3), torch.randn(33)
    draws = []
    for _ in range(2):
        torch.manual_seed(4)
        draws.append(layer(values))
    assert torch.equal(draws[0], draws[1])
    assert torch.equal(layer.eval()(values), values)


@pytest.mark.parametrize(("p", "total"), [(0.0, 6.0), (1.0, 0.0)])
def test_extremes(p: float, total: float) -> None:
    assert float(CheapDropout(p)(torch.ones(6)).sum()) == total


def test_every_dropout_of_a_model_is_replaced_once() -> None:
    model = nn.Sequential(nn.Linear(2, 2), nn.Sequential(nn.Dropout(0.2), nn.Dropout2d(0.2)), nn.Dropout(0.4))
    before = model.state_dict().keys()
    make_dropout_cheap(model)
    kinds = [type(layer) for layer in model.modules() if isinstance(layer, nn.Dropout | nn.Dropout2d)]
    assert kinds == [CheapDropout, nn.Dropout2d, CheapDropout]
    assert [layer.p for layer in model.modules() if isinstance(layer, CheapDropout)] == [0.2, 0.4]
    assert model.state_dict().keys() == before
