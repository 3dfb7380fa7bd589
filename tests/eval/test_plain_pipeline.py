"""Under babylm-2025 the engine decides as an independent implementation of that pipeline does, item by item."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest
import torch
from tokenizers import ByteLevelBPETokenizer
from transformers import PreTrainedTokenizerFast

from climb.eval import EvalConfig, evaluate_model, prepare_tasks
from tests.eval import plain_pipeline as plain
from tests.eval.tiny import SPECIALS, finish, kind, tiny_model

GAP = 1e-4
FAMILY = {"masked": "roberta", "mntp": "bert", "causal": "llama"}
READERS = {
    "blimp": plain.pairs,
    "blimp_supplement": plain.pairs,
    "ewok": plain.ewok,
    "entity_tracking": plain.entities,
    "comps": plain.properties,
}
FOLDERS = {
    "blimp": "blimp_filtered",
    "blimp_supplement": "supplement_filtered",
    "ewok": "ewok_filtered",
    "entity_tracking": "entity_tracking",
    "comps": "comps",
}


def write(path: Path, lines: list[dict]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")


VOCABULARY = 800


def bpe(texts: list[str], wrapped: bool) -> PreTrainedTokenizerFast:
    trained = ByteLevelBPETokenizer()
    trained.train_from_iterator(
        texts, vocab_size=VOCABULARY, min_frequency=1, special_tokens=SPECIALS, show_progress=False
    )
    return finish(trained._tokenizer, wrapped)


def model_on(texts: list[str], tokenizer: PreTrainedTokenizerFast, backend: str, steps: int) -> torch.nn.Module:
    """A tiny float32 model: random, or trained for some steps on the texts."""
    model = tiny_model(FAMILY[backend], positions=512, vocabulary=VOCABULARY).float()
    optimiser = torch.optim.AdamW(model.parameters(), lr=5e-3)
    model.train()
    for step in range(steps):
        batch = tokenizer(texts[16 * step % len(texts) :][:16], return_tensors="pt", padding=True)
        labels = batch["input_ids"].masked_fill(batch["attention_mask"] == 0, -100)
        model(**batch, labels=labels).loss.backward()
        optimiser.step()
        optimiser.zero_grad()
    return model.eval()


def compared(
    task: str, data: Path, backend: str, model: torch.nn.Module, tokenizer: PreTrainedTokenizerFast
) -> set[int]:
    """Compare what both choose on every item of a task's files; return which candidates were chosen."""
    if backend == "mntp":
        model.config.climb_objective = "mntp"
    chosen = {}
    result = evaluate_model(model, tokenizer, kind(FAMILY[backend]), [task], str(data), convention="babylm-2025")[
        task
    ]
    (loaded,) = prepare_tasks(EvalConfig(tasks=[task], data=str(data), convention="babylm-2025"))
    for record in result.predictions:
        chosen[record["id"]] = record["chosen"] if "chosen" in record else int(record["credit"] == 0)
    items, ids = [], []
    counts: dict[str, int] = {}
    for path in sorted((data / FOLDERS[task]).glob("*.jsonl")):
        for line, item in zip(lines := plain.lines_in(path), READERS[task](lines), strict=True):
            name = line.get("UID") or line.get("Domain") or path.stem.removeprefix("comps_")
            name += f"_{line['numops']}_ops" if "numops" in line else ""
            ids.append(f"{name}_{counts.get(name, 0)}")
            counts[name] = counts.get(name, 0) + 1
            items.append(item)
    assert set(ids) == set(chosen)
    assert len(ids) == len(chosen) == len(loaded.questions)
    expected = plain.choices(model, tokenizer, backend, items)
    differing = [i for i, (best, gap) in zip(ids, expected, strict=True) if gap > GAP and chosen[i] != best]
    assert differing == []
    apart = sum(gap > GAP for _, gap in expected)
    assert apart > 0.9 * len(expected)  # else the comparison would say little
    return {best for best, _ in expected}


