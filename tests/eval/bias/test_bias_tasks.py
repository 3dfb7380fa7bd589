import json
import math
import os
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from climb.base.errors import UserError
from climb.eval import EvalConfig, evaluate, evaluate_model, load, prepare_tasks
from climb.eval.bias.frequency_parts import PARTS, part_of, text_parts
from climb.eval.output import read_result
from tests.corpus_fixture import write_corpus
from tests.eval.bias.test_corpus_counts import run_on
from tests.eval.tiny import Bigram

SHARED = Path(os.environ.get("CLIMB_SHARED", Path(__file__).parents[4] / "shared")) / "data" / "evaluation_data"
VOCABULARY = 64


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return write_corpus(tmp_path_factory.mktemp("bias") / "data" / "tiny")


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    """Six paradigms of fifty replacements of one word, one paradigm of additions."""
    folder = tmp_path_factory.mktemp("pairs")
    rng = np.random.default_rng(0)
    for paradigm in range(6):
        lines = []
        for _ in range(50):
            left, right, good, bad = (f"w{n}" for n in rng.choice(np.arange(5, 64), 4, replace=False))
            lines.append({"sentence_good": f"{left} {good} {right}", "sentence_bad": f"{left} {bad} {right}"})
        write(folder / f"paradigm_{paradigm}.jsonl", lines)
    write(folder / "addition.jsonl", [{"sentence_good": "w5 w6", "sentence_bad": "w5"}] * 3)
    return folder


def write(path, lines):
    lines = [{**line, "linguistics_term": "binding", "field": "syntax"} for line in lines]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


def unigram(counts, sign):
    """A causal model that gives every token its own frequency, or the inverse of it, whatever stands before."""
    logits = sign * np.log(np.maximum(counts, 0.5))
    return Bigram(torch.from_numpy(np.tile(logits, (VOCABULARY, 1))))


@pytest.mark.parametrize(("sign", "expected"), [(1, 1.0), (-1, -1.0), (0, 0.0)])
def test_models_that_prefer_frequent_words_rare_words_and_neither(corpus, pairs, sign, expected, tmp_path):
    model = unigram(corpus.lexicon()["count"].astype(float), sign)
    found = evaluate_model(
        model, corpus.tokenizer, "causal", ["frequency_bias"], str(pairs), tmp_path, corpus=str(corpus.folder)
    )["frequency_bias"]
    assert found.metrics["frequency_bias"].value == expected
    assert found.metrics["frequency_bias_controlled"].value == expected
    assert np.sign(found.metrics["frequency_slope"].value) == sign
    assert found.metrics["frequency_bias"].interval == (expected, expected)
    assert (found.counts["replacement_pairs"], found.counts["addition_pairs"]) == (300, 3)
    # The file of single pairs gives the same figure.
    records = read_result(tmp_path, "frequency_bias").predictions
    high, low = ([r["credit"] for r in records if r["third"] == third] for third in ("high", "low"))
    assert np.mean(high) - np.mean(low) == expected
    # Words of one count tie under every model of frequencies.
    assert found.counts["ties"] == (300 if sign == 0 else sum(record["delta"] == 0 for record in records))
    logs = dict(zip((f"w{n}" for n in range(5, 64)), np.log(corpus.lexicon()["count"][5:]), strict=True))
    first = json.loads((pairs / "paradigm_0.jsonl").read_text().split("\n")[0])
    delta = logs[first["sentence_good"].split()[1]] - logs[first["sentence_bad"].split()[1]]
    assert records[0]["delta"] == pytest.approx(delta)


@pytest.fixture(scope="module")
def run(corpus, pairs):
    """A run on the corpus with a model, and other weights from before training."""
    folder = run_on(corpus.folder.parent.parent / "runs" / "r", corpus.manifest.fingerprint)
    for name, seed in (("model", 1), ("chck_0M", 0)):
        torch.manual_seed(seed)
        sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 24}
        config = LlamaConfig(vocab_size=VOCABULARY, initializer_range=0.5, max_position_embeddings=64, **sizes)
        LlamaForCausalLM(config).save_pretrained(folder / name)
        corpus.tokenizer.save_pretrained(folder / name)
    return folder


