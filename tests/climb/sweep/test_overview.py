"""What a sweep will cost: every run's own minutes, the whole when several go side by side; and early refusals."""

import pytest
import yaml

from climb.base.errors import UserError
from climb.sweep.experiment import read_experiment
from climb.sweep.overview import checked_shape, makespan, plan_table
from climb.sweep.planning import plan
from tests.climb.conftest import TINY


def runs_of(folder, corpus, **fields):
    settings = {"model": "causal-laptop", **TINY, "max_steps": 40, "batch_size": 8, "evaluations": 0}
    values = {"corpus": str(corpus.folder), "out": str(folder / "runs"), "seeds": [0, 1, 2], "settings": settings}
    (folder / "sweep.yaml").write_text(yaml.safe_dump(values | fields))
    return plan(read_experiment(folder / "sweep.yaml"))


@pytest.mark.parametrize(
    ("seconds", "jobs", "expected"),
    [([5, 5, 5, 5], 1, 20), ([5, 5, 5, 5], 2, 10), ([5, 5, 5], 2, 10), ([9, 1, 1, 1], 2, 9), ([], 2, 0)],
)
def test_the_next_run_starts_when_one_has_ended(seconds, jobs, expected):
    assert makespan(seconds, jobs) == expected


def test_minutes_come_from_timed_steps_with_the_threads_of_a_run(tmp_path, corpus, monkeypatch):
    import torch

    threads = []

    def timed(module, batches):
        threads.append(torch.get_num_threads())
        return 3.0

    monkeypatch.setattr("climb.dry_run.seconds_per_step", timed)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    table = plan_table(runs_of(tmp_path, corpus, grid={"curriculum": ["none", "vocab_linear"]}), jobs=2)
    cells = [list(column.cells) for column in table.columns]
    assert cells[5] == ["6 min"] * 3, "40 steps of 3 seconds; two conditions of three seeds, two side by side"
    assert cells[0] == ["none", "vocab_linear", "all"]
    assert cells[1] == ["3 to train", "3 to train", ""]
    assert threads == [1, 1], "once a condition"
    assert cells[2][0] == "40"
    assert float(cells[3][0].removesuffix(" M")) * 1e6 == pytest.approx(40 * 8 * corpus.manifest.block_size, rel=5e-3)
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"grid": {"curriculum": ["none", "data_nothing_linear"]}}, "nothing"),
        ({"grid": {"curriculum": ["none"]}, "evaluation": {"tasks": ["blimp"], "data": "missing"}}, "missing"),
    ],
)
def test_what_the_last_run_would_refuse_is_refused_before_the_first(tmp_path, corpus, fields, message):
    runs = runs_of(tmp_path, corpus, **fields)
    with pytest.raises(UserError, match=message):
        checked_shape(runs, None)