VERBS, STARTS = ("see", "like"), ("The", "Some", "Those two")
BADS = ("it", "In the garden by the river", "no", "At seven or so", "up")
RESTS = ("", " her", " the big house by the river")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Files in the published formats, of lengths and beginnings that differ, in no order of length."""
    folder = tmp_path_factory.mktemp("made")
    nouns = ["cat", "old dog", "very small child", "queen", "teacher of the boys"]
    pairs = [
        {
            "sentence_good": f"{start} {noun}{s} {verb}{t}{rest}.",
            "sentence_bad": f"{start} {noun}{s} {verb}{s}{rest}.",
            "UID": f"u{number % 3}", "linguistics_term": "t", "field": "syntax",
        }
        for number, (noun, verb, start, rest) in enumerate(itertools.product(nouns, VERBS, STARTS, RESTS))
        for s, t in [("s", "") if number % 2 else ("", "s")]
    ]  # fmt: skip
    for number in range(3):
        write(folder / "blimp_filtered" / f"u{number}.jsonl", [p for p in pairs if p["UID"] == f"u{number}"])
    turns = [
        {"sentence_good": f"A: Who saw the {n}?\nB: The {m} did.", "sentence_bad": f"A: Who saw the {n}?\nB: {bad}."}
        for n in nouns for m, bad in zip(nouns, BADS, strict=True)
    ]  # fmt: skip
    write(folder / "supplement_filtered" / "turn_taking.jsonl", turns)
    rows = [
        {"Context1": f"The {n} is hot.", "Context2": f"The {n} is cold.", "Target1": f"The {m} melts.",
         "Target2": f"The {nouns[i % 4]} freezes.", "Domain": f"d{i % 2}"}
        for i, (n, m) in enumerate((n, m) for n in nouns for m in nouns)
    ]  # fmt: skip
    write(folder / "ewok_filtered" / "a.jsonl", rows)
    boxes = [
        {"input_prefix": f"Box 0 holds the {n}. Box 1 holds the {m}. Box {box} contains ", "numops": box,
         "options": [f"the {k}." for k in nouns], "sample_id": 0}
        for n in nouns for m in nouns for box in (0, 1)
    ]  # fmt: skip
    write(folder / "entity_tracking" / "regular.jsonl", boxes)
    shared = [
        {"prefix_acceptable": f"The {n}", "prefix_unacceptable": f"The {m} there", "property_phrase": p}
        for n in nouns for m in nouns for p in ("is red.", "can fly over a fence.")
    ]  # fmt: skip
    write(folder / "comps" / "comps_base.jsonl", shared)
    return folder, [text for pair in pairs for text in (pair["sentence_good"], pair["sentence_bad"])]


@pytest.mark.parametrize("wrapped", [True, False])
@pytest.mark.parametrize("backend", ["masked", "mntp", "causal"])
def test_made_files_are_decided_as_the_plain_way_does(made, backend, wrapped):
    folder, texts = made
    tokenizer = bpe(texts, wrapped)
    model = model_on(texts, tokenizer, backend, 0 if wrapped else 8)
    chosen = [compared(task, folder, backend, model, tokenizer) for task in READERS]
    assert max(map(len, chosen)) > 1  # a scorer stuck on one candidate would not pass


@pytest.mark.parametrize("steps", [0, 40])
@pytest.mark.parametrize("backend", ["masked", "mntp", "causal"])
def test_blimp_is_decided_as_the_plain_way_does(shared, tmp_path, backend, steps):
    """Six pairs of each paradigm at hand, by a random and by a trained model."""
    for path in sorted((shared / "data/evaluation_data/full_eval/blimp_filtered").glob("*.jsonl")):
        write(tmp_path / "blimp_filtered" / path.name, plain.lines_in(path)[:6])
    files = sorted((tmp_path / "blimp_filtered").iterdir())
    texts = [line["sentence_good"] for line in plain.lines_in(*files)]
    tokenizer = bpe(texts, wrapped=backend != "causal")
    assert compared("blimp", tmp_path, backend, model_on(texts, tokenizer, backend, steps), tokenizer) == {0, 1}


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["masked", "mntp", "causal"])
def test_all_of_blimp_and_entity_tracking_at_hand(shared, backend):
    """Every pair of every paradigm; of masked models' entity tracking only the questions that need no hour."""
    data = shared / "data/evaluation_data/full_eval"
    files = sorted((data / "blimp_filtered").glob("*.jsonl"))
    texts = [line["sentence_good"] for line in plain.lines_in(*files)]
    tokenizer = bpe(texts, wrapped=backend != "causal")
    model = model_on(texts, tokenizer, backend, 60)
    compared("blimp", data, backend, model, tokenizer)
    if backend == "causal":
        compared("entity_tracking", data, backend, model, tokenizer)
