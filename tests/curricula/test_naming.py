import pytest
from hypothesis import given
from hypothesis import strategies as st

from climb.base.errors import UserError
from climb.curricula.naming import curriculum_name, parse
from climb.curricula.pacing.linear import Linear
from climb.curricula.pacing_base import Ramp, pacing_classes

RAMPS = sorted(name for name, cls in pacing_classes().items() if issubclass(cls, Ramp))


def test_none_is_no_curriculum():
    assert parse("none") == []
    assert curriculum_name([]) == "none"


def test_the_middle_is_what_stands_between_kind_and_pacing():
    vocab, data = parse("vocab_linear:start=0.2,from=0.1,to=0.9,hidden=ignore+data_source_spoken_log")
    assert (vocab.kind, vocab.what, vocab.pacing) == ("vocab", "token", Linear(0.2, 1.0, 0.1, 0.9))
    assert vocab.options == {"hidden": "ignore"}
    assert (data.kind, data.what, data.pacing.name) == ("data", "source_spoken", "log")


def test_defaults_are_climbs_and_are_not_written():
    long = "vocab_token_linear:start=0.1,end=1,from=0.0625,to=0.875,hidden=unk"
    assert parse(long) == parse("vocab_linear")
    assert curriculum_name(parse(long)) == "vocab_linear"


part = st.tuples(
    st.sampled_from(RAMPS),
    st.fixed_dictionaries(
        {},
        optional={
            "start": st.floats(0, 1),
            "end": st.floats(0, 1),
            "from": st.floats(0, 0.4),
            "to": st.floats(0.5, 1),
        },
    ),
)


@given(
    vocab=st.none() | st.tuples(st.sampled_from(["", "token_", "pos_", "pos_token_"]), part),
    data=st.none() | st.tuples(st.from_regex(r"[a-z]{1,6}(_[a-z]{1,6})?_", fullmatch=True), part),
    vocab_first=st.booleans(),
)
def test_canonical_names_parse_to_the_same(vocab, data, vocab_first):
    names = []
    for kind, given_part in (("vocab", vocab), ("data", data)):
        if given_part:
            middle, (pacing, parameters) = given_part
            names.append(
                f"{kind}_{middle}{pacing}:" + ",".join(f"{key}={value!r}" for key, value in parameters.items())
            )
    specs = parse("+".join(names if vocab_first else names[::-1]) or "none")
    canonical = curriculum_name(specs)
    assert parse(canonical) == specs
    assert curriculum_name(parse(canonical)) == canonical


KINDS = {
    "data": ["length", "source_spoken", "length-ngram", "a-b-c"],
    "vocab": ["", "token", "pos", "pos_token", "aoa"],
    "mask": ["", "decay"],
    "length": ["", "pieces"],
    "batch": ["", "blocks"],
}
OPTIONS = {
    "data": {
        "join": st.sampled_from(["intersection", "ranks"]),
        "by": st.sampled_from(["percentile", "value"]),
        "draw": st.sampled_from(["uniform", "weighted", "epochs"]),
    },
    "vocab": {"hidden": st.sampled_from(["unk", "ignore"])},
}


@given(
    kinds=st.permutations(sorted(KINDS)).flatmap(lambda kinds: st.integers(1, 5).map(lambda count: kinds[:count])),
    control=st.sampled_from(["", "random_", "reverse_", "matched_"]),
    data=st.data(),
)
def test_every_combination_round_trips(kinds, control, data):
    if control == "random_" and not {"data", "vocab"} & set(kinds):
        return
    names = []
    for kind in kinds:
        middle = data.draw(st.sampled_from(KINDS[kind]))
        pacing = data.draw(st.sampled_from([*RAMPS, "constant", "piecewise"] + ["sorted"] * (kind == "data")))
        known = {} if pacing == "sorted" else dict(OPTIONS.get(kind, {}))
        if pacing in RAMPS:
            known |= {"start": st.floats(0, 1).map(repr), "end": st.floats(0, 1).map(repr), "to": st.just("0.9")}
        given_ones = data.draw(st.fixed_dictionaries({}, optional=known))
        tail = ",".join(f"{key}={value}" for key, value in given_ones.items())
        names.append("_".join(filter(None, [kind, middle, pacing])) + (f":{tail}" if tail else ""))
    specs = parse(control + "+".join(names))
    canonical = curriculum_name(specs)
    assert parse(canonical) == specs
    assert curriculum_name(parse(canonical)) == canonical
    assert canonical.startswith(control)


