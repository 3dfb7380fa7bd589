"""Runs with syntactic smoothing: resumed, under curricula of every kind, and the published presets."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from climb.base.run import Run
from climb.config import TrainConfig
from climb.options import presets, resolve
from climb.training import train
from tests.climb.runs import in_two_processes, records

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


SPLIT = [
    ("masked-laptop", True, "vocab_pos_log"),
    ("causal-laptop", False, "none"),
    ("masked-laptop", False, "objective_pos_mlm:pos=0-1,mlm=0-1"),
    ("masked-laptop", False, "none"),
]


@pytest.mark.parametrize(
    ("split", "preset", "tied", "curriculum"),
    [("accumulation", *one) for one in SPLIT]
    # One start of two processes takes ten seconds.
    + [pytest.param("processes", *one, marks=[pytest.mark.slow] * (one != SPLIT[0])) for one in SPLIT],
)
def test_a_batch_may_be_split(tiny, tmp_path, split, preset, tied, curriculum):
    """A second step, so that g has moved; the weights are those of one process up to rounding."""
    fields = {
        **PACED, "model": preset, "model.tie_embeddings": tied, "curriculum": curriculum, "max_steps": 2,
        "log_steps": 1, "evaluations": 0, "optimizer.warmup": 0.0, "model.dropout": 0.0, "optimizer.epsilon": 1e-3,
    }  # fmt: skip
    whole = train(tiny("whole", **fields))
    if split == "accumulation":
        parts = train(tiny("parts", **fields, grad_accum=4))
    else:
        parts = in_two_processes(tiny("parts", **fields), tmp_path)
    one, other = (load_file(run / "model" / "model.safetensors") for run in (whole, parts))
    for name, tensor in one.items():
        torch.testing.assert_close(other[name], tensor, rtol=1e-4, atol=1e-6)
    losses = [[record["loss"] for record in records(run, "train")] for run in (whole, parts)]
    assert losses[1] == pytest.approx(losses[0], rel=1e-5)


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
