"""A dry run tells what a run will cost, refuses what the run would refuse, and leaves nothing behind."""

import json
from pathlib import Path

import pytest

from climb.base.errors import UserError
from climb.base.run import Run
from climb.dry_run import dry_run_table
from climb.run_parts import checked_parts
from climb.training import train


def rows(config) -> dict[str, str]:
    table = dry_run_table(config)
    return dict(zip(*([str(cell) for cell in column.cells] for column in table.columns), strict=True))


def number(text: str) -> float:
    return float(text.split()[0].replace(",", ""))


def test_it_foretells_the_run(tiny):
    config = tiny(max_steps=20, curriculum="none", evaluations=0)
    foretold = rows(config)
    folder = train(config)
    manifest = Run(folder).manifest
    last = json.loads((folder / "metrics.jsonl").read_text().splitlines()[-1])
    assert number(foretold["parameters"]) == manifest.parameters
    assert number(foretold["words seen"]) == pytest.approx(manifest.words, rel=0.02)
    assert number(foretold["operations"].removesuffix(" FLOPs")) == pytest.approx(last["flops"], rel=0.05)
    assert foretold["words seen"].endswith("(1.33 epochs)")
    assert foretold["steps"] == "20 of 16 blocks"
    used = sum(path.stat().st_size for path in folder.rglob("*.safetensors"))
    foretold_bytes = number(foretold["disk"].removeprefix("about ")) * 1e6
    assert used - 0.5e6 <= foretold_bytes <= 2 * used + 0.5e6


@pytest.mark.parametrize("curriculum", ["length_linear:start=0.5", "batch_linear:start=0.25", "mask_decay_linear"])
def test_an_uneven_run_is_averaged_over_its_steps(tiny, curriculum):
    config = tiny(max_steps=24, curriculum=curriculum, evaluations=0)
    foretold = rows(config)
    last = json.loads((train(config) / "metrics.jsonl").read_text().splitlines()[-1])
    assert number(foretold["operations"].removesuffix(" FLOPs")) == pytest.approx(last["flops"], rel=0.05)


def test_the_time_of_an_uneven_run_is_that_of_its_mean_step(tiny, monkeypatch):
    """With a step that takes a minute per token of a row, the lengths of the run can be read off."""
    monkeypatch.setattr("climb.dry_run.seconds_per_step", lambda _, batches: 60.0 * batches[0]["input_ids"].shape[1])
    config = tiny(max_steps=40, curriculum="length_linear:start=0.5,from=0,to=1")
    size = checked_parts(config).corpus.manifest.block_size
    # Blocks are cut in two until the pacing reaches 1, which is the end of the run.
    assert rows(config)["time"].startswith(f"about {40 * size // 2 // 60} h {40 * size // 2 % 60} min")
    config = tiny(max_steps=40, curriculum="length_step:start=0.5,from=0,to=0.5")
    lengths = [checked_parts(config).samples.length(step) for step in range(40)]
    assert len(set(lengths)) > 1
    hours = float(sum(lengths)) / 60
    told = rows(config)["time"].split()
    assert int(told[1]) + int(told[3]) / 60 == pytest.approx(hours, rel=0.1)


def test_it_writes_nothing(tiny):
    config = tiny()
    rows(config)
    assert not Path(str(config.out)).exists()


def test_every_objective_and_accumulation(tiny):
    for fields in ({"model": "causal-laptop"}, {"grad_accum": 4}):
        assert "about" in rows(tiny(**fields))["time"]


def test_it_refuses_what_the_run_would_refuse(tiny, tmp_path):
    with pytest.raises(UserError, match=r"vocab_liner.*did you mean linear"):
        rows(tiny(curriculum="vocab_liner"))
    with pytest.raises(UserError, match="is no prepared corpus"):
        rows(tiny(corpus=str(tmp_path)))
    with pytest.raises(UserError, match=r"model\.max_positions=16"):
        rows(tiny(**{"model.max_positions": 8}))
