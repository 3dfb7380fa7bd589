"""Runs with syntactic smoothing: resumed, under curricula of every kind, and the published presets."""

import json
from pathlib import Path

import pytest

from climb.base.run import Run
from climb.config import TrainConfig
from climb.options import presets, resolve
from climb.training import train

PACED = {"loss.name": "syntactic_smoothing", "loss.syntax.true_mass": "linear:start=0.1,end=1,from=0,to=1"}


def weights(run: Path) -> bytes:
    return (run / "model" / "model.safetensors").read_bytes()


def test_a_resumed_run_paces_on(tiny):
    reference = train(tiny("reference", **PACED))
    folder = train(tiny(**PACED))
    (folder / "manifest.json").write_text((folder / "manifest.json").read_text().replace('"complete"', '"running"'))
    file = folder / "checkpoint-12" / "optimizer.safetensors"
    file.write_bytes(file.read_bytes()[:-1])
    train(tiny(**PACED))
    assert weights(folder) == weights(reference)
    assert (folder / "metrics.jsonl").read_bytes() == (reference / "metrics.jsonl").read_bytes()
    assert Run(folder).manifest.loss["classes"] > 1


def test_pacing_reaches_the_weights(tiny):
    paced = train(tiny("paced", max_steps=4, **PACED))
    constant = train(tiny("constant", max_steps=4, **{**PACED, "loss.syntax.true_mass": 0.1}))
    assert weights(paced) != weights(constant)


@pytest.mark.parametrize(
    ("model", "curriculum"),
    [("masked-laptop", "none"), ("causal-laptop", "vocab_pos_log"), ("masked-laptop", "objective_pos_mlm")],
)
def test_the_run_sees_the_loss_and_counts_it(tiny, model, curriculum):
    found = {}
    for name in ("plain", "syntactic_smoothing"):
        fields = {"loss.name": name, "max_steps": 12, "log_steps": 12, "evaluations": 1, "curriculum": curriculum}
        folder = train(tiny(name, model=model, **fields))
        lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
        found[name] = next(line for line in lines if line["kind"] == "train"), weights(folder)
    (plain, before), (smoothed, after) = found["plain"], found["syntactic_smoothing"]
    assert before != after
    assert smoothed["loss"] != plain["loss"]
    assert smoothed["flops"] > plain["flops"]


PUBLISHED = {"low": 0.8, "mid": 0.5, "high": 0.2}


@pytest.mark.parametrize("level", PUBLISHED)
def test_published_presets(level):
    base, mass = resolve(TrainConfig, preset="smoothing-base"), PUBLISHED[level]
    assert (base.loss.name, base.max_steps, base.batch_size, base.learning_rate) == ("plain", 200_000, 512, 2e-3)
    assert base.model.tie_embeddings
    labels = resolve(TrainConfig, preset=f"smoothing-ls-{level}")
    constant = resolve(TrainConfig, preset=f"smoothing-sys-{level}")
    paced = resolve(TrainConfig, preset=f"smoothing-sys-p-{level}")
    assert (labels.loss.name, labels.loss.smoothing) == ("label_smoothing", pytest.approx(1 - mass))
    assert constant.loss.syntax.true_mass == mass
    assert constant.loss.syntax.similarity == "cosine"
    assert paced.loss.syntax.true_mass == f"linear:start={mass},end=1,from=0,to=1"
    for run in (labels, constant, paced):
        assert run.model_copy(update={"loss": base.loss}) == base
    assert constant.loss.name == paced.loss.name == "syntactic_smoothing"


def test_no_preset_is_forgotten():
    names = {f"smoothing-{kind}-{level}" for kind in ("ls", "sys", "sys-p") for level in PUBLISHED}
    assert {name for name in presets("train") if name.startswith("smoothing-")} == names | {"smoothing-base"}
