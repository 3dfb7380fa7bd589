import math

import numpy as np
import pytest

from climb.eval.bias.isotropy import covariance, isoscore, leading_shares, mean_cosine

RNG = np.random.default_rng(1)


def closed(vectors):
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    units = vectors / np.where(norms > 0, norms, 1)
    return mean_cosine(units.sum(axis=0), float((units**2).sum()), len(vectors))


def naive(vectors):
    total = 0.0
    for i, one in enumerate(vectors):
        for j, other in enumerate(vectors):
            length = np.linalg.norm(one) * np.linalg.norm(other)
            if i != j and length > 0:
                total += one @ other / length
    return total / (len(vectors) * (len(vectors) - 1))


def test_the_closed_form_is_the_double_loop():
    for shift in (0.0, 3.0):
        vectors = RNG.normal(size=(40, 7)) + shift
        assert closed(vectors) == pytest.approx(naive(vectors), abs=1e-12)
    vectors[5] = 0
    assert closed(vectors) == pytest.approx(naive(vectors), abs=1e-12)


def test_known_expectations():
    assert closed(np.tile(RNG.normal(size=9), (30, 1))) == pytest.approx(1.0)
    assert math.isnan(closed(RNG.normal(size=(1, 5))))
    # Isotropic Gaussians: every pair has cosine 0 on average, and the mean over n(n−1)/2 pairs varies by 1/(n d^½).
    n, d = 2000, 50
    assert abs(closed(RNG.normal(size=(n, d)))) < 5 * math.sqrt(2 / d) / n
    # A common mean of length m on unit-variance Gaussians of many dimensions: m² / (m² + d).
    m = 5.0
    shifted = RNG.normal(size=(n, 400)) + m / 20
    assert closed(shifted) == pytest.approx(m**2 / (m**2 + 400), abs=0.005)


def published_isoscore(points):
    """Rudman et al. 2022, algorithm 1, step by step."""
    d = points.shape[1]
    centred = points - points.mean(axis=0)
    turned = centred @ np.linalg.svd(centred, full_matrices=False)[2].T
    variances = turned.var(axis=0)
    normalised = math.sqrt(d) * variances / np.linalg.norm(variances)
    defect = np.linalg.norm(normalised - np.ones(d)) / math.sqrt(2 * (d - math.sqrt(d)))
    used = (d - defect**2 * (d - math.sqrt(d))) ** 2 / d**2
    return (d * used - 1) / (d - 1)


def spread_of(points):
    return covariance(points.sum(axis=0), points.T @ points, len(points))


def test_isoscore_is_the_published_one():
    for scale in (np.ones(6), np.arange(1, 7), np.array([9, 1e-3, 1e-3, 1, 2, 0.5])):
        points = RNG.normal(size=(80, 6)) * scale + 2
        assert isoscore(spread_of(points)) == pytest.approx(published_isoscore(points), abs=1e-10)


@pytest.mark.parametrize("used", [1, 2, 5, 8])
def test_isoscore_counts_the_directions_in_use(used):
    assert isoscore(np.diag([1.0] * used + [0.0] * (8 - used))) == pytest.approx((used - 1) / 7, abs=1e-12)


def test_isoscore_of_nothing_is_unknown():
    assert math.isnan(isoscore(np.zeros((3, 3))))


def test_leading_shares():
    turn = np.linalg.qr(RNG.normal(size=(4, 4)))[0]
    spread = turn @ np.diag([1.0, 6.0, 2.0, 1.0]) @ turn.T
    assert leading_shares(spread, (1, 2, 10)) == pytest.approx([0.6, 0.8, 1.0])


def test_covariance():
    points = RNG.normal(size=(30, 3)) + 5
    assert np.allclose(spread_of(points), np.cov(points.T, bias=True))
