"""Averages of weights equal their closed forms, survive a resume, and leave training as it was."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from climb.averaging import WeightAverage, snapshot_steps
from climb.base.errors import UserError
from climb.config import AveragingConfig, TrainConfig
from climb.training import train

Tiny = Callable[..., TrainConfig]


def averaged(config: AveragingConfig, weights: list[float]) -> float:
    model = torch.nn.Linear(1, 1, bias=False)
    average = WeightAverage(model, config, len(weights))
    for step, weight in enumerate(weights, start=1):
        torch.nn.init.constant_(model.weight, weight)
        average.update(step)
    with average.applied() as there:
        assert there
        result = float(model.weight)
    assert float(model.weight) == weights[-1]
    return result


def test_the_moving_average_equals_its_sum() -> None:
    weights = [1.0, 5.0, -2.0, 4.0, 0.5]
    expected = weights[0]
    for number, weight in enumerate(weights[1:], start=2):
        kept = min(0.5, (1 + number) / (10 + number))
        expected = kept * expected + (1 - kept) * weight
    assert averaged(AveragingConfig(name="ema", decay=0.5), weights) == pytest.approx(expected, rel=1e-6)


def test_the_mean_of_the_last_is_a_mean() -> None:
    config = AveragingConfig(name="last", snapshots=4, share=0.4)
    weights = [float(number**2) for number in range(1, 21)]
    assert snapshot_steps(config, 20) == {14, 16, 18, 20}
    assert averaged(config, weights) == pytest.approx(sum(weights[step - 1] for step in (14, 16, 18, 20)) / 4)


def test_short_runs_have_fewer_snapshots() -> None:
    assert snapshot_steps(AveragingConfig(name="last", snapshots=8), 3) == {1, 2, 3}


@pytest.mark.parametrize("name", ["ema", "last"])
def test_resumed_it_ends_with_the_same_average_and_training_does_not_notice(tiny: Tiny, name: str) -> None:
    options = {"averaging.name": name, "averaging.decay": 0.8, "averaging.share": 1.0, "averaging.snapshots": 4}
    whole = train(tiny(out="whole", **options))
    plain = train(tiny(out="plain"))
    last = "checkpoint-12/model.safetensors"
    assert (whole / last).read_bytes() == (plain / last).read_bytes()
    model, raw = (load_file(folder / "model" / "model.safetensors") for folder in (whole, plain))
    assert any(not torch.equal(model[key], raw[key]) for key in model)
    cut = Path(str(whole) + "-cut")
    shutil.copytree(whole, cut)
    shutil.rmtree(cut / "model")
    shutil.rmtree(cut / "checkpoint-12")
    manifest = (cut / "manifest.json").read_text().replace('"complete"', '"running"')
    (cut / "manifest.json").write_text(manifest)
    train(tiny(out=cut.name, **options))
    for name in ("model/model.safetensors", "metrics.jsonl"):
        assert (cut / name).read_bytes() == (whole / name).read_bytes()


def test_heads_are_averaged_with_the_model(tiny: Tiny) -> None:
    """The run's model and heads are the means of those in the checkpoints at the two snapshots."""
    options = {"averaging.name": "last", "averaging.snapshots": 2, "averaging.share": 2 / 3, "evaluations": 0}
    folder = train(tiny(curriculum="objective_pos_mlm:pos=0-1,mlm=0-1", **options))
    assert snapshot_steps(AveragingConfig(name="last", snapshots=2, share=2 / 3), 12) == {8, 12}
    for final, kept in (("model/model.safetensors", "model.safetensors"), ("heads.safetensors", "heads.safetensors")):
        first, last = (load_file(folder / f"checkpoint-{step}" / kept) for step in (8, 12))
        mean = load_file(folder / final)
        assert mean.keys() == first.keys()
        for name, values in mean.items():
            torch.testing.assert_close(values, (first[name] + last[name]) / 2)
        assert any(not torch.equal(first[name], last[name]) for name in first)


def test_the_average_of_other_weights_is_refused(tmp_path: Path) -> None:
    config = AveragingConfig(name="ema")
    model, heads = torch.nn.Linear(1, 1), torch.nn.ModuleDict({"pos": torch.nn.Linear(1, 2)})
    without = WeightAverage(model, config, 2)
    without.update(1)
    without.save(tmp_path)
    with pytest.raises(UserError, match=r"no average of this run's weights \(heads\.pos\.bias is in one"):
        WeightAverage(model, config, 2, heads).load(tmp_path)