def test_a_run_is_compared_with_its_untrained_weights(run, pairs):
    config = EvalConfig(tasks=["frequency_bias"], data=str(pairs), device="cpu")
    tasks = prepare_tasks(config)
    trained, before = (
        evaluate(load(place, "cpu"), config, None, tasks)["frequency_bias"] for place in (run, run / "chck_0M")
    )
    untrained = trained.metrics["frequency_bias_untrained"]
    assert untrained.value == pytest.approx(before.metrics["frequency_bias"].value, abs=1e-12)
    gained = trained.metrics["frequency_bias_gained"]
    assert gained.value == pytest.approx(trained.metrics["frequency_bias"].value - untrained.value)
    assert before.metrics["frequency_bias_gained"].value == 0.0
    assert gained.interval[0] <= gained.value <= gained.interval[1]
    alone = evaluate(load(run, "cpu"), EvalConfig(tasks=["frequency_bias"], data=str(pairs), untrained=False))
    assert "frequency_bias_untrained" not in alone["frequency_bias"].metrics


def test_the_embedded_pairs_and_what_cannot_be_divided(corpus, tmp_path):
    model = unigram(corpus.lexicon()["count"].astype(float), 1)
    # The tokenizer knows none of the words, so all sentences of equal length are the same.
    with pytest.raises(UserError, match=r"nothing can be compared|too little"):
        evaluate_model(
            model, corpus.tokenizer, "causal", ["sample_frequency_bias"], corpus=str(corpus.folder), pairs=3
        )
    pair = {"sentence_good": "w5 w6", "sentence_bad": "w5 w7"}
    write(tmp_path / "one.jsonl", [pair] * 4)
    with pytest.raises(UserError, match="too little in token frequency"):
        evaluate_model(
            model, corpus.tokenizer, "causal", ["frequency_bias"], str(tmp_path), corpus=str(corpus.folder)
        )
    with pytest.raises(UserError, match="belongs to no run"):
        evaluate_model(model, corpus.tokenizer, "causal", ["frequency_bias"], str(tmp_path))


def test_perplexity_by_frequency_is_that_of_the_tokens_of_each_part(corpus, tmp_path):
    counts = corpus.lexicon()["count"].astype(float)
    found = evaluate_model(
        unigram(counts, 1), corpus.tokenizer, "causal", ["frequency_perplexity"], None, tmp_path,
        corpus=str(corpus.folder), passages=1000,
    )["frequency_perplexity"]  # fmt: skip
    log_p = np.log(np.maximum(counts, 0.5) / np.maximum(counts, 0.5).sum())
    blocks = corpus.validation
    held_out = np.concatenate(
        [row[:n] for row, n in zip(blocks.tokens(range(len(blocks))), blocks.length, strict=True)]
    )
    held_out = held_out[held_out >= 5]
    plain = np.where(np.arange(VOCABULARY) < 5, 0, counts).astype(int)
    for name, (number, part) in PARTS.items():
        inside = held_out[part_of(plain, number)[held_out] == part]
        assert found.groups["nats_per_token"][name].value == pytest.approx(-log_p[inside].mean(), abs=1e-9)
        assert found.metrics[f"perplexity_{name}"].value == pytest.approx(math.exp(-log_p[inside].mean()))
        assert found.counts[f"scored_{name}"] == len(inside)
    check_texts(found, records=read_result(tmp_path, "frequency_perplexity").predictions, counts=plain, corpus=corpus)
    nats = found.groups["nats_per_token"]
    gap = found.metrics["nats_rare_minus_frequent"]
    assert gap.value == pytest.approx(nats["rare_third"].value - nats["frequent_third"].value)
    records = read_result(tmp_path, "frequency_perplexity").predictions
    # The jackknife over passages, an estimator of another kind, agrees with the linearised error.
    sums = np.array(
        [[r[f"{u}_{t}_third"] for t in ("rare", "frequent") for u in ("nats", "tokens")] for r in records]
    )
    left = sums.sum(axis=0) - sums
    values = left[:, 0] / left[:, 1] - left[:, 2] / left[:, 3]
    n = len(values)
    assert gap.standard_error == pytest.approx(
        math.sqrt((n - 1) / n * ((values - values.mean()) ** 2).sum()), rel=0.05
    )


