"""Losses and their gradients against plain torch written out."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from climb.config import LossConfig
from climb.losses import IGNORED, pick_targets, summed_loss

BATCH, LENGTH, WIDTH, V = 3, 7, 5, 11


def draw(seed: int, targets: float = 0.4) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return hidden states, a head's weights and labels."""
    generator = torch.Generator().manual_seed(seed)
    hidden = torch.randn(BATCH, LENGTH, WIDTH, generator=generator, requires_grad=True)
    weights = torch.randn(V, WIDTH, generator=generator, requires_grad=True)
    labels = torch.randint(V, (BATCH, LENGTH), generator=generator)
    hide = torch.rand(BATCH, LENGTH, generator=generator) >= targets
    return hidden, weights, labels.masked_fill(hide, IGNORED)


def naive(hidden: torch.Tensor, weights: torch.Tensor, labels: torch.Tensor, alpha: float) -> torch.Tensor:
    """Sum over targets of −(1 − α) log p(true) − α/V Σ log p(any), position by position, float64."""
    total = torch.zeros((), dtype=torch.float64)
    for row in range(BATCH):
        for place in range(LENGTH):
            target = int(labels[row, place])
            if target != IGNORED:
                scores = weights.double() @ hidden[row, place].double()
                log_p = scores - scores.exp().sum().log()
                total = total - (1 - alpha) * log_p[target] - alpha * log_p.mean()
    return total


@pytest.mark.parametrize(
    ("config", "alpha"),
    [
        (LossConfig(), 0.0),
        (LossConfig(name="label_smoothing"), 0.1),
        (LossConfig(name="label_smoothing", smoothing=0.35), 0.35),
        (LossConfig(name="plain", smoothing=0.35), 0.0),
    ],
)
@pytest.mark.parametrize("seed", range(3))
def test_value_and_gradients_equal_the_naive_sum(config, alpha, seed):
    hidden, weights, labels = draw(seed)
    rows, targets = pick_targets(hidden, labels)
    ours = summed_loss(rows @ weights.T, targets, config)
    ours.backward()
    found = hidden.grad.clone(), weights.grad.clone()
    hidden.grad = weights.grad = None
    expected = naive(hidden, weights, labels, alpha)
    expected.backward()
    assert ours.item() == pytest.approx(expected.item(), rel=1e-6)
    torch.testing.assert_close(found[0], hidden.grad, rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(found[1], weights.grad, rtol=1e-5, atol=1e-6)


@given(st.integers(0, 10**6), st.floats(0, 1))
def test_picking_is_indexing(seed, share):
    hidden, _, labels = draw(seed, share)
    rows, targets = pick_targets(hidden, labels)
    chosen = labels != IGNORED
    assert torch.equal(rows, hidden[chosen])
    assert torch.equal(targets, labels[chosen])
    weight = torch.arange(1.0, rows.numel() + 1).reshape(rows.shape)
    (rows * weight).sum().backward()
    found = hidden.grad.clone()
    hidden.grad = None
    (hidden[chosen] * weight).sum().backward()
    assert torch.equal(found, hidden.grad if hidden.grad is not None else torch.zeros_like(found))


def test_no_targets_give_zero_and_zero_gradients():
    hidden, weights, labels = draw(0)
    rows, targets = pick_targets(hidden, torch.full_like(labels, IGNORED))
    loss = summed_loss(rows @ weights.T, targets, LossConfig(name="label_smoothing"))
    loss.backward()
    assert loss.item() == 0
    assert not hidden.grad.any()
    assert not weights.grad.any()


def test_the_sum_is_over_batches_whatever_their_split():
    hidden, weights, labels = draw(1)
    config = LossConfig(name="label_smoothing")

    def loss(some_hidden: torch.Tensor, some_labels: torch.Tensor) -> float:
        rows, targets = pick_targets(some_hidden, some_labels)
        return summed_loss(rows @ weights.T, targets, config).item()

    parts = sum(loss(hidden[row : row + 1], labels[row : row + 1]) for row in range(BATCH))
    assert parts == pytest.approx(loss(hidden, labels), rel=1e-6)


def test_half_precision_logits_are_summed_in_float32():
    logits = torch.randn(2000, V, generator=torch.Generator().manual_seed(0)).bfloat16()
    targets = torch.zeros(2000, dtype=torch.int64)
    loss = summed_loss(logits, targets, LossConfig())
    assert loss.dtype == torch.float32
    expected = -logits.double().log_softmax(1)[:, 0].sum()
    assert float(loss) == pytest.approx(float(expected), rel=1e-5)
