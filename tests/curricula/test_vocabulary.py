"""Vocabulary curricula against CLIMB's published oracles (V = 8,192) and a naive rule."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from climb.base.tags import CLIMB_ID, CLIMB_TAGS, UD_TAGS, UD_TO_CLIMB
from climb.curricula.pacing_base import pacing_named
from climb.curricula.plan import RunPlan
from climb.curricula.token_order_base import frequency_ranks
from climb.curricula.vocabulary import VocabularyCurriculum

SIZE = 8192
PLAN = RunPlan(10, 4)


def lexicon(counts, tag_counts=None):
    spread = np.zeros((len(counts), 12), dtype=np.int64)
    spread[:, 0] = counts
    return {"count": np.asarray(counts), "tag_counts": spread if tag_counts is None else tag_counts}


def curriculum(what, share, counts=None, special=None, **options):
    """Constant pacing; counts fall with the id and ids 0-4 are special unless said otherwise."""
    counts = np.arange(SIZE, 0, -1) if counts is None else counts
    if special is None:
        special = np.arange(len(counts)) < 5
    pacing = pacing_named("constant", {"value": repr(share)})
    return VocabularyCurriculum(what, pacing, PLAN, lexicon(counts, **options), special)


def every_pair():
    """All 8,192 tokens with all 17 tags: tokens [17, V], upos [17, V]."""
    tokens = np.tile(np.arange(SIZE), (17, 1))
    return tokens, np.repeat(np.arange(17, dtype=np.uint8)[:, None], SIZE, axis=1)


def test_token_map_at_a_tenth_keeps_ranks_to_819():
    hidden = curriculum("token", 0.1).hidden(np.arange(SIZE)[None, :], None, [0])[0]
    assert np.flatnonzero(~hidden).tolist() == list(range(820))


def test_pos_map_at_a_tenth_keeps_exactly_nouns_and_verbs():
    tokens, upos = every_pair()
    hidden = curriculum("pos", 0.1).hidden(tokens, upos, np.zeros(17))
    for tag, name in enumerate(UD_TAGS):
        keeps = UD_TO_CLIMB[name] in ("NOUN", "VERB")
        assert hidden[tag, 5:].all() != keeps
        assert hidden[tag, 5:].any() != keeps


def test_combined_map_at_a_tenth_keeps_nouns_and_the_verbs_to_819():
    tokens, upos = every_pair()
    hidden = curriculum("pos_token", 0.1).hidden(tokens, upos, np.zeros(17))
    for tag, name in enumerate(UD_TAGS):
        kept = np.flatnonzero(~hidden[tag])
        last = {"NOUN": SIZE - 1, "VERB": 819}.get(UD_TO_CLIMB[name], 4)
        assert kept.tolist() == list(range(last + 1))


@pytest.mark.parametrize("what", ["token", "pos", "pos_token"])
def test_nothing_is_hidden_at_the_end(what):
    tokens, upos = every_pair()
    assert not curriculum(what, 1.0).hidden(tokens, upos, np.zeros(17)).any()


@pytest.mark.parametrize("what", ["token", "pos", "pos_token"])
def test_rows_of_the_end_are_open_beside_rows_of_the_beginning(what):
    """A batch may straddle the end of the ramp; X is the tag that CLIMB hides even then."""
    pacing = pacing_named("step", {"start": "0", "to": "0.5"})
    rule = VocabularyCurriculum(what, pacing, PLAN, lexicon(np.arange(SIZE, 0, -1)), np.arange(SIZE) < 5)
    tokens, upos = every_pair()
    first, last = np.arange(17) * 0, np.arange(17) * 0 + PLAN.total_samples - 1
    mixed = rule.hidden(np.vstack([tokens, tokens]), np.vstack([upos, upos]), np.append(first, last))
    assert mixed[:17].any()
    assert not mixed[17:].any()
    assert rule.describe(PLAN.steps - 1)["vocabulary_unlocked_types"] == 1.0


def test_what_lies_on_the_threshold_is_open():
    """CLIMB hides what is strictly greater: t > 11p, r + V·t > 11pV; p = 1/8 and V = 8 make the limit 11 exactly."""
    none = np.zeros(8, dtype=bool)
    tokens, upos = np.tile(np.arange(8), (17, 1)), np.repeat(np.arange(17, dtype=np.uint8)[:, None], 8, axis=1)
    tags = np.array([CLIMB_ID[UD_TO_CLIMB[name]] for name in UD_TAGS])
    counts = np.arange(8, 0, -1)
    hidden = curriculum("pos_token", 0.125, counts, none).hidden(tokens, upos, np.zeros(17))
    assert (hidden == (np.arange(8) + 8 * tags[:, None] > 11)).all()
    hidden = curriculum("pos", 0.0, counts, none).hidden(tokens, upos, np.zeros(17))
    assert (hidden == (tags > CLIMB_ID["NOUN"])[:, None]).all()


@pytest.mark.parametrize("what", ["token", "pos", "pos_token"])
def test_specials_are_never_hidden_wherever_their_ids_lie(what):
    special = np.zeros(SIZE, dtype=bool)
    special[[0, 17, 4000, 8191]] = True
    tokens, upos = every_pair()
    hidden = curriculum(what, 0.0, np.ones(SIZE, dtype=np.int64), special).hidden(tokens, upos, np.zeros(17))
    assert not hidden[:, special].any()
    assert hidden[:, ~special].any()


def test_ranks_follow_counts_and_ties_follow_ids():
    special = np.array([False, True, False, False, False, True])
    ranks = frequency_ranks(np.array([3, 0, 9, 3, 7, 100]), special)
    assert ranks.tolist() == [4, 0, 2, 5, 3, 1]


@given(st.data())
def test_against_a_naive_rule(data):
    size = 30
    counts = np.array(data.draw(st.lists(st.integers(0, 5), min_size=size, max_size=size)))
    what = data.draw(st.sampled_from(["token", "pos", "pos_token"]))
    start = data.draw(st.floats(0, 1))
    special = np.arange(size) % 9 == 8
    pacing = pacing_named("linear", {"start": repr(start), "from": "0"})
    rule = VocabularyCurriculum(what, pacing, PLAN, lexicon(counts), special)
    tokens = np.array(data.draw(st.lists(st.integers(0, size - 1), min_size=8, max_size=8))).reshape(2, 4)
    upos = np.array(data.draw(st.lists(st.integers(0, 16), min_size=8, max_size=8)), dtype=np.uint8).reshape(2, 4)
    numbers = data.draw(st.lists(st.integers(0, PLAN.total_samples - 1), min_size=2, max_size=2))
    order = sorted(range(size), key=lambda token: (not special[token], -counts[token], token))
    hidden = rule.hidden(tokens, upos, numbers)
    for row in range(2):
        share = float(pacing.value(numbers[row] // PLAN.batch_size, PLAN.steps))
        for column in range(4):
            token, tag = int(tokens[row, column]), CLIMB_ID[UD_TO_CLIMB[UD_TAGS[upos[row, column]]]]
            place = {"token": order.index(token), "pos": tag, "pos_token": order.index(token) + size * tag}[what]
            limit = {"token": share * size, "pos": 11 * share, "pos_token": 11 * share * size}[what]
            assert hidden[row, column] == (place > limit and share < 1 and not special[token])


def test_shares_open_are_counted_by_type_and_by_occurrence():
    """Token 5: 6 times NOUN, 2 times X; token 6: 2 times ADJ; token 7 never; specials do not count."""
    tags = np.zeros((8, 12), dtype=np.int64)
    tags[5, CLIMB_ID["NOUN"]], tags[5, CLIMB_ID["X"]], tags[6, CLIMB_ID["ADJ"]], tags[0, 11] = 6, 2, 2, 99
    counts = tags.sum(axis=1)
    record = curriculum("pos", 0.1, counts, tag_counts=tags).describe(0)
    assert record == {
        "vocabulary_pacing": 0.1,
        "vocabulary_unlocked_types": 0.5,
        "vocabulary_unlocked_occurrences": 0.6,
    }
    record = curriculum("token", 5 / 8, counts).describe(0)
    assert record["vocabulary_unlocked_types"] == 0.5
    assert record["vocabulary_unlocked_occurrences"] == 0.8


@pytest.mark.parametrize("what", ["token", "pos", "pos_token"])
def test_shares_open_agree_with_what_is_hidden(what):
    rng = np.random.default_rng(0)
    tokens = rng.integers(0, 200, size=(400, 20))
    upos = rng.integers(0, 17, size=tokens.shape).astype(np.uint8)
    tags = np.zeros((200, 12), dtype=np.int64)
    climb = np.array([CLIMB_TAGS.index(UD_TO_CLIMB[name]) for name in UD_TAGS])[upos]
    np.add.at(tags, (tokens, climb), 1)
    special = np.arange(200) < 5
    pacing = pacing_named("linear", {"start": "0", "from": "0", "to": "1"})
    rule = VocabularyCurriculum(what, pacing, PLAN, lexicon(tags.sum(axis=1), tags), special)
    for step in (0, 3, 6, 9):
        hidden = rule.hidden(tokens, upos, np.full(400, step * PLAN.batch_size))
        ordinary = ~special[tokens]
        shares = rule.describe(step)
        assert shares["vocabulary_unlocked_occurrences"] == pytest.approx((~hidden[ordinary]).mean())
        assert shares["vocabulary_unlocked_types"] == pytest.approx(len(set(tokens[ordinary & ~hidden])) / 195)


def test_a_rule_over_tags_without_tags_is_an_error():
    with pytest.raises(ValueError, match="needs the tags"):
        curriculum("pos", 0.5).hidden(np.zeros((1, 3), dtype=np.int64), None, [0])
