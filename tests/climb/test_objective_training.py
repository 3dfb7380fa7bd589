"""Runs with objective curricula keep the promises of every run, and account for each objective."""

import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from climb.base.errors import UserError
from climb.base.run import Run
from climb.config import TrainConfig
from climb.dry_run import dry_run_table
from climb.run_parts import checked_parts
from climb.training import Session, train
from tests.climb.test_training import command, first_step, logs, records, single_thread, weights

Tiny = Callable[..., TrainConfig]
EACH = "objective_pos_mlm_clm:pos=0-0.5,mlm=0.25-1,clm=0.75-1@0.5"
SHARED = "objective_pos-nv_mntp:mode=shared"
SPLIT = "objective_mntp_pos_clm:mode=split,mntp=@2"
BOTH = "objective_pos_mlm:pos=0-1@0.5,mlm=0-1"


def heads(run: Path) -> bytes:
    return (run / "heads.safetensors").read_bytes()


def test_mlm_alone_trains_the_weights_of_a_run_without_objectives(tiny: Tiny) -> None:
    fields = {"max_steps": 6, "model.dropout": 0.1}
    plain = train(tiny("plain", curriculum="vocab_linear", **fields))
    asked = train(tiny("asked", curriculum="objective_mlm+vocab_linear", **fields))
    assert weights(asked) == weights(plain)
    assert not (asked / "heads.safetensors").exists()
    ours, theirs = records(asked, "train")[-1], records(plain, "train")[-1]
    assert {key: ours[key] for key in theirs} == theirs
    assert (ours["loss_mlm"], "loss_mlm" in theirs) == (ours["loss"], False)
    assert records(asked, "held_out")[-1] == {**records(plain, "held_out")[-1], "objective": "mlm"}


@pytest.mark.parametrize("curriculum", [EACH, SHARED, SPLIT])
def test_resumed_runs_end_with_the_same_bytes(tiny: Tiny, curriculum: str) -> None:
    fields = {"curriculum": curriculum, "max_steps": 12, "save_steps": 4, "model.dropout": 0.1}
    whole = train(tiny("whole", **fields, **({} if curriculum == SHARED else {"optimizer.head_learning_rate": 1e-2})))
    cut = Path(str(whole) + "-cut")
    shutil.copytree(whole, cut)
    for name in ("model", "checkpoint-12"):
        shutil.rmtree(cut / name)
    (cut / "heads.safetensors").unlink()
    (cut / "manifest.json").write_text((cut / "manifest.json").read_text().replace('"complete"', '"running"'))
    assert (cut / "checkpoint-8" / "heads.safetensors").is_file()
    fields |= {} if curriculum == SHARED else {"optimizer.head_learning_rate": 1e-2}
    train(tiny(cut.name, **fields))
    assert (weights(cut), logs(cut), heads(cut)) == (weights(whole), logs(whole), heads(whole))


def test_killed_and_resumed_is_bit_identical(tiny: Tiny, tmp_path: Path) -> None:
    fields = {"max_steps": 240, "log_steps": 7, "save_steps": 15, "model.dropout": 0.1, "curriculum": EACH}
    whole, killed = tiny("whole", **fields), tiny("killed", **fields)
    process = subprocess.Popen(command(killed, tmp_path), env=single_thread(), stderr=subprocess.DEVNULL)
    folder = Path(str(killed.out))
    deadline = time.monotonic() + 120
    while not list(folder.glob("checkpoint-*")) and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (folder / "model").exists(), "the run ended before it could be killed"
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        reference = train(whole)
        train(killed)
    finally:
        torch.set_num_threads(threads)
    assert (weights(folder), logs(folder), heads(folder)) == (weights(reference), logs(reference), heads(reference))


@pytest.mark.parametrize("workers", [1, 2])
def test_loader_workers_change_nothing(tiny: Tiny, workers: int) -> None:
    fields = {"curriculum": SPLIT, "max_steps": 4}
    alone, helped = train(tiny("alone", **fields)), train(tiny("helped", **fields, loader_workers=workers))
    assert (weights(helped), logs(helped), heads(helped)) == (weights(alone), logs(alone), heads(alone))


DIVIDED = [
    ("masked-laptop", SPLIT),
    ("masked-laptop", BOTH),
    ("masked-laptop", SHARED),
    ("masked-laptop", "objective_pos_clm:pos=0-1,clm=0.5-1"),  # the language-model head rests in the first step
    ("causal-laptop", "objective_pos_clm:mode=shared"),
]


