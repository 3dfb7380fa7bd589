"""Checkpoints: what comes back is what was saved, and what is damaged is not taken up."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import TrainerState

from climb import checkpoints
from climb.averaging import WeightAverage
from climb.base.errors import UserError
from climb.config import AveragingConfig
from climb.models import build_model
from climb.options import train_config

SHAPE = {"hidden_size": 16, "layers": 1, "heads": 2, "intermediate_size": 24, "max_positions": 32}


class Setup:
    """A model, an optimiser with two groups and a schedule, a few steps old."""

    def __init__(self, corpus: Any, preset: str = "masked-laptop", seed: int = 0, **shape: Any) -> None:
        config = train_config(model={"preset": preset, **SHAPE, **shape}).model
        self.model = build_model(config, corpus.tokenizer, block_size=16, seed=seed)
        parameters = list(self.model.parameters())
        groups = [{"params": parameters[:3], "weight_decay": 0.1}, {"params": parameters[3:]}]
        self.optimizer = torch.optim.AdamW(groups, lr=1e-2)
        self.scheduler = torch.optim.lr_scheduler.LambdaLR(self.optimizer, lambda step: 1 / (1 + step))

    def step(self, number: int) -> None:
        ids = torch.randint(5, 64, (2, 16), generator=torch.Generator().manual_seed(number))
        self.model.train(False)
        self.model(input_ids=ids, labels=ids).loss.backward()
        self.optimizer.step()
        self.scheduler.step()
        self.optimizer.zero_grad()

    def save(self, folder: Path, step: int) -> Path:
        state = {"words": 10 * step, "flops": 0.1}
        parts = self.model, self.optimizer, self.scheduler, state, TrainerState()
        return checkpoints.save(folder, step, *parts, WeightAverage(self.model, AveragingConfig(), 10))

    def load(self, path: Path) -> None:
        checkpoints.load_model(path, self.model)
        checkpoints.load_training(path, self.optimizer, self.scheduler)

    def weights(self) -> list[torch.Tensor]:
        return [parameter.detach().clone() for parameter in self.model.parameters()]


@pytest.fixture
def run(corpus, tmp_path) -> Path:
    """A run with checkpoints after 2, 10 and 9 steps, saved in that order."""
    setup = Setup(corpus)
    for step in (2, 10, 9):
        setup.step(step)
        if step != 9:
            setup.save(tmp_path, step)
    return tmp_path


@pytest.mark.parametrize("tie", [True, False])
@pytest.mark.parametrize("preset", ["masked-laptop", "causal-laptop"])
def test_training_goes_on_bit_for_bit(corpus, tmp_path, preset, tie):
    first = Setup(corpus, preset, tie_embeddings=tie)
    for number in range(3):
        first.step(number)
    path = first.save(tmp_path, 3)
    second = Setup(corpus, preset, seed=1, tie_embeddings=tie)
    second.load(path)
    for setup in (first, second):
        for number in range(3, 6):
            setup.step(number)
    assert all(torch.equal(a, b) for a, b in zip(first.weights(), second.weights(), strict=True))
    assert first.scheduler.get_last_lr() == second.scheduler.get_last_lr()
    assert checkpoints.run_state(path) == {"words": 30, "flops": 0.1}


def test_a_checkpoint_is_what_from_pretrained_reads_and_holds_no_pickle(run):
    from transformers import AutoModelForMaskedLM

    path = checkpoints.by_step(run)[-1]
    AutoModelForMaskedLM.from_pretrained(path)
    assert {file.suffix for file in path.iterdir()} == {".json", ".safetensors"}
    assert set(json.loads((path / "sha256.json").read_text())) == {
        file.name for file in path.iterdir() if file.name != "sha256.json"
    }


def test_the_two_with_most_steps_are_kept(corpus, tmp_path):
    setup = Setup(corpus)
    setup.step(0)
    for step in (9, 10, 100):
        setup.save(tmp_path, step)
    (tmp_path / "checkpoint-final").mkdir()
    assert [path.name for path in checkpoints.by_step(tmp_path)] == ["checkpoint-10", "checkpoint-100"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkpoint-10", "checkpoint-100", "checkpoint-final"]


def flip_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


DAMAGES = {
    "bit": lambda path: flip_a_bit(path / "model.safetensors"),
    "cut": lambda path: (path / "optimizer.safetensors").write_bytes(b""),
    "missing": lambda path: (path / "state.json").unlink(),
    "no checksums": lambda path: (path / "sha256.json").unlink(),
    "half the checksums": lambda path: (path / "sha256.json").write_text('{"model.safe'),
    "empty": lambda path: (shutil.rmtree(path), path.mkdir()),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_checkpoint_falls_back_to_the_one_before_in_one_line(run, capsys, damage):
    older, newest = checkpoints.by_step(run)
    assert checkpoints.newest_sound(run) == newest
    assert capsys.readouterr().err == ""
    DAMAGES[damage](newest)
    assert checkpoints.newest_sound(run) == older
    said = capsys.readouterr().err
    assert said.startswith(f"{newest} is damaged (")
    assert said.count("\n") == 1
    assert checkpoints.by_step(run) == [older]


def test_without_a_sound_checkpoint_there_is_none(run, tmp_path):
    for path in checkpoints.by_step(run):
        flip_a_bit(path / "state.json")
    assert checkpoints.newest_sound(run) is None
    assert checkpoints.newest_sound(tmp_path / "nowhere") is None


def test_a_disk_that_fills_up_leaves_the_checkpoints_before(run, corpus, monkeypatch):
    before = checkpoints.by_step(run)

    def full(*arguments: Any, **keywords: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoints, "save_file", full)
    setup = Setup(corpus)
    setup.step(0)
    with pytest.raises(UserError, match=r"The disk is full while writing .*checkpoint-11"):
        setup.save(run, 11)
    assert checkpoints.by_step(run) == before
    assert sorted(run.iterdir()) == sorted(before)


@pytest.mark.parametrize("change", [{"layers": 2}, {"hidden_size": 32}, {"preset": "causal-laptop"}])
def test_another_shape_is_refused(run, corpus, change):
    other = Setup(corpus, **change)
    with pytest.raises(UserError, match=r"model\.safetensors"):
        checkpoints.load_model(checkpoints.by_step(run)[-1], other.model)
