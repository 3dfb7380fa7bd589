import json

import pytest
import torch

from climb.base.errors import Interrupted, UserError
from climb.eval import EvalConfig, evaluate, results_table
from climb.eval.finetuning import finetune_task
from climb.eval.finetuning.finetune_task import FinetuneTask
from climb.eval.finetuning.fitting import Fitting
from climb.eval.finetuning.metrics import METRICS
from climb.eval.runner import in_memory
from climb.eval.task import known_tasks
from tests.eval.finetuning.data import write_rte
from tests.eval.tiny import byte_tokenizer, kind, tiny_model

QUICK = {"epochs": 4, "learning_rate": 3e-3, "seeds": [0], "select_on": "last"}


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return write_rte(tmp_path_factory.mktemp("rte"))


@pytest.fixture(autouse=True)
def _one_thread():
    torch.set_num_threads(1)


def run(data, family="roberta", out=None, tasks=("rte",), **finetuning):
    model = in_memory(tiny_model(family).float(), byte_tokenizer(), kind(family))
    return evaluate(model, EvalConfig(tasks=list(tasks), data=data, finetuning=finetuning), out)


@pytest.mark.parametrize("family", ["roberta", "modernbert", "bert", "gpt2", "llama", "bart"])
def test_a_separable_task_is_learned(data, family):
    result = run(data, family, **{**QUICK, "epochs": 10})["rte"]
    assert result.metrics["accuracy"].value > 0.97
    assert 0.5 <= result.chance < 0.7


def test_shuffled_labels_stay_at_chance(tmp_path):
    result = run(write_rte(tmp_path, valid=200, shuffled=True), **QUICK)["rte"]
    assert abs(result.metrics["accuracy"].value - 0.5) < 4 * result.metrics["accuracy"].standard_error


@pytest.mark.parametrize("family", ["roberta", "gpt2", "bart"])
def test_a_probe_reads_what_is_there(data, family, tmp_path):
    result = run(data, family, recipe="probe")["rte"]
    assert result.metrics["accuracy"].value > 0.97
    assert result.counts["steps"] == 0
    noise = run(write_rte(tmp_path, valid=200, shuffled=True), family, recipe="probe")["rte"].metrics["accuracy"]
    assert abs(noise.value - 0.5) < 4 * noise.standard_error


def test_finished_seeds_are_kept_and_not_done_again(data, tmp_path, monkeypatch):
    options = {**QUICK, "epochs": 1}
    whole = run(data, out=tmp_path / "whole", **{**options, "seeds": [0, 1]})["rte"]
    started = []
    train = Fitting.run

    def interrupted(self, advance):
        started.append(self.seed)
        if self.seed == 1 and len(started) == 2:
            raise KeyboardInterrupt
        train(self, advance)

    monkeypatch.setattr(Fitting, "run", interrupted)
    with pytest.raises(Interrupted):
        run(data, out=tmp_path / "cut", **{**options, "seeds": [0, 1]})
    again = run(data, out=tmp_path / "cut", **{**options, "seeds": [0, 1]})["rte"]
    assert started == [0, 1, 1]
    assert again == whole
    run(data, out=tmp_path / "cut", **{**options, "seeds": [1, 2]})
    assert started == [0, 1, 1, 2]
    run(data, out=tmp_path / "cut", **{**options, "seeds": [1], "epochs": 2})  # another recipe: nothing is kept
    assert started == [0, 1, 1, 2, 1]
    run(data, "gpt2", out=tmp_path / "cut", **{**options, "seeds": [2]})  # another model
    assert started[-1] == 2


def test_a_damaged_record_is_made_again(data, tmp_path):
    options = {**QUICK, "epochs": 1}
    first = run(data, out=tmp_path, **options)["rte"]
    kept = tmp_path / "finetuning/rte-s0.json"
    kept.write_text(kept.read_text()[:100])
    assert run(data, out=tmp_path, **options)["rte"] == first


def test_the_result_says_what_a_reader_must_know(data, tmp_path):
    result = run(data, out=tmp_path, recipe="babylm-2025", epochs=1, seeds=[3, 4], train_limit=64)["rte"]
    assert result.convention == "babylm-2025, epochs=1, train_limit=64"
    assert any("chosen on the evaluated set" in note for note in result.notes)
    assert any("Trained on 64 of 160 rows" in note for note in result.notes)
    assert result.counts["steps"] == 4
    assert list(result.groups["seed"]) == ["3", "4"]
    seeds = [figure.value for figure in result.groups["seed"].values()]
    assert result.metrics["accuracy"].value == pytest.approx(sum(seeds) / 2)
    lines = [json.loads(line) for line in (tmp_path / "rte.predictions.jsonl").read_text().splitlines()]
    assert [line["id"] for line in lines[:2]] == ["rte_0", "rte_1"]
    right = [line["gold"] == line["pred"] for line in lines if line["seed"] == 3]
    assert sum(right) / 60 == pytest.approx(seeds[0])


def test_rows_longer_than_the_model_are_cut_and_said_and_never_asked_for(data, tmp_path):
    long = {"sentence1": "a" * 100, "sentence2": "b", "label": 1}
    for split in ("train", "valid"):
        (tmp_path / f"rte.{split}.jsonl").write_text((json.dumps(long) + "\n") * 4)
    result = run(str(tmp_path), **{**QUICK, "epochs": 1})["rte"]
    assert (result.counts["train_cut"], result.counts["evaluated_cut"]) == (4, 4)
    with pytest.raises(UserError, match="max_length=65: the model has 64 positions"):
        run(data, "gpt2", max_length=65)


def test_glue_averages_what_is_there_and_survives_a_failing_task(data, tmp_path, monkeypatch):
    (tmp_path / "full_eval/glue_filtered").mkdir(parents=True)
    for split in ("train", "valid"):
        rows = [{"sentence": "ab"[i % 2] * (i % 5 + 1), "label": i % 2} for i in range(40)]
        for task in ("sst2", "cola"):
            text = "".join(json.dumps(row) + "\n" for row in rows)
            (tmp_path / f"full_eval/glue_filtered/{task}.{split}.jsonl").write_text(text)
    write_rte(tmp_path / "full_eval/glue_filtered")
    evaluated = FinetuneTask.evaluate

    def failing(self, scorer):
        if self.name == "cola":
            raise UserError("no luck.")
        return evaluated(self, scorer)

    monkeypatch.setattr(finetune_task.FinetuneTask, "evaluate", failing)
    results = run(
        str(tmp_path), out=tmp_path / "out", tasks=("glue",), recipe="babylm-2023", epochs=4, learning_rate=3e-3
    )
    result = results["glue"]
    parts = result.groups["score_mean"]
    assert list(parts) == ["sst2", "rte"]
    assert result.metrics["score_mean"].value == pytest.approx((parts["sst2"].value + parts["rte"].value) / 2)
    assert (result.coverage.present, result.coverage.total) == (2, 11)
    assert result.notes[0] == "cola failed: no luck."
    assert (tmp_path / "out/rte.json").is_file()
    assert (tmp_path / "out/glue.json").is_file()
    assert results_table({"m": results}).row_count == 5


def test_missing_data_is_said_with_the_cure(tmp_path):
    for tasks in (("rte",), ("glue",)):
        with pytest.raises(UserError, match=r"not found in .*--dataset nyu-mll/glue"):
            run(str(tmp_path), tasks=tasks)


@pytest.mark.parametrize("task", [t for t in known_tasks().values() if issubclass(t, FinetuneTask)])
def test_a_task_bears_the_name_of_its_spec(task):
    assert task.spec.name == task.name
    assert set(task.spec.metrics) <= set(METRICS)
