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
    """Return 160 tokens in a class of more than two bags, one of ten of which one outweighs the rest, one of one."""
    rng = np.random.default_rng(0)
    class_of = np.where(np.arange(V) < 150, 0, 1)
    class_of[-1], class_of[:3] = 2, -1
    distributions = rng.dirichlet(np.ones(12), V)
    amounts = rng.uniform(0.1, 3, V)
    amounts[151] = 1e6
    return SyntaxClasses(class_of, np.arange(V) // 40, distributions, amounts, Cosine(), 0.5)


def arguments(seed: int) -> tuple[torch.Tensor, ...]:
    generator = torch.Generator().manual_seed(seed)
    shapes = ((9, WIDTH), (V, WIDTH), (V,))
    leaves = [torch.randn(*shape, generator=generator, dtype=torch.float64).requires_grad_() for shape in shapes]
    return (*leaves, torch.tensor([5, 159, 5, 151, 3, 149, 151, 5, 80]))


@pytest.mark.parametrize("entries", [2**21, 6])
def test_value_and_gradients(classes, entries, monkeypatch):
    monkeypatch.setattr(class_logits, "_ENTRIES", entries)
    features, weight, bias, targets = arguments(0)
    distinct = Distinct.of(targets, classes.row_of)
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
    assert classes.size == 4
    expected = torch.zeros(4, WIDTH, dtype=torch.float64)
    expected.index_add_(0, classes.class_of, values * classes.amount[:, None].double())
    torch.testing.assert_close(classes.sums(values), expected)
    assert not classes.amount[:3].any()


def test_distinct_tokens_stand_by_row():
    targets = torch.tensor([7, 3, 7, 9, 3, 7])
    row_of = torch.tensor([0, 0, 0, 4, 0, 0, 0, 1, 0, 4])
    distinct = Distinct.of(targets, row_of)
    assert distinct.tokens.tolist() == [7, 3, 9]
    assert torch.equal(distinct.tokens[distinct.place], targets)
    assert distinct.sums(torch.arange(6.0)[:, None]).squeeze(1).tolist() == [7.0, 5.0, 3.0]
    assert (distinct.rows.tolist(), distinct.row_starts.tolist()) == ([1, 4], [0, 1])
    assert torch.equal(distinct.rows[distinct.row_place], row_of[distinct.tokens])


def test_targets_of_a_kind_share_a_row_and_a_token_that_outweighs_its_class_leaves_it(classes):
    """Oracle: the definition over classes, token by token, in float64."""
    rows = classes.row_of[3:].tolist()
    assert rows[0] == rows[36] != rows[37] == rows[76]
    assert rows.count(rows[151 - 3]) == rows.count(rows[159 - 3]) == 1
    tokens = torch.arange(3, V)
    found = classes.dense_rows(tokens).double()
    assert torch.allclose(found.sum(dim=1), torch.ones(len(tokens), dtype=torch.float64), atol=1e-6)
    similarity = classes._target_side.double()[classes.row_of[tokens]] @ classes._class_side.double().T
    expected = classes.amount.double() * torch.exp(similarity / 0.5)[:, classes.class_of]
    expected.scatter_(1, tokens[:, None], 0.0)
    expected /= expected.sum(dim=1, keepdim=True)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-9)
