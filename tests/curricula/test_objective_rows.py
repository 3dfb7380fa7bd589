"""What each objective shows and asks, against the tokens and tags of the corpus."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from climb.base.errors import UserError
from climb.base.tags import CLIMB_ID_OF_UD, CLIMB_TAGS
from climb.curricula import RunPlan, build
from climb.curricula.dataset import SampleDataset, collate, collate_for_model
from tests.corpus_fixture import MASK, SPECIALS, UNK

PLAN = RunPlan(steps=60, batch_size=10)
ALL = range(PLAN.total_samples)


def asked(corpus, name, numbers=ALL, model="masked", **options):
    """Return {unit: rows} and the tokens and CLIMB tags of the blocks."""
    batch = build(name, corpus, PLAN, 7, model, **options).batch(numbers)
    examples = batch["examples"]
    return batch["objectives"], corpus.train.tokens(examples), CLIMB_ID_OF_UD[corpus.train.upos(examples)]


def classes(tags, listed):
    return np.array([listed.index(CLIMB_TAGS[tag]) + 1 if CLIMB_TAGS[tag] in listed else 0 for tag in tags.ravel()])


@pytest.mark.parametrize("pack", ["corpus", "lines_corpus"])
def test_mlm_alone_is_the_run_without_objectives(pack, request):
    corpus = request.getfixturevalue(pack)
    rows = asked(corpus, "objective_mlm+vocab_linear")[0]["mlm"]
    plain = build("vocab_linear", corpus, PLAN, 7).batch(ALL)
    for name in rows:
        assert (rows[name] == plain[name]).all()
    assert ("attention_mask" in rows) == (pack == "lines_corpus")


@pytest.mark.parametrize("model", ["masked", "causal"])
def test_clm_asks_the_next_token_of_either_model(lines_corpus, model):
    rows = asked(lines_corpus, "objective_clm", model=model)[0]["clm"]
    plain = build("none", lines_corpus, PLAN, 7, "causal").batch(ALL)
    for name in ("input_ids", "labels", "attention_mask"):
        assert (rows[name] == plain[name]).all()


def test_mntp_reads_masked_tokens_one_position_before(corpus):
    rows, tokens, _ = asked(corpus, "objective_mntp", mask_rate=0.3)
    inputs, labels = rows["mntp"]["input_ids"], rows["mntp"]["labels"]
    reads = labels != -100
    assert not reads[:, -1].any()
    assert (labels[:, :-1][reads[:, :-1]] == tokens[:, 1:][reads[:, :-1]]).all()
    changed = inputs != tokens
    assert not changed[:, 0].any()
    assert reads[:, :-1][changed[:, 1:]].all()
    ordinary = (tokens >= len(SPECIALS))[:, 1:].sum()
    assert abs(reads.sum() / ordinary - 0.3) < 0.02
    assert abs((inputs[:, 1:][reads[:, :-1]] == MASK).mean() - 0.9) < 0.02


LISTED = {"pos": list(CLIMB_TAGS[:11]), "pos-nv": ["NOUN", "VERB"], "pos-nva": ["NOUN", "VERB", "ADJ"]}


@pytest.mark.parametrize("unit", LISTED)
def test_tags_are_asked_as_in_climb(corpus, unit):
    rows, *_ = asked(corpus, f"objective_{unit}_mlm:{unit}=0-1", range(80))
    many, more_tokens, more_tags = asked(corpus, f"objective_{unit}_mlm:{unit}=0-1,mlm=0-1")
    assert list(rows) == [unit]
    assert (rows[unit]["labels"] == many[unit]["labels"][:80]).all()
    inputs, labels = many[unit]["input_ids"], many[unit]["labels"]
    expected = classes(more_tags, LISTED[unit]).reshape(more_tags.shape)
    is_asked, ordinary = labels != -100, more_tokens >= len(SPECIALS)
    assert (labels[is_asked] == expected[is_asked]).all()
    assert not (is_asked & ~ordinary).any()
    for listed, rate in ((True, 0.4), (False, 0.15)):
        there = ordinary & ((expected > 0) == listed)
        spread = (rate * (1 - rate) / there.sum()) ** 0.5
        assert abs(is_asked[there].mean() - rate) < 4 * spread
    shown = inputs[is_asked]
    assert (inputs[~is_asked] == more_tokens[~is_asked]).all()
    assert abs((shown == MASK).mean() - 0.8) < 0.03
    # A tenth is replaced and a tenth kept; of 59 ordinary tokens the random one is the same now and then.
    assert abs((shown == more_tokens[is_asked]).mean() - 0.1) < 0.03
    assert (shown[shown != MASK] >= len(SPECIALS)).all()


def test_a_causal_model_is_asked_the_next_tag(lines_corpus):
    rows, tokens, tags = asked(lines_corpus, "objective_pos_clm:pos=0-1", range(80), "causal")
    inputs, labels = rows["pos"]["input_ids"], rows["pos"]["labels"]
    assert (inputs == tokens).all()
    following = tokens[:, 1:] >= len(SPECIALS)
    expected = np.where(following, classes(tags[:, 1:], LISTED["pos"]).reshape(following.shape), -100)
    assert (labels[:, :-1] == expected).all()
    assert (labels[:, -1] == -100).all()


@pytest.mark.parametrize("hidden", ["unk", "ignore"])
@pytest.mark.parametrize("mode", ["each", "shared"])
def test_a_vocabulary_curriculum_hides_tokens_and_never_classes(corpus, mode, hidden):
    name = f"objective_pos_mntp_mlm:mode={mode},pos=0-1,mntp=0-1,mlm=0-1"
    plain, tokens, _ = asked(corpus, name)
    rows = asked(corpus, f"{name}+vocab_linear:hidden={hidden}")[0]
    from climb.curricula.parts import CurriculumParts
    from climb.curricula.special_tokens import special_ids

    vocabulary = CurriculumParts("vocab_linear", corpus, PLAN, 7).vocabulary(special_ids(corpus))
    assert (rows["pos"]["labels"] == plain["pos"]["labels"]).all()
    gone = vocabulary.hidden(tokens, None, np.arange(600))
    for unit, moved in (("mlm", 0), ("mntp", 1)):
        before, after = (np.roll(one[unit]["labels"], moved, axis=1) for one in (plain, rows))
        expected = np.where(gone & (before != -100), UNK if hidden == "unk" else -100, before)
        assert gone[before != -100].any()
        assert (after == expected).all()
    for unit in plain:
        if "input_ids" in plain[unit]:
            seen = plain[unit]["input_ids"]
            assert (
                rows[unit]["input_ids"] == np.where(vocabulary.hidden(seen, None, np.arange(600)), UNK, seen)
            ).all()


def test_shared_units_ask_about_the_tokens_that_the_first_one_masks(corpus):
    rows, tokens, _ = asked(corpus, "objective_pos-nv_mlm_mntp:mode=shared")
    alone = asked(corpus, "objective_pos-nv_mlm:pos-nv=0-1,mlm=0-1")[0]["pos-nv"]
    assert list(rows) == ["pos-nv", "mlm", "mntp"]
    assert (rows["pos-nv"]["input_ids"] == alone["input_ids"]).all()
    assert (rows["pos-nv"]["labels"] == alone["labels"]).all()
    assert "input_ids" not in rows["mlm"]
    assert "input_ids" not in rows["mntp"]
    is_asked = alone["labels"] != -100
    assert (rows["mlm"]["labels"] == np.where(is_asked, tokens, -100)).all()
    assert (rows["mntp"]["labels"][:, :-1] == rows["mlm"]["labels"][:, 1:]).all()


@pytest.mark.parametrize("piece", [4, 8])
def test_pieces_of_mntp_ask_nothing_across_their_borders(corpus, piece):
    name = f"objective_mntp+length_constant:value={piece / 16}"
    rows, tokens, _ = asked(corpus, name, mask_rate=0.5)
    tokens = tokens.reshape(-1, piece)
    inputs, labels = rows["mntp"]["input_ids"], rows["mntp"]["labels"]
    assert inputs.shape == labels.shape == tokens.shape
    assert (labels[:, -1] == -100).all()
    assert (inputs[:, 0] == tokens[:, 0]).all()
    assert (labels[:, :-1] != -100).mean() > 0.3


def test_splitting_gives_every_sample_to_one_unit(lines_corpus):
    name = "objective_mntp_clm_pos:mode=split,mntp=@3"
    samples = build(name, lines_corpus, PLAN, 3)
    whole = samples.batch(range(20))
    sizes = {unit: len(rows["labels"]) for unit, rows in whole["objectives"].items()}
    assert sizes == {"mntp": 12, "clm": 4, "pos": 4}
    alone = [samples.batch([number])["objectives"] for number in range(20)]
    for unit, rows in whole["objectives"].items():
        for key in ("input_ids", "labels"):
            assert (np.concatenate([one[unit][key] for one in alone]) == rows[key]).all()


NAMES = [
    "objective_pos_mlm:pos=0-1,mlm=0-1",
    "objective_mntp_clm:mode=split",
    "matched_objective_pos-nv_mlm:mode=shared+vocab_pos_log+data_rarity_linear",
    "reverse_objective_pos_mlm:pos=0-1,mlm=0-1+length_linear+mask_decay_linear",
    "batch_linear+objective_clm_mntp:clm=0-1,mntp=0-1",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_row_depends_on_its_number_alone(lines_corpus, name):
    samples = build(name, lines_corpus, PLAN, 7)
    again = pickle.loads(pickle.dumps(samples))

    @settings(max_examples=15)
    @given(st.integers(0, 59), st.data())
    def check(step, data):
        numbers = list(samples.plan.numbers_of(step))
        cut = data.draw(st.integers(0, len(numbers)))
        whole = samples.batch(numbers)["objectives"]
        parts = [again.batch(part)["objectives"] for part in (numbers[:cut], numbers[cut:]) if part]
        for unit, rows in whole.items():
            for key, values in rows.items():
                pieces = [part[unit].get(key, np.ones_like(part[unit]["labels"])) for part in parts if unit in part]
                assert (np.concatenate(pieces) == values).all()

    check()


def test_matched_moves_whole_steps(corpus):
    name = "objective_pos_mlm:pos=0-0.5,mlm=0.25-1"
    plain, matched = build(name, corpus, PLAN, 5), build(f"matched_{name}", corpus, PLAN, 5)

    def fingerprint(samples, step):
        batch = samples.batch(samples.plan.numbers_of(step))["objectives"]
        return [(unit, rows["input_ids"].tobytes(), rows["labels"].tobytes()) for unit, rows in batch.items()]

    before = [fingerprint(plain, step) for step in range(60)]
    after = [fingerprint(matched, step) for step in range(60)]
    assert sorted(before) == sorted(after)
    assert before != after
    for step in range(60):
        assert list(matched.asked(step)) == matched.record(step)["objectives"] == [one[0] for one in after[step]]
    sets = matched.steps_by_objectives()
    assert {units: len(steps) for units, steps in sets.items()} == {("pos",): 15, ("pos", "mlm"): 15, ("mlm",): 30}
    assert all(tuple(matched.asked(int(step))) == units for units, steps in sets.items() for step in steps)


def test_a_mask_curriculum_paces_token_units_alone(corpus):
    name = "objective_pos_mlm:pos=0-1,mlm=0-1"
    plain, paced = (asked(corpus, one)[0] for one in (name, f"{name}+mask_constant:value=0.5"))
    assert (plain["pos"]["labels"] == paced["pos"]["labels"]).all()
    assert (paced["mlm"]["labels"] != -100).sum() > 3 * (plain["mlm"]["labels"] != -100).sum()


def test_held_out_text_is_asked_with_the_main_unit(corpus):
    plain = next(build("none", corpus, PLAN, 0).held_out(8))
    for name, moved in (("objective_pos_mlm", False), ("objective_clm_mntp:clm=0-1,mntp=0-1@2", True)):
        batch = next(build(name, corpus, PLAN, 0).held_out(8))
        tokens = corpus.validation.tokens(batch["examples"])
        shown = np.roll(batch["labels"], 1, axis=1) if moved else batch["labels"]
        assert (shown[shown != -100] == tokens[shown != -100]).all()
        assert ((batch["input_ids"] == MASK) == (shown != -100)).all()
        assert moved or (batch["labels"] == plain["labels"]).all()


def test_collate_goes_into_objectives_and_rows_alone_are_refused(corpus):
    data = SampleDataset(build("objective_mlm", corpus, PLAN, 0))
    tensors = collate(data.__getitems__([0, 1]))
    assert tensors["objectives"]["mlm"]["labels"].shape == (2, 16)
    assert tensors["numbers"].tolist() == [0, 1]
    with pytest.raises(ValueError, match="ask for batches"):
        data[0]
    with pytest.raises(ValueError, match="one objective"):
        collate_for_model(data.__getitems__([0, 1]))
    with pytest.raises(ValueError, match="of one step"):
        build("objective_pos_mlm", corpus, PLAN, 0).batch(ALL)


@pytest.mark.parametrize(
    ("name", "model", "options", "message"),
    [
        ("objective_mlm", "causal", {}, "mlm of 'objective_mlm' cannot be asked of a causal model"),
        ("objective_clm_mntp", "causal", {}, "mntp of 'objective_clm_mntp' cannot be asked of a causal model"),
        ("objective_clm_mlm:mode=shared", "masked", {}, "clm and mlm .* cannot share one pass"),
        ("objective_clm+mask_decay_linear", "masked", {}, "none of its objectives goes by the mask rate"),
        ("objective_clm", "masked", {"whole_word": True}, "masks no tokens, so no whole words"),
        ("objective_mlm", "masked", {"mask_rate": 0.0}, "outside"),
        ("objective_mlm", "masekd", {}, "did you mean masked"),
    ],
)
def test_what_has_no_meaning_is_refused(corpus, name, model, options, message):
    with pytest.raises(UserError, match=f"(?s)^[^\n]*{message}[^\n]*$"):
        build(name, corpus, PLAN, 0, model, **options)


def test_tags_are_missed_before_the_first_step(untagged_corpus):
    with pytest.raises(UserError, match=r"'objective_pos_mlm' needs part-of-speech tags and .* has none"):
        build("objective_pos_mlm", untagged_corpus, PLAN, 0)
    build("objective_mlm_clm", untagged_corpus, PLAN, 0)


def test_units_that_share_on_a_causal_model_ask_all_they_can(corpus):
    rows = asked(corpus, "objective_pos_clm:mode=shared", model="causal")[0]
    alone = asked(corpus, "objective_clm", model="causal")[0]["clm"]
    assert (rows["clm"]["labels"] == alone["labels"]).all()
    assert (rows["pos"]["input_ids"] == alone["input_ids"]).all()
