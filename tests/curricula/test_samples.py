import pickle
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from climb.base.corpus import PreparedCorpus
from climb.base.errors import UserError
from climb.base.tags import CLIMB_ID, CLIMB_ID_OF_UD
from climb.curricula import RunPlan, build
from climb.curricula.samples import spread
from tests.corpus_fixture import AMBIGUOUS, MASK, PAD, SPECIALS, UNK, tag_of

PLAN = RunPlan(steps=60, batch_size=10)
EVERYTHING = range(PLAN.total_samples)
CURRICULA = [
    "none",
    "vocab_linear",
    "vocab_pos_log:hidden=ignore",
    "data_rarity_root",
    "data_source_spoken_linear+vocab_pos_token_step",
    "data_rarity-length_linear:join=ranks,draw=weighted,start=0.3",
    "data_rarity_sorted",
    "random_data_rarity_linear:draw=epochs+vocab_linear",
    "reverse_data_rarity_linear:by=value+vocab_pos_linear",
    "matched_data_rarity_root+vocab_pos_log",
    "batch_linear+data_rarity_linear",
]


@pytest.mark.parametrize("objective", ["masked", "causal"])
@pytest.mark.parametrize("curriculum", CURRICULA)
def test_a_row_depends_on_its_number_alone(lines_corpus, curriculum, objective):
    samples = build(curriculum, lines_corpus, PLAN, 7, objective)
    whole = samples.batch(EVERYTHING)

    @settings(max_examples=20)
    @given(st.lists(st.integers(0, PLAN.total_samples - 1), min_size=1, max_size=25))
    def check(numbers):
        again = build(curriculum, lines_corpus, PLAN, 7, objective) if len(numbers) == 1 else samples
        part = again.batch(numbers)
        for name, values in part.items():
            assert (values == whole[name][numbers]).all()
        assert "attention_mask" in part or (whole["attention_mask"][numbers] == 1).all()

    check()


@pytest.mark.parametrize("objective", ["masked", "causal"])
def test_none_shows_every_block_once_an_epoch_unhidden(corpus, objective):
    samples = build("none", corpus, PLAN, 0, objective)
    batch = samples.batch(range(240))
    assert sorted(batch["examples"].tolist()) == list(range(240))
    tokens = corpus.train.tokens(batch["examples"])
    assert "attention_mask" not in batch
    assert batch["input_ids"].dtype == batch["labels"].dtype == np.int64
    asked = batch["labels"] != -100
    if objective == "causal":
        assert (batch["input_ids"] == tokens).all()
        assert (batch["labels"][:, :-1] == tokens[:, 1:]).all()
        assert not asked[:, -1].any()
    else:
        assert (batch["labels"][asked] == tokens[asked]).all()
        assert (batch["input_ids"][~asked] == tokens[~asked]).all()
        assert not asked[tokens < len(SPECIALS)].any()
        assert 0.1 < asked.sum() / (tokens >= len(SPECIALS)).sum() < 0.2


def test_random_tokens_do_not_depend_on_what_chose_the_target(corpus):
    """The number that makes a position a target is below the rate; one that chose the token too would be small."""
    batch = build("none", corpus, PLAN, 0, mask_split=(0.0, 1.0, 0.0)).batch(EVERYTHING)
    drawn = batch["input_ids"][batch["labels"] != -100]
    ordinary = np.arange(len(SPECIALS), corpus.manifest.vocab_size)
    assert len(drawn) > 500
    assert abs((drawn > np.median(ordinary)).mean() - 0.5) < 0.1


@pytest.mark.parametrize("objective", ["masked", "causal"])
@pytest.mark.parametrize("treatment", ["unk", "ignore"])
def test_hidden_tokens_are_hidden_in_inputs_and_targets(corpus, treatment, objective):
    """At p = 0.1 the part-of-speech map keeps nouns and verbs: checked against tags in context."""
    plain = build("none", corpus, PLAN, 0, objective).batch(range(100))
    name = f"vocab_pos_constant:value=0.1,hidden={treatment}"
    batch = build(name, corpus, PLAN, 0, objective).batch(range(100))
    tokens = corpus.train.tokens(batch["examples"])
    tags = CLIMB_ID_OF_UD[tag_of(tokens)]
    hide = (tags > CLIMB_ID["VERB"]) & (tokens >= len(SPECIALS))
    asked = plain["labels"] != -100
    # Random replacements keep the tag of their position, so the same positions are hidden; masks stay.
    expected = np.where(hide & (plain["input_ids"] != MASK), UNK, plain["input_ids"])
    assert (batch["input_ids"] == expected).all()
    label_hidden = hide if objective == "masked" else np.pad(hide[:, 1:], ((0, 0), (0, 1)))
    expected = np.where(asked & label_hidden, UNK if treatment == "unk" else -100, plain["labels"])
    assert (batch["labels"] == expected).all()
    assert (batch["labels"] == UNK).any() == (treatment == "unk")


