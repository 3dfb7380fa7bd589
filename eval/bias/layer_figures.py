"""From the sums of hidden states to figures per layer, each with its uncertainty over passages.

Mean cosine: bootstrap over passages (1,000 draws). A passage drawn w times enters with weight w, and the pairs of a
token with its own copies are left out, so that resampling does not raise the mean:
(‖Σ w_p S_p‖² − Σ w_p² q_p) / ((Σ w_p n_p)² − Σ w_p² n_p), S_p the sum of a passage's unit vectors, q_p of their
squared lengths, n_p its tokens. What depends on the covariance: jackknife over tenths of the passages, because one
second moment per passage would not fit into memory.
"""

from __future__ import annotations

import math

import numpy as np

from climb.base.random_bits import RandomBits
from climb.eval.bias.hidden_sums import HiddenSums
from climb.eval.bias.isotropy import covariance, isoscore, leading_shares, mean_cosine
from climb.eval.bias.statistics import CONFIDENCE, DRAWS
from climb.eval.requests import Floats
from climb.eval.results import Figure

COMPONENTS = (1, 10)
_AT_ONCE = 50
_NORMAL = 1.959963984540054


def cosine_figures(sums: HiddenSums, seed: int) -> tuple[list[Figure], Figure]:
    """Return the mean cosine of every layer, and its mean over the layers above the embeddings."""
    count = int(sums.counts.sum())
    values = np.array(
        [
            mean_cosine(sums.unit_sums[:, layer].sum(axis=0), float(sums.unit_squares[:, layer].sum()), count)
            for layer in range(sums.unit_sums.shape[1])
        ]
    )
    drawn = _bootstrap(sums, seed)
    layers = [_figure(float(value), drawn[:, layer], count) for layer, value in enumerate(values)]
    return layers, _figure(float(_above(values).mean()), _above(drawn.T).mean(axis=0), count)


def _above(values: Floats) -> Floats:
    """Return the values of the layers above the embeddings, or of these where a model has nothing else."""
    return values[1:] if len(values) > 1 else values


def _bootstrap(sums: HiddenSums, seed: int) -> Floats:
    """Return the mean cosine of every layer in every draw of passages, [B, L]."""
    passages, layers, width = sums.unit_sums.shape
    bits = RandomBits(seed, "bootstrap/passages")
    flat, sizes = sums.unit_sums.reshape(passages, -1), sums.counts.astype(np.float64)
    parts = []
    for first in range(0, DRAWS, _AT_ONCE):
        draws = np.arange(first, min(first + _AT_ONCE, DRAWS))
        chosen = bits.below(passages, draws[:, None], np.arange(passages))
        weights = np.stack([np.bincount(row, minlength=passages) for row in chosen]).astype(np.float64)
        total = (weights @ flat).reshape(len(draws), layers, width)
        pairs = (weights @ sizes) ** 2 - np.square(weights) @ sizes
        above = np.square(total).sum(axis=2) - np.square(weights) @ sums.unit_squares
        parts.append(above / np.where(pairs > 0, pairs, np.nan)[:, None])
    return np.concatenate(parts)


def _figure(value: float, drawn: Floats, count: int) -> Figure:
    known = drawn[np.isfinite(drawn)]
    # With one passage every draw is the same, which says nothing about the error.
    if len(known) < 2 or known.max() == known.min():
        return Figure(value=value, standard_error=None, count=count)
    low, high = (float(bound) for bound in np.percentile(known, CONFIDENCE))
    return Figure(value=value, standard_error=float(known.std(ddof=1)), count=count, interval=(low, high))


def spread_figures(sums: HiddenSums) -> dict[str, tuple[list[Figure], Figure]]:
    """Return IsoScore and the first components' share of variance: per layer, and the mean above the embeddings."""
    names = ["isoscore", *(f"variance_first_{k}" for k in COMPONENTS)]
    counts = sums.fold_counts
    total, moments = sums.totals.sum(axis=0), sums.moments.sum(axis=0)
    whole = _measures(total, moments, int(counts.sum()))
    left_out = [
        _measures(total - sums.totals[fold], moments - sums.moments[fold], int(counts.sum() - counts[fold]))
        for fold in range(len(counts))
        if counts[fold] and counts[fold] < counts.sum()
    ]
    parts = np.stack(left_out) if left_out else np.zeros((0, *whole.shape))
    count = int(counts.sum())
    return {
        name: (
            [_jackknifed(float(whole[layer, k]), parts[:, layer, k], count) for layer in range(len(whole))],
            _jackknifed(float(_above(whole[:, k]).mean()), _above(parts[:, :, k].T).mean(axis=0), count),
        )
        for k, name in enumerate(names)
    }


def _measures(total: Floats, moments: Floats, count: int) -> Floats:
    """Return IsoScore and the shares of every layer, [L, 1 + components], from Σ x [L, d] and Σ x xᵀ [L, d, d]."""
    spreads = [covariance(one, other, count) for one, other in zip(total, moments, strict=True)]
    return np.array([[isoscore(spread), *leading_shares(spread, COMPONENTS)] for spread in spreads])


def _jackknifed(value: float, left_out: Floats, count: int) -> Figure:
    """Return a figure with error and normal interval of a jackknife over groups (Efron & Tibshirani 1993, ch. 11)."""
    groups = len(left_out)
    if groups < 2 or not np.isfinite(left_out).all():
        return Figure(value=value, standard_error=None, count=count)
    error = math.sqrt((groups - 1) / groups * float(np.square(left_out - left_out.mean()).sum()))
    return Figure(
        value=value,
        standard_error=error,
        count=count,
        interval=(value - _NORMAL * error, value + _NORMAL * error),
    )
