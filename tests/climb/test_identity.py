"""The laws of a run, for every kind of curriculum: interrupted, split or served by others, it is the same.

Bit by bit where the arithmetic is the same; up to rounding where sums are taken in another order.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file
from torch import Tensor

from climb.base.errors import Interrupted
from climb.journal import Journal
from climb.training import train
from tests.climb.runs import Tiny, deterministic_files, in_two_processes, records

pytestmark = pytest.mark.slow

CURRICULA = [
    "none",
    "data_rarity_linear:start=0.3",
    "data_rarity-length_log:join=ranks",
    "data_rarity_linear:draw=weighted",
    "data_rarity_linear:draw=epochs",
    "data_rarity_sorted",
    "data_source_spoken_step",
    "vocab_linear",
    "vocab_pos_log",
    "vocab_pos_token_linear:hidden=ignore",
    "mask_decay_linear",
    "length_step:start=0.25,to=0.5",
    "batch_linear",
    "data_selfppl_linear:every=0.25,positions=2,begin=random",
    "data_selfppl_log:every=0.3,positions=1,subset=0.5,begin=random",
    "objective_pos_mlm:pos=0-0.5,mlm=0.5-1",
    "objective_pos_mlm:pos=0-1,mlm=0-1@0.5",
    "objective_pos_mlm:mode=shared",
    "objective_mntp_clm:mode=split",
    "random_data_rarity_linear",
    "reverse_vocab_pos_linear",
    "matched_data_rarity_linear+batch_linear",
    "data_rarity_linear:start=0.3+vocab_pos_log+mask_decay_linear+length_step:start=0.25,to=0.5+batch_linear",
]
SELF_SCORED = (
    "data_selfppl_linear:every=0.25,positions=2,begin=random"
    "+vocab_pos_log+mask_decay_linear+objective_pos_mlm:pos=0-0.5,mlm=0.25-1+batch_linear"
)
CAUSAL = [
    "none",
    "data_rarity_linear+vocab_linear",
    "length_linear+batch_linear",
    "data_selfppl_linear:every=0.25,begin=random",
    "objective_pos_clm:pos=0-0.5,clm=0-1",
]
SMOOTHED = "vocab_pos_log+objective_pos_mlm:pos=0-1,mlm=0-1"
"""A curriculum under which the loss is syntactic smoothing, paced as well."""
CASES = [(name, "masked-laptop") for name in [*CURRICULA, SELF_SCORED, SMOOTHED]]
CASES += [(name, "causal-laptop") for name in CAUSAL]
cases = pytest.mark.parametrize(("curriculum", "model"), CASES)


def fields_of(curriculum: str, model: str) -> dict[str, Any]:
    """Return a run without dropout, whose masks depend on how a batch is split."""
    paced = {"loss.name": "syntactic_smoothing", "loss.syntax.true_mass": "linear:start=0.1,end=1,from=0,to=1"}
    plain = {"curriculum": curriculum, "model": model, "model.dropout": 0.0, "log_steps": 1}
    return plain | (paced if curriculum == SMOOTHED else {})


def nearly_the_same(run: Path, reference: Path, curriculum: str) -> None:
    """Check losses to 1e-5 and weights to 1e-4: the same samples, summed in another order.

    A model's own difficulties differ in their last digits too, so blocks of nearly one difficulty may change places:
    there the losses are compared up to the first time that the model has scored.
    """
    until = 2 if "selfppl" in curriculum else None
    losses = [[record["loss"] for record in records(one, "train")][:until] for one in (run, reference)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)
    if until is not None:
        return
    ours, theirs = (weights_and_heads(one) for one in (run, reference))
    assert ours.keys() == theirs.keys()
    distance = sum(float((ours[name] - theirs[name]).square().sum()) for name in ours) ** 0.5
    length = sum(float(tensor.square().sum()) for tensor in theirs.values()) ** 0.5
    assert distance / length < 1e-4
    if "objective" not in curriculum:  # its losses are in there, and differ in their last digits
        assert (run / "curriculum.jsonl").read_bytes() == (reference / "curriculum.jsonl").read_bytes()


def weights_and_heads(run: Path) -> dict[str, Tensor]:
    """Return the weights of the final model, and those of the heads of its objectives."""
    heads = run / "heads.safetensors"
    return load_file(run / "model" / "model.safetensors") | (load_file(heads) if heads.is_file() else {})


def interrupted_at(monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    """Ask every run from now on to stop after a step, as Ctrl-C does."""
    begin = Journal.on_pre_optimizer_step

    def stop(journal: Journal, args: Any, state: Any, control: Any, **more: Any) -> None:
        begin(journal, args, state, control, **more)
        journal.trainer.stop_agreed = state.global_step == step - 1

    monkeypatch.setattr(Journal, "on_pre_optimizer_step", stop)


@cases
def test_interrupted_after_any_step(tiny: Tiny, monkeypatch: pytest.MonkeyPatch, curriculum: str, model: str) -> None:
    fields = fields_of(curriculum, model) | {"max_steps": 8, "save_steps": 3, "model.dropout": 0.1}
    whole = deterministic_files(train(tiny("whole/run", **fields)))
    for step in (1, 4, 7):
        config = tiny(f"stopped-{step}/run", **fields)
        with monkeypatch.context() as patch:
            interrupted_at(patch, step)
            with pytest.raises(Interrupted, match=f"Stopped at step {step};"):
                train(config)
        assert deterministic_files(train(config)) == whole


@cases
def test_loader_workers(tiny: Tiny, curriculum: str, model: str) -> None:
    fields = fields_of(curriculum, model) | {"max_steps": 4}
    alone = deterministic_files(train(tiny("alone/run", **fields)))
    for workers in (1, 3):
        assert deterministic_files(train(tiny(f"{workers}/run", loader_workers=workers, **fields))) == alone


@cases
def test_accumulation(tiny: Tiny, curriculum: str, model: str) -> None:
    fields = fields_of(curriculum, model) | {"max_steps": 4}
    whole = train(tiny("whole", **fields))
    nearly_the_same(train(tiny("parts", grad_accum=4, **fields)), whole, curriculum)


@cases
def test_two_processes_and_resuming_with_one(
    tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, curriculum: str, model: str
) -> None:
    """Half of the run in one process, the rest in two; and all of it in two."""
    fields = fields_of(curriculum, model) | {"max_steps": 6, "save_steps": 3}
    whole = train(tiny("whole", **fields))
    nearly_the_same(in_two_processes(tiny("two", **fields), tmp_path), whole, curriculum)
    mixed = tiny("mixed", **fields)
    with monkeypatch.context() as patch:
        interrupted_at(patch, 3)
        with pytest.raises(Interrupted):
            train(mixed)
    nearly_the_same(in_two_processes(mixed, tmp_path), whole, curriculum)