def test_an_ambiguous_word_is_hidden_by_its_tag_in_context(corpus):
    batch = build("vocab_pos_constant:value=0", corpus, PLAN, 0, "causal").batch(EVERYTHING)
    tokens = corpus.train.tokens(batch["examples"])
    hidden = (batch["input_ids"] == UNK) & (tokens == AMBIGUOUS)
    odd = np.broadcast_to(np.arange(16) % 2 == 1, tokens.shape)
    assert hidden.any()
    assert (hidden == ((tokens == AMBIGUOUS) & odd)).all()


def test_frequent_words_open_first(corpus):
    """The tiny corpus gives its most frequent words the highest ids; CLIMB would hide those."""
    batch = build("vocab_constant:value=0.5", corpus, PLAN, 0, "causal").batch(EVERYTHING)
    tokens = corpus.train.tokens(batch["examples"])
    shown, hidden = batch["input_ids"] == tokens, batch["input_ids"] == UNK
    counts = corpus.lexicon()["count"]
    ordinary = tokens >= len(SPECIALS)
    assert (shown ^ hidden).all()
    assert counts[tokens[hidden]].max() <= counts[tokens[shown & ordinary]].min()


def test_the_end_of_a_vocabulary_curriculum_is_none(corpus):
    last = PLAN.numbers_of(PLAN.steps - 1)
    plain = build("none", corpus, PLAN, 0).batch(last)
    for name in ("vocab_linear", "vocab_pos_linear", "vocab_pos_token_linear"):
        batch = build(name, corpus, PLAN, 0).batch(last)
        assert all((batch[key] == plain[key]).all() for key in plain)


def test_padding_is_marked_and_never_a_target(lines_corpus):
    for objective in ("masked", "causal"):
        batch = build("none", lines_corpus, PLAN, 0, objective).batch(range(100))
        tokens = lines_corpus.train.tokens(batch["examples"])
        assert (batch["attention_mask"] == (tokens != PAD)).all()
        assert (batch["labels"][tokens == PAD] == -100).all()
        assert (batch["labels"] != PAD).all()


def test_source_order_is_a_column(corpus):
    """Half the blocks are child-directed: while less is open, nothing else is drawn."""
    samples = build("data_source_spoken_linear:start=0.3,from=0.2", corpus, PLAN, 0)
    early = corpus.train.source[samples.examples(range(120))]
    late = corpus.train.source[samples.examples(range(540, 600))]
    assert set(early.tolist()) == {0}
    assert set(late.tolist()) == {0, 1, 2}


def test_words_are_counted_exactly(corpus):
    samples = build("data_rarity_log", corpus, PLAN, 0)
    batch = samples.batch(EVERYTHING)
    tokens = corpus.train.tokens(batch["examples"])
    assert samples.words(EVERYTHING) == (tokens >= len(SPECIALS)).sum()


def test_tokens_are_counted_without_padding(lines_corpus):
    samples = build("none", lines_corpus, PLAN, 0)
    assert samples.tokens(range(95, 130)) == samples.batch(range(95, 130))["attention_mask"].sum()


def test_records_are_plain_numbers(corpus):
    plain = build("none", corpus, PLAN, 0).record(3)
    assert plain == {
        "step": 3,
        "words": build("none", corpus, PLAN, 0).words(range(30, 40)),
        "data_unlocked": 1.0,
        "vocabulary_unlocked_types": 1.0,
        "vocabulary_unlocked_occurrences": 1.0,
    }
    both = build("data_rarity_linear+vocab_linear", corpus, PLAN, 0)
    records = [both.record(step) for step in range(PLAN.steps)]
    assert all(type(value) in (int, float) for record in records for value in record.values())
    for key in ("data_unlocked", "vocabulary_unlocked_types", "vocabulary_unlocked_occurrences"):
        values = [record[key] for record in records]
        assert values == sorted(values)
        assert values[-1] == 1.0
    assert records[0]["data_pacing"] == records[0]["vocabulary_pacing"] == 0.1
    assert records[0]["data_unlocked"] == pytest.approx(24 / 240)


def test_held_out_is_the_same_in_every_run(corpus):
    one = list(build("vocab_linear:start=0", corpus, PLAN, 0).held_out(30, batch_size=7))
    other = list(build("data_rarity_log", corpus, RunPlan(9, 3), 5).held_out(30, batch_size=30))
    assert [len(batch["labels"]) for batch in one] == [7, 7, 7, 7, 2]
    for key in ("input_ids", "labels", "examples"):
        assert (np.concatenate([batch[key] for batch in one]) == other[0][key]).all()
    assert not (other[0]["input_ids"] == UNK).any()
    whole = next(build("none", corpus, PLAN, 0).held_out(batch_size=60))
    chosen = other[0]["examples"]
    assert (whole["labels"][chosen] == other[0]["labels"]).all()
    assert len(whole["labels"]) == 60


