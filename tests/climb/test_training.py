"""The promises of a run: resumed, split or watched, it trains the same weights."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
import yaml
from safetensors.torch import load_file

from climb.base.errors import UserError
from climb.base.run import Run
from climb.config import TrainConfig
from climb.run_folder import differing_keys
from climb.training import train

Tiny = Callable[..., TrainConfig]
LOGS = ("metrics.jsonl", "curriculum.jsonl", "samples.jsonl")


def weights(run: Path) -> bytes:
    return (run / "model" / "model.safetensors").read_bytes()


def logs(run: Path) -> list[bytes]:
    return [(run / name).read_bytes() for name in LOGS]


def records(run: Path, kind: str) -> list[dict]:
    lines = (run / "metrics.jsonl").read_text().splitlines()
    return [record for line in lines if (record := json.loads(line))["kind"] == kind]


def command(config: TrainConfig, folder: Path) -> list[str]:
    """Write the configuration beside the run and return a command line that trains it."""
    file = folder / "asked.yaml"
    file.write_text(yaml.safe_dump(config.model_dump(mode="json")))
    return [sys.executable, "-m", "climb", "train", "--config", str(file)]


def single_thread() -> dict[str, str]:
    return {**os.environ, "OMP_NUM_THREADS": "1"}


def test_a_run_leaves_everything_the_schema_names(tiny: Tiny) -> None:
    folder = train(tiny())
    run = Run(folder)
    assert run.complete
    assert run.manifest.steps == 12
    assert [path.name for path in run.milestones] == ["chck_0M"]
    assert sorted(path.name for path in folder.glob("checkpoint-*")) == ["checkpoint-12", "checkpoint-8"]
    assert [record["step"] for record in records(folder, "train")] == [3, 6, 9, 12]
    assert [record["step"] for record in records(folder, "held_out")] == [0, 6, 12]
    files = [path for path in folder.rglob("*") if path.suffix in (".json", ".jsonl", ".yaml", ".md")]
    assert len(files) > 10
    assert not [path for path in files if str(folder.parent) in path.read_text()]


def test_the_loss_falls(tiny: Tiny) -> None:
    folder = train(tiny(max_steps=60, curriculum="none", save_steps=60, learning_rate=5e-3))
    losses = [record["loss"] for record in records(folder, "train")]
    assert losses[-1] < losses[0] - 0.3


@pytest.mark.parametrize("preset", ["masked-laptop", "modernbert-laptop", "causal-laptop"])
def test_the_model_folder_loads_with_plain_transformers(tiny: Tiny, preset: str) -> None:
    from transformers import AutoModelForCausalLM, AutoModelForMaskedLM, AutoTokenizer

    folder = train(tiny(model=preset, max_steps=2))
    auto = AutoModelForMaskedLM if preset != "causal-laptop" else AutoModelForCausalLM
    model, info = auto.from_pretrained(folder / "model", output_loading_info=True)
    assert not info["missing_keys"]
    assert not info["unexpected_keys"]
    assert len(AutoTokenizer.from_pretrained(folder / "model")) == model.config.vocab_size


def test_killed_and_resumed_is_bit_identical(tiny: Tiny, tmp_path: Path) -> None:
    fields = {"max_steps": 400, "log_steps": 7, "save_steps": 20, "model.dropout": 0.1}
    whole, killed = tiny("whole", **fields), tiny("killed", **fields)
    process = subprocess.Popen(command(killed, tmp_path), env=single_thread(), stderr=subprocess.DEVNULL)
    folder = Path(str(killed.out))
    deadline = time.monotonic() + 120
    while not list(folder.glob("checkpoint-*")) and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert list(folder.glob("checkpoint-*"))
    assert not (folder / "model").exists(), "the run ended before it could be killed"
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        train(whole)
        train(killed)
    finally:
        torch.set_num_threads(threads)
    assert weights(folder) == weights(Path(str(whole.out)))
    assert logs(folder) == logs(Path(str(whole.out)))


def test_sigterm_saves_and_exits_with_130(tiny: Tiny, tmp_path: Path) -> None:
    config = tiny(max_steps=5000, save_steps=5000)
    process = subprocess.Popen(
        command(config, tmp_path), env=single_thread(), stderr=subprocess.PIPE, stdout=subprocess.PIPE
    )
    log = Path(str(config.out)) / "metrics.jsonl"
    deadline = time.monotonic() + 300
    while process.poll() is None and not (log.exists() and b'"train"' in log.read_bytes()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert b"Traceback" not in said
    (checkpoint,) = Path(str(config.out)).glob("checkpoint-*")
    assert re.search(rf"Stopped at step {checkpoint.name.split('-')[1]};".encode(), said)


def test_a_damaged_checkpoint_falls_back_to_the_one_before(tiny: Tiny, capsys: pytest.CaptureFixture[str]) -> None:
    reference = train(tiny("reference"))
    folder = train(tiny())
    (folder / "manifest.json").write_text((folder / "manifest.json").read_text().replace('"complete"', '"running"'))
    file = folder / "checkpoint-12" / "optimizer.safetensors"
    file.write_bytes(file.read_bytes()[:-1])
    train(tiny())
    said = capsys.readouterr().err
    assert "checkpoint-12 is damaged (optimizer.safetensors differs from its checksum)" in said
    assert "Going on from step 8." in said
    assert weights(folder) == weights(reference)
    assert logs(folder) == logs(reference)


def test_evaluation_does_not_touch_the_weights(tiny: Tiny) -> None:
    watched = train(tiny("watched", evaluations=6, **{"model.dropout": 0.2}))
    alone = train(tiny("alone", evaluations=0, **{"model.dropout": 0.2}))
    assert weights(watched) == weights(alone)
    assert not records(alone, "held_out")


@pytest.mark.parametrize("workers", [1, 4])
def test_loader_workers_do_not_change_the_run(tiny: Tiny, workers: int) -> None:
    alone = train(tiny("alone", max_steps=4))
    helped = train(tiny("helped", max_steps=4, loader_workers=workers))
    assert weights(helped) == weights(alone)
    assert logs(helped) == logs(alone)


UNEVEN = "length_step:start=0.25,to=0.5+batch_linear:start=0.25,from=0,to=1+mask_decay_linear+vocab_linear"
"""Rows and steps of every size, masked and hidden ever less."""


def test_uneven_steps_resume_and_keep_the_tokens(tiny: Tiny) -> None:
    plain, whole = train(tiny("plain", curriculum="none")), train(tiny("whole", curriculum=UNEVEN))
    ends = [records(folder, "train")[-1] for folder in (plain, whole)]
    assert ends[0]["tokens"] == ends[1]["tokens"]
    assert ends[0]["flops"] != ends[1]["flops"]
    cut = Path(str(whole) + "-cut")
    shutil.copytree(whole, cut)
    shutil.rmtree(cut / "model")
    shutil.rmtree(cut / "checkpoint-12")
    (cut / "manifest.json").write_text((cut / "manifest.json").read_text().replace('"complete"', '"running"'))
    train(tiny(cut.name, curriculum=UNEVEN))
    assert weights(cut) == weights(whole)
    assert logs(cut) == logs(whole)
    helped = train(tiny("helped", curriculum=UNEVEN, loader_workers=2))
    assert weights(helped) == weights(whole)


def first_step(run: Path) -> tuple[float, dict[str, torch.Tensor]]:
    """Return loss and gradient (AdamW's first moment over 1 − β1) of the first step."""
    moments = load_file(run / "checkpoint-1" / "optimizer.safetensors")
    return records(run, "train")[0]["loss"], {
        name: m / 0.1 for name, m in moments.items() if name.endswith(".exp_avg")
    }


@pytest.mark.parametrize(
    ("preset", "curriculum"),
    [("masked-laptop", None), ("causal-laptop", None), ("masked-laptop", "length_constant:value=0.5+batch_linear")],
)
@pytest.mark.parametrize("split", ["accumulation", "processes"])
def test_a_batch_may_be_split(tiny: Tiny, tmp_path: Path, split: str, preset: str, curriculum: str | None) -> None:
    common = {
        "model": preset, "max_steps": 1, "save_steps": 1, "log_steps": 1, "evaluations": 0, "optimizer.warmup": 0.0,
        "model.dropout": 0.0, "optimizer.clip": 0.0,
    } | ({"curriculum": curriculum} if curriculum else {})  # fmt: skip
    whole = first_step(train(tiny("whole", **common)))
    if split == "accumulation":
        parts = first_step(train(tiny("parts", **common, grad_accum=4)))
    else:
        config = tiny("parts", **common)
        torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
        run = [*torchrun, *command(config, tmp_path)[1:]]
        finished = subprocess.run(run, env=single_thread(), capture_output=True, text=True, timeout=240)
        assert finished.returncode == 0, finished.stderr
        parts = first_step(Path(str(config.out)))
    assert parts[0] == pytest.approx(whole[0], abs=1e-6)
    difference = sum(float((parts[1][name] - whole[1][name]).square().sum()) for name in whole[1]) ** 0.5
    norm = sum(float(gradient.square().sum()) for gradient in whole[1].values()) ** 0.5
    assert norm > 0.1
    assert difference / norm < 1e-5


def test_the_first_logged_loss_is_that_of_a_plain_forward_pass(tiny: Tiny) -> None:
    """Oracle: the model's own forward with labels, on the batch that the samples give for step 0."""
    from climb.base.corpus import PreparedCorpus
    from climb.curricula.plan import RunPlan
    from climb.curricula.samples import Samples
    from climb.models import build_model

    config = tiny(max_steps=1, log_steps=1, evaluations=0, **{"model.dropout": 0.0})
    folder = train(config)
    corpus = PreparedCorpus(Path(str(config.corpus)))
    batch = Samples(corpus, RunPlan(1, 16), config.curriculum, 0).batch(range(16))
    model = build_model(config.model, corpus.tokenizer, corpus.manifest.block_size, 0)
    tensors = {name: torch.from_numpy(batch[name]) for name in ("input_ids", "labels")}
    with torch.no_grad():
        expected = float(model(**tensors).loss)
    assert records(folder, "train")[0]["loss"] == pytest.approx(expected, abs=1e-6)


def test_finished_and_foreign_runs_are_recognised(tiny: Tiny, capsys: pytest.CaptureFixture[str]) -> None:
    train(tiny(max_steps=2))
    before = weights(Path(str(tiny().out)))
    train(tiny(max_steps=2))
    assert "is complete (2 steps)" in capsys.readouterr().err
    assert weights(Path(str(tiny().out))) == before
    with pytest.raises(UserError, match=r"differs in learning_rate, model\.dropout"):
        train(tiny(max_steps=2, learning_rate=0.1, **{"model.dropout": 0.5}))


def test_where_and_how_fast_are_no_differences(tiny: Tiny) -> None:
    assert differing_keys(tiny("a"), tiny("b", loader_workers=3, curriculum="vocab_linear")) == ["curriculum"]
    assert differing_keys(tiny("a", curriculum="vocab_linear"), tiny("b", curriculum="vocab_token_linear")) == []
    assert differing_keys(tiny("a"), tiny("a", grad_accum=2)) == []
    dropping = {"model.dropout": 0.1}
    assert differing_keys(tiny("a", **dropping), tiny("a", grad_accum=2, **dropping)) == ["grad_accum"]
    assert differing_keys(tiny("a"), tiny("a", seed=1)) == ["seed"]


@pytest.mark.parametrize(
    ("fields", "what"),
    [
        ({"learning_rate": 1e30}, r"The (loss|gradient norm) of step \d+ \(samples \d+ to \d+\) is (nan|inf)"),
        ({"learning_rate": 1e30, "evaluations": 12}, r"The held-out loss after step 1 is nan"),
        ({"learning_rate": 1e5, "log_steps": 1}, r"The gradient norm of step \d+ .* is (nan|inf)"),
        ({"learning_rate": 1e38, "max_steps": 1, "evaluations": 0}, r"A weight of .* after step 1 is nan"),
    ],
)
def test_a_run_that_diverges_stops_with_one_sentence(tiny: Tiny, fields: dict, what: str) -> None:
    with pytest.raises(UserError, match=what):
        train(tiny(**{"optimizer.clip": 0.0, "optimizer.warmup": 0.0, **fields}))
    assert not (Path(str(tiny().out)) / "model").exists()


def test_a_run_repeats_from_its_own_configuration(tiny: Tiny, tmp_path: Path) -> None:
    from climb.options import resolve

    first = train(tiny())
    flags = {"out": str(tmp_path / "again"), "corpus": tiny().corpus}
    again = resolve(TrainConfig, config_file=first / "config.yaml", flags=flags)
    assert weights(train(again)) == weights(first)


def test_seeds_differ(tiny: Tiny) -> None:
    assert weights(train(tiny("a", max_steps=2))) != weights(train(tiny("b", max_steps=2, seed=1)))


def test_tasks_on_the_way_do_not_touch_the_weights(tiny: Tiny) -> None:
    watched = train(tiny("watched", eval_tasks=["perplexity"]))
    assert weights(watched) == weights(train(tiny("alone")))
    assert [record["step"] for record in records(watched, "task")] == [0, 6, 12]
    assert (watched / "eval" / "step-6" / "perplexity.json").is_file()


def test_killed_before_the_first_checkpoint_starts_again(tiny: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    from climb.journal import Journal

    def killed(journal: Journal, state: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "_save", killed)
        with pytest.raises(SystemExit):
            train(tiny())
    assert records(Path(str(tiny().out)), "train")
    folder = train(tiny())
    reference = train(tiny("reference"))
    assert (weights(folder), logs(folder)) == (weights(reference), logs(reference))


def test_killed_while_the_final_model_is_written_keeps_its_card(tiny: Tiny) -> None:
    folder = train(tiny())
    before = weights(folder), (folder / "model" / "README.md").read_text()
    shutil.rmtree(folder / "model")
    train(tiny())
    assert (weights(folder), (folder / "model" / "README.md").read_text()) == before
    assert "nats ±" in before[1]


def test_the_manifest_counts_what_was_done_so_far(tiny: Tiny) -> None:
    config = tiny(max_steps=12)
    folder = train(config)
    manifest = Run(folder).manifest
    last = records(folder, "train")[-1]
    assert (manifest.steps, manifest.words, manifest.flops) == (12, last["words"], last["flops"])


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"eval_tasks": ["blmp"]}, "did you mean blimp"),
        ({"curriculum": "vocab_liner"}, "linear"),
        ({"batch_size": 18, "grad_accum": 2, "corpus": "nowhere"}, "nowhere is no prepared corpus"),
        ({"model.max_positions": 8}, "do not fit model.max_positions"),
        ({"device": "cuda"}, "PyTorch sees no GPU"),
        ({"max_epochs": 0.5}, r"0\.80 times and --max-epochs allows 0\.5.*--max-steps 7"),
    ],
)
def test_mistakes_are_found_before_anything_is_written(tiny: Tiny, fields: dict, said: str) -> None:
    if fields.get("device") == "cuda" and torch.cuda.is_available():
        pytest.skip("there is a GPU")
    with pytest.raises(UserError, match=said):
        train(tiny(**fields))
    assert not Path(str(tiny().out)).exists()