def check_texts(found, records, counts, corpus):
    """Passages divided by their mean ln f: recomputed from the text of the corpus and from the records."""
    blocks, logs = corpus.validation, np.log(np.maximum(counts, 0.5))
    running = np.concatenate(
        [row[:n] for row, n in zip(blocks.tokens(range(len(blocks))), blocks.length, strict=True)]
    )
    running = running[running >= 5]
    tokens = np.array([sum(r[f"tokens_{name}_half"] for name in ("rare", "frequent")) for r in records])
    nats = np.array([sum(r[f"nats_{name}_half"] for name in ("rare", "frequent")) for r in records])
    means = np.array([record["mean_log_frequency"] for record in records])
    assert (means * tokens).sum() == pytest.approx(logs[running].sum())
    order = np.argsort(means)
    low, high = means[order[: len(order) // 4]], means[order[-len(order) // 4 :]]
    assert low.max() < high.min(), "or nothing can be divided"
    texts = found.groups["nats_per_token_of_texts"]
    for name, inside in text_parts(means).items():
        assert texts[name].value == pytest.approx(nats[inside].sum() / tokens[inside].sum())
    assert texts["rare_third"].value > texts["middle_third"].value > texts["frequent_third"].value


def test_texts_are_divided_at_percentiles():
    parts = text_parts(np.arange(101.0)[::-1])
    assert {name: int(inside.sum()) for name, inside in parts.items()} == {
        "rare_half": 50,
        "frequent_half": 51,
        "rare_third": 33,
        "middle_third": 34,
        "frequent_third": 34,
    }
    assert parts["rare_third"][-33:].all()
    assert set(parts) == set(PARTS)


def test_drawn_positions_of_a_masked_model_stand_for_their_passage(corpus):
    from tests.eval.tiny import tiny_model

    model = tiny_model("bert")
    both = [
        evaluate_model(
            model,
            corpus.tokenizer,
            "masked",
            ["frequency_perplexity"],
            corpus=str(corpus.folder),
            positions=positions,
        )["frequency_perplexity"]
        for positions in (4, 1000)
    ]
    part, whole = (found.groups["nats_per_token"]["frequent_half"] for found in both)
    assert part.count < whole.count
    assert part.value == pytest.approx(whole.value, abs=5 * part.standard_error)
    assert sum(both[1].counts[f"scored_{name}_half"] for name in ("rare", "frequent")) == both[1].counts["tokens"]


@pytest.mark.skipif(not SHARED.is_dir(), reason="the BabyLM evaluation data is not at hand")
def test_the_real_pairs_divide_into_thirds(corpus):
    from tests.eval.tiny import byte_tokenizer, tiny_model

    found = evaluate_model(
        tiny_model("gpt2", positions=200), byte_tokenizer(), "causal", ["frequency_bias"], str(SHARED),
        corpus=str(corpus.folder), limit=5,
    )["frequency_bias"]  # fmt: skip
    sizes = [found.counts[f"{name}_third"] for name in ("low", "middle", "high")]
    assert sum(sizes) == found.counts["replacement_pairs"]
    assert min(sizes) > 0


@pytest.fixture(scope="module")
def masked_run(corpus):
    """A run with a masked model, whose sentences may differ in length for it to matter, and other weights before."""
    from transformers import RobertaConfig, RobertaForMaskedLM

    folder = run_on(corpus.folder.parent.parent / "runs" / "masked", corpus.manifest.fingerprint)
    for name, seed in (("model", 1), ("chck_0M", 0), ("chck_1M", 2)):
        torch.manual_seed(seed)
        sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 24}
        shape = RobertaConfig(vocab_size=VOCABULARY, initializer_range=0.5, max_position_embeddings=64, **sizes)
        RobertaForMaskedLM(shape).save_pretrained(folder / name)
        corpus.tokenizer.save_pretrained(folder / name)
    return folder


@pytest.fixture(scope="module")
def uneven(tmp_path_factory):
    """Pairs of which one sentence is longer: sums and means decide them differently."""
    folder = tmp_path_factory.mktemp("uneven")
    rng = np.random.default_rng(1)
    for paradigm in range(3):
        lines = []
        for _ in range(30):
            words = [f"w{n}" for n in rng.choice(np.arange(5, 64), 5, replace=False)]
            lines.append({"sentence_good": " ".join(words[:3]), "sentence_bad": " ".join([words[0], *words[3:]])})
            lines.append({"sentence_good": " ".join(words[:2]), "sentence_bad": " ".join([*words[2:], words[0]])})
        write(folder / f"paradigm_{paradigm}.jsonl", lines)
    return folder


def wanted_items(monkeypatch):
    """Count the items that are forwarded."""
    from climb.eval.scoring import Scorer

    counted, find = [], Scorer._find

    def counting(self, wanted, copies, advance):
        counted.append(len(wanted))
        return find(self, wanted, copies, advance)

    monkeypatch.setattr(Scorer, "_find", counting)
    return counted


@pytest.mark.parametrize(
    ("which", "options"),
    [
        ("masked_run", {}),
        ("masked_run", {"convention": "babylm-2024"}),
        ("masked_run", {"convention": "minicons", "pll": "within_word_l2r"}),
        ("run", {"convention": "lm-eval"}),
        ("run", {"bos": "yes"}),
    ],
    ids=str,
)
def test_pairs_are_scored_once_and_decided_as_by_blimp(which, options, uneven, monkeypatch, tmp_path, request):
    run = request.getfixturevalue(which)
    counted = wanted_items(monkeypatch)
    options = {"data": str(uneven), "device": "cpu", "untrained": False, **options}
    evaluate(load(run, "cpu"), EvalConfig(tasks=["blimp"], **options))
    alone = sum(counted)
    counted.clear()
    evaluate(load(run, "cpu"), EvalConfig(tasks=["blimp", "frequency_bias"], **options), tmp_path)
    assert sum(counted) == alone > 0
    ours, theirs = (
        {record["id"]: record for record in read_result(tmp_path, task).predictions}
        for task in ("frequency_bias", "blimp")
    )
    assert ours
    for name, record in ours.items():
        assert [record[key] for key in ("credit", "good", "bad")] == [
            theirs[name][key] for key in ("credit", "good", "bad")
        ]


@pytest.mark.parametrize("options", [{}, {"pll": "within_word_l2r", "convention": "minicons"}, {"backend": "mntp"}])
def test_every_checkpoint_has_the_untrained_weights_as_its_reference(masked_run, uneven, options):
    """Oracle: the untrained weights evaluated as a model of their own, under the same options."""
    config = EvalConfig(tasks=["frequency_bias"], data=str(uneven), device="cpu", **options)
    tasks = prepare_tasks(config)
    found = {
        name: evaluate(load(masked_run / name, "cpu", backend=config.backend), config, None, tasks)["frequency_bias"]
        for name in ("chck_0M", "chck_1M", "model")
    }
    untrained = found["chck_0M"].metrics["frequency_bias"].value
    assert len({one.metrics["frequency_bias"].value for one in found.values()}) == 3
    for one in found.values():
        assert one.metrics["frequency_bias_untrained"].value == untrained
        gained = one.metrics["frequency_bias"].value - untrained
        assert one.metrics["frequency_bias_gained"].value == pytest.approx(gained)