@given(st.lists(st.integers(0, 4), min_size=1, max_size=80), st.integers(1, 100))
def test_a_subset_is_spread_over_sources(sources, count):
    source = np.array(sources)
    chosen = spread(source, count)
    assert len(set(chosen.tolist())) == min(count, len(source))
    for label in set(sources):
        share = len(chosen) * (source == label).mean()
        assert abs((source[chosen] == label).sum() - share) <= 1 + 1e-9


def test_samples_travel_as_a_recipe(corpus):
    samples = build("data_rarity_log+vocab_pos_linear:hidden=ignore", corpus, PLAN, 3, "masked", 0.3, (0.8, 0.1, 0.1))
    message = pickle.dumps(samples)
    assert len(message) < 2000
    there = pickle.loads(message)
    for name, values in samples.batch(range(95, 140)).items():
        assert (there.batch(range(95, 140))[name] == values).all()
    assert there.curriculum == samples.curriculum == "data_rarity_log+vocab_pos_linear:hidden=ignore"


def test_unknown_objectives_are_refused(corpus):
    with pytest.raises(UserError, match="did you mean masked"):
        build("none", corpus, PLAN, 0, "mask")


def test_importing_the_room_is_light():
    code = (
        "import sys, climb.curricula; sys.exit(any(m in sys.modules for m in ('torch', 'transformers', 'pyarrow')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("numbers", [[-1], [PLAN.total_samples]])
def test_numbers_outside_the_run_are_refused(corpus, numbers):
    with pytest.raises(IndexError, match="0 to 599"):
        build("none", corpus, PLAN, 0).batch(numbers)


def test_an_empty_request_is_an_empty_batch(corpus):
    assert build("vocab_pos_linear+data_rarity_log", corpus, PLAN, 0).batch([])["input_ids"].shape == (0, 16)


def test_curricula_over_tags_need_a_tagger(untagged_corpus):
    build("vocab_linear", untagged_corpus, PLAN, 0)
    for name in ("vocab_pos_linear", "vocab_pos_token_linear"):
        with pytest.raises(UserError, match="without --no-parse"):
            build(name, untagged_corpus, PLAN, 0)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("data_lenght_linear", "did you mean length"),
        ("data_depth_linear", "--spacy-model"),
        ("data_length_linear:start=0.01+vocab_linear", "fewer than the batch"),
    ],
)
def test_impossible_data_curricula_are_refused(lines_corpus, name, message):
    with pytest.raises(UserError, match=message):
        build(name, lines_corpus, RunPlan(60, 100), 0)


@pytest.mark.parametrize(
    ("token", "curriculum", "message"),
    [("mask_token", "none", "no mask token"), ("unk_token", "vocab_linear", "unknown")],
)
def test_tokenizers_without_the_token_are_refused(corpus, token, curriculum, message):
    other = PreparedCorpus(corpus.folder)
    setattr(other.tokenizer, token, None)
    with pytest.raises(UserError, match=message):
        build(curriculum, other, PLAN, 0)
    build("none", other, PLAN, 0, "causal")


@pytest.mark.parametrize("whole_word", [False, True])
def test_masks_decay_and_whole_words_are_pure_too(lines_corpus, whole_word):
    samples = build("mask_decay_linear+data_rarity_log", lines_corpus, PLAN, 1, whole_word=whole_word)
    whole = samples.batch(EVERYTHING)
    for numbers in ([5], [599, 0, 300], range(37, 61)):
        part = pickle.loads(pickle.dumps(samples)).batch(numbers)
        assert all((part[name] == whole[name][list(numbers)]).all() for name in ("input_ids", "labels", "examples"))
    shares = [(whole["labels"][part] != -100).mean() for part in (slice(0, 40), slice(540, 600))]
    assert shares[0] > 1.5 * shares[1]
    assert [samples.record(step)["mask_rate"] for step in (0, 59)] == [0.3, 0.15]


@pytest.mark.parametrize(
    ("name", "objective", "message"),
    [
        ("mask_decay_linear", "causal", "paces masking and a causal model masks nothing"),
        ("vocab_aoa_linear", "masked", "climb prep --norms"),
        ("data_rarity-lenght_linear", "masked", "did you mean length"),
        ("data_rarity-length_linear:start=0.02", "masked", "fewer than the batch"),
        ("length_linear:start=0.1", "masked", "let it start at 0.25"),
    ],
)
def test_what_cannot_be_done_is_refused_before_the_first_step(corpus, name, objective, message):
    with pytest.raises(UserError, match=message):
        build(name, corpus, PLAN, 0, objective)


def test_whole_words_need_masks(corpus):
    with pytest.raises(UserError, match="masks nothing"):
        build("none", corpus, PLAN, 0, "causal", whole_word=True)
