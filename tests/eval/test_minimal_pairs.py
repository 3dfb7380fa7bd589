import json
import os
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from climb.base.errors import UserError
from climb.eval import EvalConfig, evaluate_model, prepare_tasks
from climb.eval.choice_task import drawn
from climb.eval.conventions import Decision, convention_named
from climb.eval.minimal_pairs import read_pairs
from climb.eval.output import read_result
from climb.eval.questions import Outcome, averaged
from tests.eval.tiny import Bigram, byte_tokenizer, tiny_model, word_tokenizer

SHARED = Path(os.environ.get("CLIMB_SHARED", Path(__file__).parents[3] / "shared")) / "data" / "evaluation_data"
PAIRS = [
    ("agreement", "the cat sees", "the cat see"),
    ("agreement", "the cats see", "the cats sees"),
    ("gap", "see who the cat sees", "sees who the cat see"),
]


def write(folder: Path, pairs=PAIRS, **more) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for uid in {pair[0] for pair in pairs}:
        lines = [{"sentence_good": g, "sentence_bad": b, "UID": uid, **more} for u, g, b in pairs if u == uid]
        (folder / f"{uid}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return folder


def words() -> list[str]:
    return sorted({word for _, good, bad in PAIRS for word in (good + " " + bad).split()})


@pytest.mark.parametrize(("convention", "expected"), [("native", 0.5), ("babylm-2025", 1.0)])
def test_a_model_that_always_ties(tmp_path, convention, expected):
    tokenizer = word_tokenizer(words())
    model = Bigram(torch.zeros(len(tokenizer), len(tokenizer)))
    folder = write(tmp_path / "pairs")
    result = evaluate_model(
        model, tokenizer, "causal", ["minimal_pairs"], str(folder), tmp_path / "out", convention=convention
    )["minimal_pairs"]
    assert result.metrics["accuracy_macro"].value == expected
    assert result.metrics["accuracy_micro"].value == expected
    assert result.counts["ties"] == result.counts["scored"] == 3
    assert result.convention == convention


def test_a_model_that_maps_everything_to_unknown_ties(tmp_path):
    tokenizer = word_tokenizer(["nothing"])
    result = evaluate_model(tiny_model("bert"), tokenizer, "masked", ["minimal_pairs"], str(write(tmp_path)))[
        "minimal_pairs"
    ]
    assert result.metrics["accuracy_macro"].value == 0.5
    assert result.counts["ties"] == 3


def test_known_scores_decide_and_average_by_paradigm(tmp_path):
    tokenizer = word_tokenizer(words())
    table = torch.zeros(len(tokenizer), len(tokenizer), dtype=torch.float64)
    cat, cats, see, sees = (tokenizer.convert_tokens_to_ids(word) for word in ("cat", "cats", "see", "sees"))
    table[cat, sees], table[cats, see] = 2.0, -1.0
    result = evaluate_model(Bigram(table), tokenizer, "causal", ["minimal_pairs"], str(write(tmp_path)))
    figures = result["minimal_pairs"]
    assert figures.groups["paradigm"]["agreement"].value == 0.5
    assert figures.groups["paradigm"]["gap"].value == 1.0
    assert figures.metrics["accuracy_macro"].value == 0.75
    assert figures.metrics["accuracy_micro"].value == pytest.approx(2 / 3)


@pytest.mark.parametrize("family", ["bert", "gpt2"])
def test_the_predictions_file_scores_to_the_same_accuracy(tmp_path, family):
    kind = "masked" if family == "bert" else "causal"
    data = str(write(tmp_path / "data"))
    evaluate_model(tiny_model(family), byte_tokenizer(), kind, ["minimal_pairs"], data, tmp_path / "out")
    result = read_result(tmp_path / "out", "minimal_pairs")
    assert [record["id"] for record in result.predictions] == ["agreement_0", "agreement_1", "gap_0"]
    right = [record["good"] > record["bad"] for record in result.predictions]
    assert result.metrics["accuracy_micro"].value == pytest.approx(np.mean(right))
    by_paradigm = {}
    for record in result.predictions:
        by_paradigm.setdefault(record["paradigm"], []).append(record["good"] > record["bad"])
    macro = np.mean([np.mean(values) for values in by_paradigm.values()])
    assert result.metrics["accuracy_macro"].value == pytest.approx(macro)


def test_pairs_too_long_for_the_model_are_counted_and_left_out(tmp_path):
    pairs = [*PAIRS, ("gap", "x" * 100, "y" * 100)]
    data = str(write(tmp_path, pairs))
    result = evaluate_model(tiny_model("bert"), byte_tokenizer(), "masked", ["minimal_pairs"], data)["minimal_pairs"]
    assert (result.counts["too_long"], result.counts["scored"], len(result.predictions)) == (1, 3, 3)
    assert any("longer than the model" in note for note in result.notes)
    short = str(write(tmp_path / "only", pairs[-1:]))
    with pytest.raises(UserError, match="no question fits"):
        evaluate_model(tiny_model("bert"), byte_tokenizer(), "masked", ["minimal_pairs"], short)


def test_a_model_of_nan_is_an_error(tmp_path):
    tokenizer = word_tokenizer(words())
    model = Bigram(torch.full((len(tokenizer),) * 2, float("nan")))
    with pytest.raises(UserError, match="no number"):
        evaluate_model(model, tokenizer, "causal", ["minimal_pairs"], str(write(tmp_path)))
    found = evaluate_model(
        model, tokenizer, "causal", ["minimal_pairs"], str(tmp_path), tmp_path / "o", convention="babylm-2025"
    )
    assert found["minimal_pairs"].counts["not_a_number"] == 3
    assert (
        json.loads((tmp_path / "o" / "minimal_pairs.predictions.jsonl").read_text().split("\n")[0])["good"] == "nan"
    )


def test_part_of_blimp_is_said_not_to_be_blimp(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "evaluation_data" / "full_eval" / "blimp_filtered", linguistics_term="s-selection")
    task = prepare_tasks(EvalConfig(tasks=["blimp"]))[0]
    assert "2 of 67 paradigms" in task.coverage.note
    assert task.pairs[0].phenomenon == "argument_structure"
    view = task.views(convention_named("native"))[0]
    decisions = [Decision(credit, 0, 1.0) for credit in (1.0, 0.0, 1.0)]
    _, _, groups = averaged(view, Outcome(list(view.questions), [[0.0, 0.0]] * 3, decisions, 0), seed=0)
    assert groups["phenomenon"]["argument_structure"].value == 0.75
    assert groups["term"]["s-selection"].value == 0.75


def test_where_blimp_is_looked_for(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CLIMB_DATA", raising=False)
    with pytest.raises(UserError, match="git clone"):
        prepare_tasks(EvalConfig(tasks=["blimp"]))
    write(tmp_path / "elsewhere" / "blimp" / "data", linguistics_term="binding")
    monkeypatch.setenv("CLIMB_DATA", str(tmp_path / "elsewhere"))
    assert len(prepare_tasks(EvalConfig(tasks=["blimp"]))[0].pairs) == 3
    with pytest.raises(UserError, match="no such file"):
        prepare_tasks(EvalConfig(tasks=["blimp"], data="absent"))


def test_the_embedded_pairs_are_at_hand_everywhere():
    task = prepare_tasks(EvalConfig(tasks=["sample_pairs"], pairs=4, limit=2))[0]
    paradigms = {pair.paradigm for pair in task.pairs}
    assert len(task.pairs) == 2 * len(paradigms)
    assert len({pair.phenomenon for pair in task.pairs}) >= 6


@pytest.mark.skipif(not SHARED.is_dir(), reason="the BabyLM evaluation data is not at hand")
def test_the_real_files_parse():
    task = prepare_tasks(EvalConfig(tasks=["blimp"], data=str(SHARED)))[0]
    sizes = {pair.paradigm: 0 for pair in task.pairs}
    for pair in task.pairs:
        sizes[pair.paradigm] += 1
    known = {"adjunct_island": 928, "principle_A_case_2": 915, "transitive": 868, "intransitive": 868}
    assert {name: sizes[name] for name in known} == known
    assert task.coverage.present == len(sizes)
    assert {pair.field for pair in task.pairs} <= {"morphology", "syntax", "semantics", "syntax_semantics"}
    supplement = prepare_tasks(
        EvalConfig(tasks=["minimal_pairs"], data=str(SHARED / "full_eval/supplement_filtered"))
    )
    assert sum(pair.paradigm == "hypernym" for pair in supplement[0].pairs) == 842


def test_a_drawn_part_is_seeded_and_keeps_the_order():
    pairs = prepare_tasks(EvalConfig(tasks=["sample_pairs"], pairs=20))[0].questions
    one, two, other = drawn(pairs, 5, 0), drawn(pairs, 5, 0), drawn(pairs, 5, 1)
    assert one == two != other
    assert [pair for pair in pairs if pair in one] == one
    assert len(one) == 5 * len({pair.paradigm for pair in pairs})


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (b"{", "line 2 is not valid JSON"),
        (b"[1]", "line 2 is not a JSON object"),
        (b'{"sentence_good": "a"}', "line 2: 'sentence_bad'"),
        (b'{"sentence_good": "a", "sentence_bad": 3}', "line 2: 'sentence_bad'"),
        (b'{"sentence_good": " ", "sentence_bad": "b"}', "line 2: 'sentence_good'"),
        (b'{"sentence_good": "\\ud800", "sentence_bad": "b"}', "line 2: 'sentence_good'"),
        (b'{"sentence_good": "a", "sentence_bad": "b", "UID": 3}', "line 2: 'UID'"),
        (b"\xff\xfe", "line 2 is not valid JSON"),
        (b"[" * 100_000, "line 2 is not valid JSON"),
        (b'{"sentence_good": ' + b"1" * 5000, "line 2 is not valid JSON"),
    ],
)
def test_malformed_lines_are_refused_with_file_and_line(tmp_path, line, complaint):
    good = b'{"sentence_good": "a", "sentence_bad": "b"}\n'
    (tmp_path / "x.jsonl").write_bytes(good + line + b"\n")
    with pytest.raises(UserError, match=r"x\.jsonl, " + complaint):
        read_pairs(tmp_path)


def test_an_empty_file_is_refused(tmp_path):
    (tmp_path / "x.jsonl").write_bytes(b"\n\n")
    with pytest.raises(UserError, match="holds no records"):
        read_pairs(tmp_path)


RECORD = st.dictionaries(
    st.sampled_from(["sentence_good", "sentence_bad", "UID", "field", "linguistics_term", "more"]),
    st.one_of(st.text(max_size=5), st.integers(), st.none(), st.lists(st.integers(), max_size=2)),
)


@settings(max_examples=150, deadline=None)
@given(
    content=st.one_of(st.binary(max_size=200), st.lists(RECORD).map(lambda r: "\n".join(map(json.dumps, r)).encode()))
)
def test_any_bytes_give_pairs_or_a_user_error(tmp_path_factory, content):
    folder = tmp_path_factory.mktemp("any")
    (folder / "x.jsonl").write_bytes(content)
    try:
        pairs = read_pairs(folder)
    except UserError:
        return
    assert pairs
    assert all(pair.good.encode("utf-8") and pair.bad.encode("utf-8") and pair.id.encode("utf-8") for pair in pairs)
