"""Self-scored runs: killed before, during and after a refresh, stopped or helped, they end with the same bytes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

from climb import checkpoints
from climb.base.corpus import PreparedCorpus
from climb.base.errors import Interrupted, UserError
from climb.base.run import Run
from climb.curricula.self_scoring import SelfScores, SelfScoring
from climb.losses.plain import Plain
from climb.models import build_model
from climb.refreshing import Refresher
from climb.run_parts import checked_parts
from climb.score_files import SCORES_FILE, load_scores, save_scores
from climb.self_scorer import SelfScorer, Sums
from climb.training import train
from climb.training_module import TrainingModule
from tests.climb.runs import Tiny, deterministic_files, in_two_processes, kill_after, one_thread, records

NAME = "data_selfppl_linear:start=0.3,every=0.4,begin=random"
FIELDS = {"curriculum": NAME, "max_steps": 5, "log_steps": 1, "evaluations": 1, "model.dropout": 0.1}
"""Refreshes after steps 2 and 4."""


class Killed(BaseException):
    """Ends a run as a kill does: nothing more is written."""


def killed() -> None:
    raise Killed


def curriculum_records(run: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (run / "curriculum.jsonl").read_text().splitlines()]


def at_refresh(monkeypatch: pytest.MonkeyPatch, moment: str, refresh: int, act: Callable[..., None]) -> None:
    """Do something before, within or after a refresh of runs from now on."""
    call, score = Refresher.__call__, SelfScorer.score

    def whole(refresher: Refresher, number: int) -> None:
        if (moment, number) == ("before", refresh):
            act()
        call(refresher, number)
        if (moment, number) == ("after", refresh):
            act()

    def part(scorer: SelfScorer, blocks: Any, number: int) -> Sums:
        if (moment, number) == ("within", refresh):
            act()
        return score(scorer, blocks, number)

    monkeypatch.setattr(Refresher, "__call__", whole)
    monkeypatch.setattr(SelfScorer, "score", part)
    monkeypatch.setattr(SelfScorer, "blocks_at_once", lambda scorer: 100)


@pytest.mark.parametrize("subset", ["", ",subset=0.5"])
def test_killed_at_a_refresh_a_run_ends_with_the_same_bytes(
    tiny: Tiny, monkeypatch: pytest.MonkeyPatch, subset: str
) -> None:
    fields = FIELDS | {"curriculum": NAME + subset}
    monkeypatch.setattr(SelfScorer, "blocks_at_once", lambda scorer: 100)
    whole = deterministic_files(train(tiny("whole/run", **fields)))
    cases = [("before", 1, 2), ("within", 1, 1), ("after", 1, 2), ("within", 2, 3), ("after", 2, 4)]
    for moment, refresh, save_steps in cases[:: 2 if subset else 1]:
        config = tiny(f"{moment}-{refresh}/run", **fields, save_steps=save_steps)
        with monkeypatch.context() as patch:
            at_refresh(patch, moment, refresh, killed)
            with pytest.raises(Killed):
                train(config)
        assert deterministic_files(train(config)) == whole, (moment, refresh)


def test_stopped_within_a_refresh_the_state_before_it_is_saved(tiny: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = train(tiny("whole/run", **FIELDS))
    config = tiny("stopped/run", **FIELDS, save_steps=50)
    with monkeypatch.context() as patch:
        from climb import training

        sessions: list[Any] = []
        begin = training.Session.run
        patch.setattr(training.Session, "run", lambda self: (sessions.append(self), begin(self))[1])
        at_refresh(patch, "within", 2, lambda: setattr(sessions[0].trainer, "stop_requested", True))
        with pytest.raises(Interrupted, match="Stopped at step 4;"):
            train(config)
    folder = Path(str(config.out))
    (checkpoint,) = folder.glob("checkpoint-*")
    assert checkpoints.step_of(checkpoint) == 4
    assert load_scores(checkpoint, 240).refreshes == 1
    assert deterministic_files(train(config)) == deterministic_files(whole)


def test_loader_workers_see_the_scores_of_their_segment(tiny: Tiny) -> None:
    alone = deterministic_files(train(tiny("alone/run", **FIELDS)))
    for workers in (1, 2):
        assert deterministic_files(train(tiny(f"{workers}/run", **FIELDS, loader_workers=workers))) == alone


@pytest.mark.parametrize("model", ["masked-laptop", "causal-laptop"])
def test_scores_are_those_of_the_model_at_the_segments_end(
    tiny: Tiny, monkeypatch: pytest.MonkeyPatch, model: str
) -> None:
    """Oracle: the weights of the checkpoint before the refresh, scored on their own."""
    config = tiny(**FIELDS | {"model": model, "model.dropout": 0.0, "save_steps": 1, "averaging.name": "ema"})
    seen = {}
    monkeypatch.setattr(checkpoints, "KEPT", 9)
    folder = train(config)
    corpus = PreparedCorpus(Path(str(config.corpus)))
    for step, refreshes in ((1, 0), (2, 0), (3, 1), (4, 1), (5, 2)):
        seen[step] = load_scores(folder / f"checkpoint-{step}", 240)
        assert seen[step].refreshes == refreshes
    built = build_model(config.model, corpus.tokenizer, corpus.manifest.block_size, 0)
    checkpoints.load_model(folder / "checkpoint-2", built)
    scoring = SelfScoring(0.4, 4, 1.0, "random")
    scorer = SelfScorer(TrainingModule(built, Plain()), corpus, scoring, config.model.objective, 0, False)
    expected = scorer.score(np.arange(240), 1).perplexities()
    assert seen[3].values == pytest.approx(expected, rel=1e-5)
    assert seen[3].values.tolist() == seen[4].values.tolist()
    told = curriculum_records(folder)
    assert told[2]["refresh_mean"] == told[3]["refresh_mean"] == pytest.approx(expected.mean(), rel=1e-6)
    assert [record["refresh"] for record in told] == [0, 0, 1, 1, 2]


def test_operations_of_scoring_are_counted_and_told_apart(tiny: Tiny) -> None:
    from climb.dry_run import dry_run_table

    fields = FIELDS | {"model.dropout": 0.0}
    manifest = Run(train(tiny("scored", **fields))).manifest
    plain = Run(train(tiny("plain", **fields | {"curriculum": "none"}))).manifest
    assert plain.flops_scoring is None
    assert manifest.flops_scoring is not None
    last = records(Path(str(tiny("scored").out)), "train")[-1]
    assert (last["flops"], last["flops_scoring"]) == (manifest.flops, manifest.flops_scoring)
    assert "flops_scoring" not in records(Path(str(tiny("plain").out)), "train")[-1]
    assert manifest.flops - manifest.flops_scoring == pytest.approx(plain.flops, rel=0.05)
    table = dry_run_table(tiny("foretold", **fields))
    rows = dict(zip(*([str(cell) for cell in column.cells] for column in table.columns), strict=True))
    assert float(rows["operations"].split()[0]) == pytest.approx(manifest.flops, rel=0.05)
    assert float(rows["scoring"].split()[0]) == pytest.approx(manifest.flops_scoring, rel=0.01)
    assert rows["scoring"].endswith("480 blocks in 2 refreshes")


@pytest.mark.parametrize(
    ("options", "model", "said"),
    [
        ("", "masked-laptop", "scoring takes about 8.0 times"),  # 2 · 240 · 4 / (3 · 80)
        (
            ",positions=all,subset=0.5",
            "masked-laptop",
            "about 16.0 times .*; raise every or lower subset or positions",
        ),
        ("", "causal-laptop", "about 2.0 times the work of training; raise every or lower subset\\."),
        (",subset=0.2", "causal-laptop", ""),
    ],
)
def test_scoring_that_takes_much_is_said(
    tiny: Tiny, capsys: pytest.CaptureFixture[str], options: str, model: str, said: str
) -> None:
    checked_parts(tiny(**FIELDS | {"curriculum": NAME + options, "model": model}))
    told = capsys.readouterr().err
    assert re.search(said, told) if said else "scoring takes" not in told


def test_a_perplexity_beyond_all_bounds_stops_the_run(tiny: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(scorer: SelfScorer, blocks: Any, refresh: int) -> Sums:
        return Sums(np.full(len(blocks), 200.0), np.ones(len(blocks)))

    monkeypatch.setattr(SelfScorer, "score", lost)
    with pytest.raises(UserError, match=r"The perplexity of block \d+ after step 2 is inf"):
        train(tiny(**FIELDS))


@pytest.mark.slow
def test_two_processes_score_the_same(tiny: Tiny, tmp_path: Path) -> None:
    fields = FIELDS | {"model.dropout": 0.0, "save_steps": 5}
    alone, two = train(tiny("alone", **fields)), in_two_processes(tiny("two", **fields), tmp_path)
    scores = [load_scores(run / "checkpoint-5", 240) for run in (alone, two)]
    assert scores[1].values == pytest.approx(scores[0].values, rel=1e-4)
    assert scores[0].refreshes == scores[1].refreshes == 2
    losses = [[record["loss"] for record in records(run, "train")] for run in (alone, two)]
    assert losses[1] == pytest.approx(losses[0], rel=1e-5)
    counted = [records(run, "train")[-1]["flops_scoring"] for run in (alone, two)]
    assert counted[0] == counted[1]


@pytest.mark.slow
def test_killed_for_good_three_times(tiny: Tiny, tmp_path: Path) -> None:
    fields = FIELDS | {"curriculum": NAME.replace("0.4", "0.02"), "max_steps": 90, "save_steps": 10}
    config = tiny("killed/run", **fields)
    for step in (5, 25, 55):
        kill_after(config, tmp_path, step)
    with one_thread():
        assert deterministic_files(train(config)) == deterministic_files(train(tiny("whole/run", **fields)))


def test_scores_come_back_as_they_were_saved(tmp_path: Path) -> None:
    values = np.array([1.5, 2.25, np.float32(1) / 3], dtype=np.float32)
    for scores in (SelfScores(values), SelfScores(values, 3, 0.1, None), SelfScores(values, 2, 7.25, -1 / 3)):
        save_scores(tmp_path, scores)
        again = load_scores(tmp_path, 3)
        assert again.values.tolist() == values.tolist()
        assert (again.refreshes, again.mean, again.correlation) == (scores.refreshes, scores.mean, scores.correlation)
    assert load_file(tmp_path / SCORES_FILE)["scores"].dtype == np.float32
    with pytest.raises(UserError, match="holds 3 scores for 4 blocks"):
        load_scores(tmp_path, 4)
    (tmp_path / SCORES_FILE).write_bytes(b"damaged")
    with pytest.raises(UserError, match="cannot be read"):
        load_scores(tmp_path, 3)
    with pytest.raises(UserError, match="cannot be read"):
        load_scores(tmp_path / "nowhere", 3)
