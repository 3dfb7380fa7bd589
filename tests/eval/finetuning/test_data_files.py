import json

import pytest

from climb.base.errors import UserError
from climb.eval.finetuning.data_files import read_task
from climb.eval.finetuning.examples import MissingData
from climb.eval.task import known_tasks
from tests.eval.finetuning.data import write_rte

TASKS = {name: task for name, task in known_tasks().items() if hasattr(task, "spec")}


def write(path, *records):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")


def test_multirc_binds_answers_to_questions_and_questions_to_paragraphs(tmp_path):
    rows = [
        {"paragraph": "P{1}.", "question": "Who?", "answer": "he", "idx": {"paragraph": 0}, "label": 1},
        {"paragraph": "P{1}.", "question": "Why?", "answer": "so", "idx": {"paragraph": 0}, "label": False},
    ]
    for split in ("train", "valid"):
        write(tmp_path / f"multirc.{split}.jsonl", *rows)
    data = read_task(TASKS["multirc"].spec, str(tmp_path), None)
    first, second = data.evaluated[""]
    assert (first.first, first.second, first.label) == ("Question: Who? Answer: he", "P{1}.", 1.0)
    assert first.cluster == second.cluster
    assert first.question != second.question
    assert second.label == 0.0


def test_wsc_asks_about_the_pronoun_first(tmp_path):
    row = {"text": "Joe ran; he fell.", "span1_text": "Joe", "span2_text": "he", "span1_index": 0, "label": 1}
    for split in ("train", "valid"):
        write(tmp_path / f"full_eval/glue_filtered/wsc.{split}.jsonl", row)
    example = read_task(TASKS["wsc"].spec, str(tmp_path), None).train[0]
    assert example.first == 'Does "he" refer to "Joe" in this passage?'
    assert example.second == "Joe ran; he fell."


def test_the_names_of_2023_and_the_second_set_of_mnli(tmp_path):
    row = {"premise": "A.", "hypothesis": "B.", "label": 1}
    write(tmp_path / "mnli.train.json", row)
    write(tmp_path / "mnli.validation.json", row, row)
    assert list(read_task(TASKS["mnli"].spec, str(tmp_path), None).evaluated) == [""]
    write(tmp_path / "mnli-mm.validation.json", row, row, row)
    evaluated = read_task(TASKS["mnli"].spec, str(tmp_path), None).evaluated
    assert {name: len(rows) for name, rows in evaluated.items()} == {"": 2, "mismatched": 3}


def test_a_train_of_one_distribution_is_not_scored_on_another(tmp_path):
    (tmp_path / "RTE").mkdir()
    tsv = "index\tsentence1\tsentence2\tlabel\n0\tA.\tB.\tentailment\n"
    (tmp_path / "RTE/dev.tsv").write_text(tsv)
    write(tmp_path / "rte.train.jsonl", {"sentence1": "A", "sentence2": "B", "label": 0})
    with pytest.raises(MissingData, match="no train file beside it"):
        read_task(TASKS["rte"].spec, str(tmp_path), None)
    (tmp_path / "RTE/train.tsv").write_text(tsv * 1 + "1\tC.\tD.\tnot_entailment\n")
    assert len(read_task(TASKS["rte"].spec, str(tmp_path), None).train) == 2
    assert len(read_task(TASKS["rte"].spec, str(tmp_path / "RTE"), None).train) == 2


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({"sentence1": "A", "sentence2": "B"}, "line 2 has no label"),
        ({"sentence1": "A", "sentence2": "B", "label": -1}, "line 2 has no label"),
        ({"sentence1": "A", "sentence2": "B", "label": 2}, "line 2: the label 2 is none of"),
        ({"sentence1": "A", "sentence2": "B", "label": 0.5}, "line 2: the label 0.5 is none of"),
        ({"sentence1": "A", "sentence2": "\ud800", "label": 1}, "line 2: 'sentence2' must be well-formed"),
        ({"premise": "A", "sentence2": "B", "label": 1}, "line 2: 'sentence1' must be a text"),
    ],
)
def test_a_malformed_record_is_refused_by_line(tmp_path, record, message):
    write(tmp_path / "rte.train.jsonl", {"sentence1": "A", "sentence2": "B", "label": 0}, record)
    write(tmp_path / "rte.valid.jsonl", {"sentence1": "A", "sentence2": "B", "label": 0})
    with pytest.raises(UserError, match=message):
        read_task(TASKS["rte"].spec, str(tmp_path), None)


def test_a_data_set_of_the_datasets_library(tmp_path):
    write_rte(tmp_path / "set/rte", train=5, valid=3)
    card = "---\nconfigs:\n- config_name: rte\n  data_files:\n  - {split: train, path: rte/rte.train.jsonl}\n"
    card += "  - {split: validation, path: rte/rte.valid.jsonl}\n---\n"
    (tmp_path / "set/README.md").write_text(card)
    data = read_task(TASKS["rte"].spec, None, str(tmp_path / "set"))
    files = read_task(TASKS["rte"].spec, str(tmp_path / "set/rte"), None)
    assert data.train == files.train
    assert data.evaluated == files.evaluated
    with pytest.raises(MissingData, match="'cola' cannot be loaded"):
        read_task(TASKS["cola"].spec, None, str(tmp_path / "set"))


def test_babylm_files_at_hand_have_the_published_sizes(shared):
    for task, (train, valid) in {"mrpc": (3668, 204), "rte": (2490, 139), "wsc": (554, 52)}.items():
        data = read_task(TASKS[task].spec, str(shared / "data/evaluation_data"), None)
        assert (len(data.train), len(data.evaluated[""])) == (train, valid)
