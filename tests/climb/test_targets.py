"""Picking targets is indexing, with the same gradients."""

import torch
from hypothesis import given
from hypothesis import strategies as st

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
