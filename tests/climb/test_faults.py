"""A run may be killed at any moment, as often as you like: taken up again, it ends with the same bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from climb.training import train
from tests.climb.runs import Tiny, deterministic_files, kill_after, one_thread, snapshots

COMBINED = (
    "data_selfppl_linear:start=0.3,every=0.25,positions=1+vocab_pos_log+mask_decay_linear"
    "+length_step:start=0.25,to=0.5+batch_linear+objective_pos_mlm:pos=0-0.6,mlm=0.2-1"
)
"""One curriculum of every kind, its difficulty the model's own."""
FIELDS = {"curriculum": COMBINED, "model.dropout": 0.1, "averaging.name": "ema", "log_steps": 2, "save_steps": 2}


def test_every_state_a_kill_can_leave_is_taken_up(
    tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fields = FIELDS | {"max_steps": 4, "evaluations": 1, "eval_tasks": ["perplexity"]}
    with snapshots(tmp_path / "run", tmp_path / "states", monkeypatch) as states:
        whole = deterministic_files(train(tiny(**fields)))
    assert len(states) > 40
    for state in states:
        train(tiny(**fields).model_copy(update={"out": str(state)}))
        assert deterministic_files(state) == whole, state
    assert capsys.readouterr().err.count("Going on from step 2.") > 5


def test_killed_three_times_a_run_ends_with_the_same_bytes(tiny: Tiny, tmp_path: Path) -> None:
    fields = FIELDS | {"max_steps": 90, "save_steps": 10, "log_steps": 1, "evaluations": 3}
    killed = tiny("killed/run", **fields)
    for step in (5, 25, 55):
        kill_after(killed, tmp_path, step)
    with one_thread():
        assert deterministic_files(train(killed)) == deterministic_files(train(tiny("whole/run", **fields)))