def test_somebody_elses_checkpoints_are_left_alone(tiny: Tiny) -> None:
    theirs = Path(str(tiny().out)) / "checkpoint-500"
    theirs.mkdir(parents=True)
    with pytest.raises(UserError, match=r"holds checkpoints but not the config\.yaml"):
        train(tiny())
    assert theirs.is_dir()


def test_accelerate_cannot_overrule_the_precision(tiny: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = train(tiny("plain", max_steps=2))
    monkeypatch.setenv("ACCELERATE_MIXED_PRECISION", "bf16")
    assert weights(train(tiny("overruled", max_steps=2))) == weights(plain)


def test_bfloat16_trains_other_but_near_weights(tiny: Tiny) -> None:
    plain, rounded = train(tiny("plain")), train(tiny("rounded", precision="bf16"))
    assert weights(plain) != weights(rounded)
    assert records(rounded, "held_out")[-1]["loss"] == pytest.approx(records(plain, "held_out")[-1]["loss"], rel=0.02)


def process_of_rank(parent: int, rank: int) -> int:
    """Return the process id of torchrun's worker of this rank."""
    for child in Path(f"/proc/{parent}/task/{parent}/children").read_text().split():
        if f"RANK={rank}" in Path(f"/proc/{child}/environ").read_text().split("\0"):
            return int(child)
    raise AssertionError(f"torchrun has no worker of rank {rank}")


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="finds the workers through /proc")
@pytest.mark.parametrize("rank", [0, 1])
def test_a_signal_to_one_process_stops_all_of_them(tiny: Tiny, tmp_path: Path, rank: int) -> None:
    config = tiny(max_steps=100_000, save_steps=100_000, evaluations=0)
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    process = subprocess.Popen([*torchrun, *command(config, tmp_path)[1:]], env=single_thread())
    log = Path(str(config.out)) / "metrics.jsonl"
    deadline = time.monotonic() + 300
    while not (log.exists() and b'"train"' in log.read_bytes()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.kill(process_of_rank(process.pid, rank), signal.SIGTERM)
    assert process.wait(timeout=120) != 0
    (checkpoint,) = Path(str(config.out)).glob("checkpoint-*")
    assert Run(Path(str(config.out))).manifest.steps == int(checkpoint.name.split("-")[1])
