"""Self-scored curricula without a model: names, segments, whom a refresh scores and what becomes of the scores."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import percentileofscore, rankdata

from climb.base.errors import UserError
from climb.curricula import RunPlan, build
from climb.curricula.data import data_order
from climb.curricula.draws.epochs import passes
from climb.curricula.naming import curriculum_name, parse
from climb.curricula.preview import Preview
from climb.curricula.self_scoring import SelfScores, SelfScoring, percentiles

PLAN = RunPlan(40, 10)
NAME = "data_selfppl_linear:start=0.3,every=0.25,begin=random"


def scoring(**fields):
    return SelfScoring(**{"every": 0.25, "positions": 4, "subset": 1.0, "begin": "random", **fields})


@given(
    every=st.floats(0.001, 0.999),
    positions=st.just("all") | st.integers(1, 500).map(str),
    subset=st.floats(0.001, 1),
    begin=st.sampled_from(["ngram", "random", "equal"]),
    start=st.floats(0.1, 1),
    control=st.sampled_from(["", "random_", "reverse_"]),
)
def test_names_round_trip(every, positions, subset, begin, start, control):
    name = (
        f"{control}data_selfppl_log:every={every!r},start={start!r},begin={begin},subset={subset!r},"
        f"positions={positions},draw=epochs+vocab_linear"
    )
    specs = parse(name)
    assert parse(curriculum_name(specs)) == specs
    assert curriculum_name(parse(curriculum_name(specs))) == curriculum_name(specs)
    asked = None if positions == "all" else int(positions)
    assert SelfScoring.from_options(specs[0].options) == SelfScoring(every, asked, subset, begin)


def test_defaults_are_not_written():
    long = "data_selfppl_linear:every=6.25e-2,positions=04,subset=1.0,begin=ngram"
    assert curriculum_name(parse(long)) == "data_selfppl_linear"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("data_length_linear:every=0.1", "'every'"),
        ("data_selfppl_linear:hidden=unk", "there are: "),
        ("data_selfppl_linear:every=1", "no share above 0 and below 1"),
        ("data_selfppl_linear:every=nan", "every=nan"),
        ("data_selfppl_linear:subset=0", "no share above 0 and at most 1"),
        ("data_selfppl_linear:positions=0", "no number of tokens"),
        ("data_selfppl_linear:positions=1.5", "no number of tokens"),
        ("data_selfppl_linear:begin=ngramm", "did you mean ngram"),
        ("data_selfppl_linear:by=value", "by=value"),
        ("data_selfppl_sorted", "one sorted pass over an order that changes"),
        ("data_selfppl-length_linear", "let it stand alone"),
        ("matched_data_selfppl_linear", "random_ and reverse_"),
        ("matched_data_selfppl_linear+vocab_linear", "random_ and reverse_"),
    ],
)
def test_mistakes_are_refused_in_one_sentence(name, message):
    with pytest.raises(UserError, match=r"(?s)^[^\n]*$") as caught:
        parse(name)
    assert message in str(caught.value)


def test_climb_refreshes_fifteen_times():
    steps = scoring(every=0.0625).refresh_steps(400_000)
    assert steps.tolist() == list(range(25_000, 400_000, 25_000))


@given(st.floats(0.001, 0.999), st.integers(1, 300))
def test_refreshes_lie_inside_the_run_at_multiples_of_the_share(every, steps):
    borders = scoring(every=every).refresh_steps(steps)
    assert (np.diff(borders) > 0).all()
    assert all(0 < border < steps for border in borders)
    if every * steps > 1:
        naive = {round(k * every * steps) for k in range(1, 1001)}
        assert borders.tolist() == sorted(border for border in naive if border < steps)
    else:
        assert borders.tolist() == list(range(1, steps))


@given(st.integers(1, 200), st.floats(0.01, 0.99), st.integers(0, 3))
def test_parts_follow_each_other_through_all_blocks(size, subset, seed):
    share = max(1, round(subset * size))
    some = scoring(subset=subset)
    parts = [some.cohort(size, seed, refresh) for refresh in range(1, 2 * -(-size // share) + 2)]
    assert all(len(part) <= share and len(np.unique(part)) == len(part) for part in parts)
    assert len(parts[0]) == share
    one_pass = np.concatenate(parts[: -(-size // share)])
    assert set(one_pass.tolist()) == set(range(size))
    assert (some.cohort(size, seed, 1) == parts[0]).all()


def test_other_seeds_and_refreshes_score_other_blocks():
    some = scoring(subset=0.1)
    first = set(some.cohort(1000, 0, 1).tolist())
    assert not first & set(some.cohort(1000, 0, 2).tolist())
    assert len(first & set(some.cohort(1000, 1, 1).tolist())) < 30
    assert scoring().cohort(7, 0, 5).tolist() == list(range(7))


@given(st.integers(1, 20), st.integers(0, 2**32), st.integers(1, 9))
def test_positions_are_a_function_of_seed_refresh_and_block(positions, seed, refresh):
    scorable = np.random.default_rng(seed).random((12, 16)) < 0.5
    blocks = np.arange(100, 112)
    some = scoring(positions=positions)
    chosen = some.chosen(scorable, blocks, seed, refresh)
    assert (chosen <= scorable).all()
    assert (chosen.sum(axis=1) == np.minimum(scorable.sum(axis=1), positions)).all()
    for row in (0, 7):
        alone = some.chosen(scorable[row : row + 1], blocks[row : row + 1], seed, refresh)
        assert (alone[0] == chosen[row]).all()
    assert (scoring(positions=None).chosen(scorable, blocks, seed, refresh) == scorable).all()


def test_every_position_is_as_likely():
    chosen = scoring(positions=4).chosen(np.ones((20_000, 16), dtype=bool), np.arange(20_000), 0, 3)
    assert chosen.sum(axis=0) == pytest.approx(np.full(16, 5000), abs=5 * (20_000 * 0.25 * 0.75) ** 0.5)
    again = scoring(positions=4).chosen(np.ones((20_000, 16), dtype=bool), np.arange(20_000), 0, 4)
    assert (chosen & again).sum() / chosen.sum() == pytest.approx(0.25, abs=0.02)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=30))
def test_percentiles_are_those_of_scipy(scores):
    expected = [percentileofscore(scores, score, kind="mean") / 100 for score in scores]
    assert percentiles(np.array(scores)) == pytest.approx(expected)


def test_a_refresh_of_all_keeps_perplexities_and_of_some_percentiles():
    before = SelfScores(np.array([4, 3, 2, 1, 0], dtype=np.float32))
    perplexities = np.array([10.0, 40.0, 20.0, 30.0, 50.0])
    after = before.refreshed(np.arange(5), perplexities, whole=True)
    assert after.values.tolist() == perplexities.tolist()
    assert (after.refreshes, after.mean) == (1, 30.0)
    ranks = rankdata(before.values), rankdata(perplexities)
    assert after.correlation == pytest.approx(np.corrcoef(*ranks)[0, 1])
    some = after.refreshed(np.array([1, 3]), np.array([7.0, 6.0]), whole=False)
    assert some.values.tolist() == [10.0, 0.75, 20.0, 0.25, 50.0]
    assert some.described() == {"refresh": 2, "refresh_mean": 6.5, "refresh_correlation": pytest.approx(1.0)}
    assert before.values.tolist() == [4, 3, 2, 1, 0]


def test_a_correlation_that_is_none_is_left_out():
    scores = SelfScores(np.ones(3, dtype=np.float32)).refreshed(np.arange(3), np.array([1.0, 2.0, 3.0]), whole=True)
    assert scores.correlation is None
    assert scores.described() == {"refresh": 1, "refresh_mean": 2.0}
    assert SelfScores(np.ones(3, dtype=np.float32)).described() == {"refresh": 0}


def new_scores(samples, seed=0):
    perplexities = np.random.default_rng(seed).random(len(samples.scores.values)) + 1
    return samples.scores.refreshed(np.arange(len(perplexities)), perplexities, whole=True)


@pytest.mark.parametrize("control", ["", "random_", "reverse_"])
@pytest.mark.parametrize("draw", ["uniform", "weighted", "epochs"])
def test_each_segment_is_drawn_as_by_a_column_of_its_scores(corpus, control, draw):
    samples = build(f"{control}{NAME},draw={draw}", corpus, PLAN, 5)
    column = parse(f"{control}data_x_linear:start=0.3,draw={draw}")[0]
    assert samples.segments() == [range(0, 10), range(10, 20), range(20, 30), range(30, 40)]
    for segment in samples.segments():
        numbers = np.arange(segment.start * 10, segment.stop * 10)
        order = data_order(column, [samples.scores.values], PLAN, 5, np.array([10, 20, 30]))
        assert (samples.examples(numbers) == order.examples(numbers)).all()
        assert samples.record(segment.start)["refresh"] == samples.scores.refreshes
        if segment.stop < 40:
            samples.refresh(new_scores(samples, segment.start))
    with pytest.raises(ValueError, match="no refresh number 4"):
        samples.refresh(new_scores(samples))


def test_nothing_reads_past_the_end_of_a_segment(corpus):
    samples = build(NAME, corpus, PLAN, 0)
    samples.batch(range(90, 100))
    for numbers in (range(95, 105), [399]):
        with pytest.raises(IndexError, match="decide about the samples 0 to 99 alone"):
            samples.batch(numbers)
    samples.refresh(new_scores(samples))
    samples.batch(range(100, 200))
    with pytest.raises(IndexError, match="100 to 199"):
        samples.examples([99])


def test_before_a_run_all_of_it_can_be_foreseen(corpus):
    samples = build(NAME, corpus, PLAN, 0)
    first = samples.examples(range(100))
    samples.foresee()
    assert (samples.examples(range(100)) == first).all()
    assert samples.record(39)["data_unlocked"] == 1.0
    with pytest.raises(IndexError, match="0 to 399"):
        samples.examples([400])


def test_a_pickle_has_the_scores(corpus):
    samples = build(NAME, corpus, PLAN, 0)
    samples.refresh(new_scores(samples))
    again = pickle.loads(pickle.dumps(samples))
    assert (again.examples(range(100, 200)) == samples.examples(range(100, 200))).all()


def test_passes_end_with_a_segment():
    sizes = np.full(12, 7)
    starts, counts = passes(sizes, RunPlan(12, 2), [5, 10])
    assert (starts.tolist(), counts.tolist()) == ([0, 7, 10, 17, 20], [7] * 5)


def test_what_it_begins_with(corpus, monkeypatch):
    first = {begin: build(f"data_selfppl_linear:begin={begin}", corpus, PLAN, 3) for begin in ("random", "equal")}
    assert sorted(first["random"].scores.values.tolist()) == pytest.approx((np.arange(240) + 0.5) / 240)
    assert first["random"].record(0)["data_unlocked"] == pytest.approx(0.1)
    assert first["equal"].record(0)["data_unlocked"] == 1.0
    assert scoring(begin="equal", subset=0.5).first_scores(corpus, 0).values.tolist() == [0.5] * 240
    with pytest.raises(UserError, match=r"no n-gram perplexities to begin data_selfppl with.*begin=random"):
        build("data_selfppl_linear", corpus, PLAN, 0)
    with monkeypatch.context() as patch:
        patch.setitem(corpus.manifest.metrics, "selfppl", corpus.manifest.metrics["rarity"])
        with pytest.raises(UserError, match="under another name"):
            build("data_selfppl_linear:begin=random", corpus, PLAN, 0)
    monkeypatch.setitem(corpus.manifest.metrics, "ngram", corpus.manifest.metrics["rarity"])
    monkeypatch.setattr(type(corpus), "scores", lambda self, metric: np.arange(240, 0, -1, dtype=np.float32))
    assert build("data_selfppl_linear", corpus, PLAN, 0).scores.values.tolist() == list(range(240, 0, -1))
    halves = build("data_selfppl_linear:subset=0.5", corpus, PLAN, 0).scores.values
    assert halves == pytest.approx((np.arange(240, 0, -1) - 0.5) / 240)


def test_a_pool_that_ties_alone_make_large_enough_is_refused(corpus):
    with pytest.raises(UserError, match=r"opens 24 of 240 blocks at step 0, fewer than the batch of 30"):
        build("data_selfppl_linear:begin=equal", corpus, RunPlan(40, 30), 0)


def test_a_causal_model_masks_no_positions(corpus):
    build(NAME, corpus, PLAN, 0, "causal")
    for positions in ("all", "7", "4"):
        with pytest.raises(UserError, match=f"positions={positions} of .* scores all of them at once"):
            build(f"{NAME},positions={positions}", corpus, PLAN, 0, "causal")


def test_it_combines_with_everything(corpus):
    name = f"{NAME}+vocab_linear+mask_decay_linear+length_linear+batch_linear"
    samples = build(name, corpus, PLAN, 0)
    while True:
        segment = samples.segments()[samples.scores.refreshes]
        for step in segment:
            batch = samples.batch(samples.plan.numbers_of(step))
            assert len(np.unique(batch["numbers"])) == samples.record(step)["batch"]
        if segment.stop == 40:
            break
        samples.refresh(new_scores(samples))


def test_a_preview_shows_how_much_and_not_which(corpus):
    for given_corpus in (None, corpus):
        preview = Preview(NAME, PLAN, corpus=given_corpus)
        like = Preview("data_rarity_linear:start=0.3", PLAN, corpus=given_corpus)
        assert preview.curves()["data"] == pytest.approx(like.curves()["data"])
        assert preview.by_difficulty() is None
        assert preview.by_source() == {}
        with pytest.raises(UserError, match="the model decides"):
            preview.exposure()