def test_kinds_have_their_own_defaults():
    mask, length = parse("mask_linear:start=0.4+length_linear:start=0.25")
    assert (mask.pacing.start, mask.pacing.end) == (0.4, 0.15)
    assert curriculum_name([mask]) == "mask_decay_linear:start=0.4"
    assert curriculum_name([length]) == "length_linear"
    assert curriculum_name(parse("mask_decay_linear:start=0.1,end=1")) == "mask_decay_linear:start=0.1,end=1"


def test_the_sorted_pass_opens_everything():
    (spec,) = parse("data_length_sorted")
    assert (spec.options["draw"], spec.pacing.name, spec.pacing.value_) == ("sorted", "constant", 1.0)


def test_large_numbers_keep_their_plus():
    specs = parse("vocab_polynomial:degree=1e+20+data_piecewise_constant:value=0.5")
    assert [spec.what for spec in specs] == ["token", "piecewise"]
    assert parse(curriculum_name(specs)) == specs


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("vocb_linear", "did you mean vocab"),
        ("rnadom_data_length_linear", "there are: batch, data, length, mask, none, objective, vocab"),
        ("objective_", "there are: clm, mlm, mntp, pos"),
        ("objective_pos_mlmm", "did you mean mlm"),
        ("objective_pos", "add mlm, clm or mntp, as in objective_pos_mlm"),
        ("objective_pos-nv_pos", "never learn words"),
        ("objective_pos_mlm_pos", "'pos' twice"),
        ("objective_pos_mlm:pos=0.5-0.5", "a span without length"),
        ("objective_pos_mlm:pos=0.6-0.5", "a span without length"),
        ("objective_pos_mlm:pos=0-1.5", "outside [0, 1]"),
        ("objective_pos_mlm:pos=0.25", "neither a span nor a weight"),
        ("objective_pos_mlm:pos=0-0.1-0.2", "neither a span nor a weight"),
        ("objective_pos_mlm:pos=0-0.1", "nothing between 0.1 and 0.125"),
        ("objective_pos_mlm:mlm=0.125-0.9", "nothing between 0.9 and 1"),
        ("objective_pos_mlm:pos=0.0625-1", "nothing between 0 and 0.0625"),
        ("objective_mlm:mlm=@0", "weighs nothing"),
        ("objective_mlm:mlm=@-1", "neither a span nor a weight"),
        ("objective_mlm:mlm=@1e999", "weighs nothing"),
        ("objective_mlm:mode=shred", "did you mean shared"),
        ("objective_mlm:pos=0-1", "there are: mlm, mode"),
        ("objective_mlm:start=0", "'start'"),
        ("objective_mlm+objective_clm", "two of the kind 'objective'"),
        ("random_objective_pos_mlm", "no scores to permute: its controls are matched_ and reverse_"),
        ("vocab_linaer", "did you mean linear"),
        ("vocab_pso_linear", "did you mean pos"),
        ("vocab", "there are: "),
        ("vocab__linear", "there are: aoa, pos, pos_token, token"),
        ("data__linear", "data_METRIC_linear"),
        ("vocab_linear:start=0.1,,to=0.5", "there are: end, from, hidden, start, to"),
        ("", "there are: batch, data, length, mask, none, objective, vocab"),
        ("data_linear", "data_METRIC_linear"),
        ("vocab_linear:strat=0.1", "did you mean start"),
        ("vocab_linear:hidden=unknown", "did you mean unk"),
        ("data_length_linear:hidden=unk", "'hidden'"),
        ("vocab_linear:start", "start=VALUE"),
        ("vocab_linear:start=", "start=VALUE"),
        ("vocab_linear:start=0.1,start=0.2", "given twice"),
        ("vocab_linear+vocab_pos_log", "two of the kind 'vocab'"),
        ("none+vocab_linear", "stands alone"),
        ("none:start=1", "stands alone"),
        ("vocab_linear+", "there are: batch, data, length, mask, none, objective, vocab"),
        ("vocab_linear+random_data_length_log", "one control acts on all"),
        ("random_reverse_vocab_linear", "one control acts on all"),
        ("random_mask_decay_linear", "no scores to permute: its controls are matched_ and reverse_"),
        ("matched_none", "nothing to control"),
        ("vocab_sorted", "pacing function"),
        ("data_length_sorted:start=0.5", "'start'"),
        ("data_length-_linear", "missing or there twice"),
        ("data_length-length_linear", "missing or there twice"),
        ("data_length_linear:draw=weigthed", "did you mean weighted"),
        ("data_length_linear:draw=sorted", "value of draw"),
        ("mask_grow_linear", "there are: decay"),
        ("vocab_linear:from=0.9,to=0.1", "without length"),
    ],
)
def test_mistakes_are_refused_in_one_sentence(name, message):
    with pytest.raises(UserError, match=r"(?s)^[^\n]*$") as caught:
        parse(name)
    assert message in str(caught.value)
