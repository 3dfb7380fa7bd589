"""What samples.jsonl shows is what the model saw."""

from __future__ import annotations

import json

import numpy as np
import pytest

from climb.base.corpus import PreparedCorpus
from climb.curricula.plan import RunPlan
from climb.curricula.samples import build
from climb.samples_log import shown_rows, step_records
from climb.training import train
from tests.corpus_fixture import write_corpus


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> PreparedCorpus:
    return write_corpus(tmp_path_factory.mktemp("shown") / "corpus")


def test_masked_and_hidden_tokens_are_visible_and_padding_is_not(corpus: PreparedCorpus) -> None:
    tokenizer = corpus.tokenizer
    ids = np.arange(len(tokenizer))
    words = [number for number in ids.tolist() if number not in tokenizer.all_special_ids][:4]
    row = np.array([words[0], tokenizer.mask_token_id, words[2], tokenizer.unk_token_id, tokenizer.pad_token_id])
    labels = np.array([-100, words[1], -100, words[3], -100])
    (shown,) = shown_rows(row[None], labels[None], np.array([[1, 1, 1, 1, 0]]), tokenizer)
    assert shown["text"].count("<mask>") == shown["text"].count("<unk>") == 1
    assert "<pad>" not in shown["text"]
    assert shown["targets"] == [tokenizer.decode([words[1]]), tokenizer.decode([words[3]])]


@pytest.mark.parametrize("objective", ["masked", "causal"])
@pytest.mark.parametrize("curriculum", ["none", "data_rarity_linear+vocab_linear", "length_linear:start=0.5"])
def test_the_rows_are_those_of_the_step(corpus: PreparedCorpus, objective, curriculum) -> None:
    samples = build(curriculum, corpus, RunPlan(10, 8), 3, objective)
    for step in (0, 1, 10):
        records = step_records(samples, corpus, step)
        first = 8 * max(step - 1, 0)
        assert [record["number"] for record in records] == [first, first + 2, first + 4, first + 6]
        batch = samples.batch(range(first, first + 8))
        for record in records:
            row = int(np.flatnonzero(batch["numbers"] == record["number"])[0])
            block = int(samples.examples([record["number"]])[0])
            assert record["source"] == corpus.manifest.sources[corpus.train.source[block]]
            assert len(record["targets"]) == int((batch["labels"][row] != -100).sum())
            assert record["text"].count("<mask>") == int(
                (batch["input_ids"][row] == corpus.tokenizer.mask_token_id).sum()
            )
            assert record["text"].count("<unk>") == int(
                (batch["input_ids"][row] == corpus.tokenizer.unk_token_id).sum()
            )
            if curriculum.startswith("data"):
                assert record["difficulty"] == pytest.approx(float(corpus.scores("rarity")[block]))
            else:
                assert "difficulty" not in record


def test_a_step_of_fewer_samples_shows_them_all(corpus: PreparedCorpus) -> None:
    samples = build("none", corpus, RunPlan(2, 2), 0)
    assert [record["number"] for record in step_records(samples, corpus, 2)] == [2, 3]


def test_a_run_shows_them_at_its_evaluations(tiny) -> None:
    folder = train(tiny())
    records = [json.loads(line) for line in (folder / "samples.jsonl").read_text().splitlines()]
    assert [record["step"] for record in records] == [0] * 4 + [6] * 4 + [12] * 4
    silent = train(tiny("silent", evaluations=0))
    assert not (silent / "samples.jsonl").exists()


def test_each_objective_shows_what_it_asks(corpus: PreparedCorpus) -> None:
    plan = RunPlan(10, 8)
    samples = build("objective_pos_mlm:mode=shared", corpus, plan, 3)
    records = step_records(samples, corpus, 1)
    batch = samples.batch(range(8))["objectives"]
    assert [record["objective"] for record in records[:4]] == ["pos", "mlm", "pos", "mlm"]
    tags = ("other", "NOUN", "VERB", "ADJ", "ADV", "PRON", "DET", "ADP", "NUM", "CONJ", "PRT", ".")
    for tag, token in zip(records[::2], records[1::2], strict=True):
        number = tag["number"]
        assert tag["text"] == token["text"] == corpus.tokenizer.decode(batch["pos"]["input_ids"][number])
        labels = {unit: asked["labels"][number] for unit, asked in batch.items()}
        assert tag["targets"] == [tags[label] for label in labels["pos"] if label != -100]
        assert token["targets"] == [corpus.tokenizer.decode([label]) for label in labels["mlm"] if label != -100]
    split = step_records(build("objective_mntp_clm:mode=split", corpus, plan, 3), corpus, 1)
    assert len(split) == 4
    assert {record["objective"] for record in split} <= {"mntp", "clm"}
