"""Plain cross-entropy and label smoothing, and their gradients, against plain torch written out."""

import pytest
import torch

from climb.losses.label_smoothing import LabelSmoothing
from climb.losses.plain import Plain
from climb.losses.token_loss import Predictions, TokenLoss
from climb.targets import IGNORED, pick_targets

BATCH, LENGTH, WIDTH, V = 3, 7, 5, 11


def draw(seed: int, targets: float = 0.4) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return hidden states, a head's weights and labels."""
    generator = torch.Generator().manual_seed(seed)
    hidden = torch.randn(BATCH, LENGTH, WIDTH, generator=generator, requires_grad=True)
    weights = torch.randn(V, WIDTH, generator=generator, requires_grad=True)
    labels = torch.randint(V, (BATCH, LENGTH), generator=generator)
    hide = torch.rand(BATCH, LENGTH, generator=generator) >= targets
    return hidden, weights, labels.masked_fill(hide, IGNORED)


def summed(loss: TokenLoss, rows: torch.Tensor, weights: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the loss at the output layer without bias."""
    return loss(Predictions(rows @ weights.T, rows, weights, None), targets)


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
    ("loss", "alpha"), [(Plain(), 0.0), (LabelSmoothing(0.1), 0.1), (LabelSmoothing(0.35), 0.35)]
)
@pytest.mark.parametrize("seed", range(3))
def test_value_and_gradients_equal_the_naive_sum(loss, alpha, seed):
    hidden, weights, labels = draw(seed)
    rows, targets = pick_targets(hidden, labels)
    ours = summed(loss, rows, weights, targets)
    ours.backward()
    found = hidden.grad.clone(), weights.grad.clone()
    hidden.grad = weights.grad = None
    expected = naive(hidden, weights, labels, alpha)
    expected.backward()
    assert ours.item() == pytest.approx(expected.item(), rel=1e-6)
    torch.testing.assert_close(found[0], hidden.grad, rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(found[1], weights.grad, rtol=1e-5, atol=1e-6)


def test_no_targets_give_zero_and_zero_gradients():
    hidden, weights, labels = draw(0)
    rows, targets = pick_targets(hidden, torch.full_like(labels, IGNORED))
    loss = summed(LabelSmoothing(0.1), rows, weights, targets)
    loss.backward()
    assert loss.item() == 0
    assert not hidden.grad.any()
    assert not weights.grad.any()


def test_the_sum_is_over_batches_whatever_their_split():
    hidden, weights, labels = draw(1)

    def of_part(some_hidden: torch.Tensor, some_labels: torch.Tensor) -> float:
        rows, targets = pick_targets(some_hidden, some_labels)
        return summed(LabelSmoothing(0.1), rows, weights, targets).item()

    parts = sum(of_part(hidden[row : row + 1], labels[row : row + 1]) for row in range(BATCH))
    assert parts == pytest.approx(of_part(hidden, labels), rel=1e-6)


def test_half_precision_logits_are_summed_in_float32():
    logits = torch.randn(2000, V, generator=torch.Generator().manual_seed(0)).bfloat16()
    targets = torch.zeros(2000, dtype=torch.int64)
    loss = Plain()(Predictions(logits, logits, logits, None), targets)
    assert loss.dtype == torch.float32
    expected = -logits.double().log_softmax(1)[:, 0].sum()
    assert float(loss) == pytest.approx(float(expected), rel=1e-5)
