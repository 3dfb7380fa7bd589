"""The numbers of the report equal those computed by somebody else."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata, spearmanr

from climb.data_prep.report import correlations
from climb.data_prep.report.correlations import average_ranks, mean_percentiles, rank_correlations
from climb.data_prep.report.difficulty import bins, histogram_shares
from climb.data_prep.report.extremes import SHOWN, chosen_blocks
from climb.data_prep.report.unlocking import hint, openings
from climb.data_prep.report.zipf import FIRST, RARE, fitted_exponent, spaced_ranks
from tests.data_prep.report.conftest import Build
from tests.data_prep.report.test_whole import page_of


def test_rank_correlations_are_those_of_scipy(rng):
    base = rng.normal(size=500)
    scores = {
        "a": base,
        "b": -base + rng.normal(size=500),
        "tied": rng.integers(0, 4, 500).astype(float),
        "flat": np.ones(500),
    }
    matrix = rank_correlations(ranks_of(scores))
    for row in ("a", "b", "tied"):
        for column, name in enumerate(("a", "b", "tied")):
            assert matrix[row][column] == pytest.approx(spearmanr(scores[row], scores[name]).statistic, abs=1e-12)
    assert matrix["flat"] == [None] * 4
    assert matrix["a"][3] is None


def test_large_corpora_are_correlated_by_evenly_spaced_blocks(rng, monkeypatch):
    monkeypatch.setattr(correlations, "MOST_BLOCKS", 100)
    one, other = rng.normal(size=(2, 1000))
    found = rank_correlations(ranks_of({"one": one, "other": other}))["one"][1]
    assert found == pytest.approx(spearmanr(one[::10], other[::10]).statistic, abs=1e-12)


def test_the_matrix_on_the_page_is_the_matrix(build: Build, rng):
    metrics = {name: rng.normal(size=60).astype(np.float32) for name in ("one", "two", "three")}
    html = page_of(build(metrics=metrics))
    part = html[html.index("Rank correlations of the metrics") :]
    for name, values in metrics.items():
        row = re.search(rf'<th scope="row">{name}</th>((?:<td.*?</td>)+)', part)[1]
        shown = [float(text.replace("−", "-")) for text in re.findall(r">([^<>]*)</td>", row)]
        expected = [spearmanr(values, other).statistic for other in metrics.values()]
        assert shown == pytest.approx(expected, abs=0.0051)


def test_mean_percentiles_by_counting():
    scores = {"m": np.array([3.0, 1.0, 2.0, 2.0])}
    means = mean_percentiles(ranks_of(scores), np.array([0, 1, 0, 1]), [0, 1])
    # Ranks 4, 1, 2.5, 2.5 of 4; a percentile is (rank − ½) ÷ 4.
    assert means[0] == [pytest.approx((87.5 + 50) / 2)]
    assert means[1] == [pytest.approx((12.5 + 50) / 2)]


@given(st.lists(st.integers(-3, 3) | st.floats(-10, 10), min_size=1, max_size=60))
def test_openings_are_the_percentiles_of_the_curriculum(values):
    scores = np.array(values, dtype=np.float64)
    words = np.arange(len(scores)) + 1
    for opening in openings(scores, np.argsort(scores), words):
        # Interpolation inside the last bit can only lose the block at the percentile itself.
        limit = np.nextafter(np.percentile(scores, 100 * opening.percentile), np.inf)
        open_now = scores <= max(limit, opening.highest)
        assert opening.blocks == pytest.approx(open_now.mean())
        assert opening.words == pytest.approx(words[open_now].sum() / words.sum())


def test_ties_are_hinted_at():
    assert hint(openings(np.linspace(0, 1, 1000), np.arange(1000), np.ones(1000, dtype=int))) == ""
    words = hint(openings(np.repeat([1.0, 2.0], 500), np.arange(1000), np.ones(1000, dtype=int)))
    assert "at percentile 75 a data curriculum opens 100" not in words
    assert "at percentile 50" not in words
    assert "at percentile 10 a data curriculum opens 50" in words


def test_passages_are_the_extremes_and_the_middle_of_different_documents():
    chosen = chosen_blocks(np.arange(100), np.arange(100) // 2)
    assert chosen["easiest"] == [0, 2, 4, 6, 8]
    assert chosen["hardest"] == [99, 97, 95, 93, 91]
    assert chosen["median"][0] == 50
    assert len({block // 2 for block in chosen["median"]}) == SHOWN
    assert max(abs(block - 50) for block in chosen["median"]) <= 5


def test_passages_of_one_document_and_of_few_blocks():
    for size in (1, 2, 3, 7):
        chosen = chosen_blocks(np.arange(size), np.zeros(size, dtype=int))
        for blocks in chosen.values():
            assert len(blocks) == len(set(blocks)) == min(size, SHOWN)
    assert chosen["hardest"] == [6, 5, 4, 3, 2]


def ranks_of(scores: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {name: average_ranks(values) for name, values in scores.items()}


@given(st.lists(st.integers(-3, 3) | st.floats(-10, 10), min_size=1, max_size=60))
def test_ranks_are_those_of_scipy(values):
    assert average_ranks(np.array(values, dtype=np.float64)).tolist() == rankdata(values).tolist()


@pytest.mark.parametrize("exponent", [0.8, 1.0, 1.3])
def test_the_exponent_of_a_power_law(exponent: float):
    counts = np.round(1e8 / np.arange(1, 5_000) ** exponent).astype(np.int64)
    found, level, last = fitted_exponent(counts)
    assert found == pytest.approx(exponent, abs=0.002)
    assert np.exp(level) == pytest.approx(1e8, rel=0.02)
    assert last == (counts >= RARE).sum()


def test_too_few_words_have_no_exponent():
    assert fitted_exponent(np.array([100, 50, 20, 3])) is None
    assert fitted_exponent(np.zeros(0, dtype=np.int64)) is None


def test_ranks_are_whole_rising_and_reach_both_ends():
    ranks = spaced_ranks(FIRST, 4_321)
    assert ranks[0] == FIRST
    assert ranks[-1] == 4_321
    assert ranks == sorted(set(ranks))


def test_histograms_lose_nothing(rng):
    for values in (rng.normal(size=3000), rng.integers(0, 7, 3000) * 1.0, np.exp(3 * rng.normal(size=3000))):
        edges, log = bins(values, "words")
        shares = histogram_shares(values.astype(np.float32), edges)
        assert sum(shares) == pytest.approx(1, abs=1e-3)
        assert log == (values.min() > 0)
    edges, _ = bins(np.array([2.0, 2.0, 5.0]), "rank")
    assert np.diff(edges).tolist() == [1.0] * (len(edges) - 1)
    assert set(edges % 1) == {0.5}


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(5)