@pytest.mark.parametrize(
    ("split", "preset", "curriculum"),
    [("accumulation", *one) for one in DIVIDED]
    # One start of two processes takes ten seconds.
    + [pytest.param("processes", *one, marks=[pytest.mark.slow] * (one != DIVIDED[0])) for one in DIVIDED],
)
def test_a_batch_may_be_split(tiny: Tiny, tmp_path: Path, split: str, preset: str, curriculum: str) -> None:
    """Sixteen blocks in four parts: targets differ from part to part, gradients of the step do not."""
    common = {
        "model": preset, "max_steps": 2, "save_steps": 1, "log_steps": 1, "evaluations": 0, "optimizer.warmup": 0.0,
        "model.dropout": 0.0, "optimizer.clip": 0.0, "curriculum": curriculum, "model.tie_embeddings": False,
    }  # fmt: skip
    whole = first_step(train(tiny("whole", **common)))
    if split == "accumulation":
        folder = train(tiny("parts", **common, grad_accum=4))
    else:
        config = tiny("parts", **common)
        torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
        run = [*torchrun, *command(config, tmp_path)[1:]]
        finished = subprocess.run(run, env=single_thread(), capture_output=True, text=True, timeout=240)
        assert finished.returncode == 0, finished.stderr
        folder = Path(str(config.out))
    parts = first_step(folder)
    assert parts[0] == pytest.approx(whole[0], abs=1e-6)
    assert parts[1].keys() == whole[1].keys()
    difference = sum(float((parts[1][name] - whole[1][name]).square().sum()) for name in whole[1]) ** 0.5
    norm = sum(float(gradient.square().sum()) for gradient in whole[1].values()) ** 0.5
    assert norm > 0.1
    assert difference / norm < 1e-5
    for ours, theirs in zip(records(folder, "train"), records(tmp_path / "whole", "train"), strict=True):
        assert {key: ours[key] for key in ours if "targets" in key} == {
            key: theirs[key] for key in theirs if "targets" in key
        }
        assert ours["flops"] == theirs["flops"]
        for key in (key for key in ours if key.startswith("loss_")):
            assert ours[key] == pytest.approx(theirs[key], rel=1e-4)


def test_the_journal_tells_what_each_objective_asked(tiny: Tiny) -> None:
    """Oracle: the labels of the samples; weights are in the loss, not in the losses of the objectives."""
    config = tiny(max_steps=12, log_steps=4, evaluations=0, curriculum="objective_pos_mlm:pos=0-0.5@0.5,mlm=0.25-1")
    folder = train(config)
    samples = checked_parts(config).samples
    counts = {"pos": [], "mlm": []}
    for step in range(12):
        batch = samples.batch(samples.plan.numbers_of(step))["objectives"]
        for unit, one in counts.items():
            one.append(int((batch[unit]["labels"] != -100).sum()) if unit in batch else None)
    lines = records(folder, "train")
    curriculum = [json.loads(line) for line in (folder / "curriculum.jsonl").read_text().splitlines()]
    for place, (line, other) in enumerate(zip(lines, curriculum, strict=True)):
        here = slice(4 * place, 4 * place + 4)
        for unit, one in counts.items():
            active = [count for count in one[here] if count is not None]
            assert (f"loss_{unit}" in line) == bool(active)
            if active:
                assert line[f"targets_{unit}"] == pytest.approx(np.mean(active))
                assert other[f"loss_{unit}"] == line[f"loss_{unit}"]
    assert [line["objectives"] for line in curriculum] == [["pos", "mlm"], ["mlm"], ["mlm"]]
    assert lines[-1]["targets"] == sum(count or 0 for one in counts.values() for count in one)
    assert lines[0]["loss"] == pytest.approx((4 * 0.5 * lines[0]["loss_pos"] + lines[0]["loss_mlm"]) / 4)
    assert lines[2]["loss"] == pytest.approx(lines[2]["loss_mlm"])
    assert lines[-1]["words"] == Run(folder).manifest.words == samples.words(range(192))


def test_a_head_rests_while_nothing_asks_it(tiny: Tiny) -> None:
    """Tags are asked until step 6: the head moves so far and stays after, though weights decay."""
    fields = {"evaluations": 0, "save_steps": 3, "optimizer.weight_decay": 0.5, "optimizer.warmup": 0.0}
    curriculum = "objective_pos_mlm:pos=0-0.5,mlm=0.25-1"
    config = tiny(curriculum=curriculum, **fields)
    first = tiny("first", curriculum=curriculum, **fields)
    kept: dict[int, dict[str, torch.Tensor]] = {}
    run = Session(first, checked_parts(first), Path(str(first.out)))
    kept[0] = {name: values.clone() for name, values in run.module.heads.state_dict().items()}
    folder = train(config)
    kept |= {step: load_file(folder / f"checkpoint-{step}" / "heads.safetensors") for step in (9, 12)}
    assert all(torch.equal(kept[9][name], kept[12][name]) for name in kept[0])
    assert not torch.equal(kept[0]["pos.dense.weight"], kept[9]["pos.dense.weight"])


