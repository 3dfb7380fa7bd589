"""The hand-written gradients against finite differences; classes larger than a bag, and rows made in parts."""

import numpy as np
import pytest
import torch

from climb.losses import class_logits
from climb.losses.class_logits import Distinct, expected_logits
from climb.losses.similarity import Cosine
from climb.losses.syntax_classes import SyntaxClasses

V, WIDTH = 160, 3


@pytest.fixture
def classes() -> SyntaxClasses:
    """Return 160 tokens in three classes, one of them of more than two bags and one of a single token."""
    rng = np.random.default_rng(0)
    class_of = np.where(np.arange(V) < 150, 0, 1)
    class_of[-1], class_of[:3] = 2, -1
    distributions = rng.dirichlet(np.ones(12), V)
    return SyntaxClasses(class_of, distributions, rng.uniform(0.1, 3, V), Cosine(), 0.5)


def arguments(seed: int) -> tuple[torch.Tensor, ...]:
    generator = torch.Generator().manual_seed(seed)
    shapes = ((9, WIDTH), (V, WIDTH), (V,))
    leaves = [torch.randn(*shape, generator=generator, dtype=torch.float64).requires_grad_() for shape in shapes]
    return (*leaves, torch.tensor([5, 159, 5, 151, 3, 149, 151, 5, 80]))


@pytest.mark.parametrize("entries", [2**21, 6])
def test_value_and_gradients(classes, entries, monkeypatch):
    monkeypatch.setattr(class_logits, "_ENTRIES", entries)
    features, weight, bias, targets = arguments(0)
    distinct = Distinct.of(targets)
    strength = torch.rand(len(distinct.tokens), generator=torch.Generator().manual_seed(1), dtype=torch.float64)

    def value(features, weight, bias):
        return expected_logits(features, weight, bias, strength, classes, distinct)

    logits = features @ weight.T + bias
    rows = classes.dense_rows(targets).double()
    gained = (rows * logits).sum(dim=1) - logits.gather(1, targets[:, None]).squeeze(1)
    assert value(features, weight, bias).item() == pytest.approx((strength[distinct.place] * gained).sum().item())
    assert torch.autograd.gradcheck(value, (features, weight, bias))


def test_sums_over_classes(classes):
    values = torch.randn(V, WIDTH, dtype=torch.float64)
    expected = torch.zeros(3, WIDTH, dtype=torch.float64)
    expected.index_add_(0, classes.class_of, values * classes.amount[:, None].double())
    torch.testing.assert_close(classes.sums(values), expected)
    assert not classes.amount[:3].any()


def test_distinct_tokens():
    targets = torch.tensor([7, 3, 7, 9, 3, 7])
    distinct = Distinct.of(targets)
    assert distinct.tokens.tolist() == [3, 7, 9]
    assert torch.equal(distinct.tokens[distinct.place], targets)
    assert distinct.sums(torch.arange(6.0)[:, None]).squeeze(1).tolist() == [5.0, 7.0, 3.0]