def test_heads_have_a_learning_rate_of_their_own(tiny: Tiny) -> None:
    def groups(**fields) -> list:
        folder = train(tiny(f"run{len(fields)}", max_steps=1, save_steps=1, evaluations=0, curriculum=BOTH, **fields))
        found = json.loads((folder / "checkpoint-1" / "state.json").read_text())["optimizer_groups"]
        return [(one["initial_lr"], one["weight_decay"], len(one["params"])) for one in found]

    one, apart = groups(), groups(**{"optimizer.head_learning_rate": 0.5})
    assert [(rate, decay) for rate, decay, _ in one] == [(2e-3, 0.01), (2e-3, 0.0)]
    assert [(rate, decay) for rate, decay, _ in apart] == [(2e-3, 0.01), (2e-3, 0.0), (0.5, 0.01), (0.5, 0.0)]
    assert [count for *_, count in apart[2:]] == [2, 4]
    assert [a[2] + b[2] for a, b in zip(apart[:2], apart[2:], strict=True)] == [count for *_, count in one]
    with pytest.raises(UserError, match=r"head_learning_rate is for the heads of tag objectives and 'none' has none"):
        train(tiny("none", curriculum="none", **{"optimizer.head_learning_rate": 0.5}))


@pytest.mark.parametrize("curriculum", [EACH, SHARED, SPLIT])
def test_a_dry_run_foretells_the_cost_of_every_pass(tiny: Tiny, curriculum: str) -> None:
    config = tiny(max_steps=40, evaluations=0, curriculum=curriculum)
    table = dry_run_table(config)
    rows = dict(zip(*([str(cell) for cell in column.cells] for column in table.columns), strict=True))
    spent = Run(train(config)).manifest.flops
    assert float(rows["operations"].split()[0]) == pytest.approx(spent, rel=0.05)
    if curriculum == EACH:
        assert rows["objectives"] == (
            "pos: 10 steps, 0 to 9; pos + mlm: 10 steps, 10 to 19; mlm: 10 steps, 20 to 29; "
            "mlm + clm: 10 steps, 30 to 39"
        )


def test_two_passes_cost_twice_one(tiny: Tiny) -> None:
    fields = {"max_steps": 2, "evaluations": 0, "log_steps": 1, "mask_rate": 0.3}
    one, two = (
        Run(train(tiny(name, curriculum=curriculum, **fields))).manifest.flops
        for name, curriculum in (("one", "objective_mntp"), ("two", "objective_mlm_mntp:mlm=0-1,mntp=0-1"))
    )
    assert two == pytest.approx(2 * one, rel=0.1)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"curriculum": "objective_clm", "eval_tasks": ["perplexity"]}, "main objective is clm"),
        ({"curriculum": "objective_mlm", "model": "causal-laptop"}, "cannot be asked of a causal model"),
        ({"curriculum": "objective_pos_mlm", "max_steps": 3}, "holds no step of a run of 3"),
    ],
)
def test_mistakes_are_found_before_anything_is_written(tiny: Tiny, fields: dict, said: str) -> None:
    with pytest.raises(UserError, match=said):
        train(tiny(**fields))
    assert not Path(str(tiny().out)).exists()


def test_a_model_of_masked_next_tokens_is_evaluated_as_one(tiny: Tiny) -> None:
    """The held-out loss and the perplexity of the final model fall together; read at the mask they would not."""
    from climb.eval import load
    from climb.eval.requests import Request
    from climb.eval.scoring import Scorer

    fields = {"max_steps": 60, "save_steps": 60, "learning_rate": 1e-2, "eval_tasks": ["perplexity"]}
    folder = train(tiny(curriculum="objective_mntp", **fields))
    assert [record["objective"] for record in records(folder, "held_out")] == ["mntp"] * 3
    card = (folder / "model" / "README.md").read_text()
    assert "Its main objective is `mntp`" in card
    assert "fill-mask" not in card
    loaded = load(folder, "cpu")
    scorer = Scorer(loaded.model, loaded.tokenizer, loaded.kind)
    text = " ".join(f"w{number}" for number in (60, 62, 63, 61, 63, 58))
    (score,) = scorer.score([Request(text)])
    ids = loaded.tokenizer(text)["input_ids"]
    total = 0.0
    for place in range(1, 7):
        shown = [loaded.tokenizer.mask_token_id if one == place else token for one, token in enumerate(ids)]
        with torch.no_grad():
            logits = loaded.model(torch.tensor([shown])).logits[0, place - 1]
        total += float(torch.log_softmax(logits, -1)[ids[place]])
    assert score.total == pytest.approx(total, abs=1e-4)
    assert score.tokens == 6
    causal = train(tiny("causal", curriculum="objective_clm", max_steps=1, evaluations=0))
    loaded = load(causal, "cpu")
    with pytest.raises(UserError, match="trained mainly with the objective clm"):
        Scorer(loaded.model, loaded.tokenizer, loaded.kind)
