"""What a control shares with its curriculum, by the manifests of whole runs: tokens exactly, operations nearly.

Blocks packed in full have the same tokens whichever are drawn. How many of them are asked for is a matter of chance,
because special tokens are never asked for and stand elsewhere in other blocks: with n tokens a run asks for about
0.15 n of them, give or take √(0.15 · 0.85 · n). Operations follow from tokens and targets alone.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from climb.base.corpus import PreparedCorpus
from climb.base.run import Run, RunManifest
from climb.estimates import step_flops
from climb.models import build_model
from climb.training import train
from tests.climb.runs import Tiny, records
from tests.corpus_fixture import write_corpus

STEPS, BATCH, LENGTH, RATE = 12, 16, 16, 0.15
TOKENS = STEPS * BATCH * LENGTH


@pytest.fixture(scope="module")
def joined(tmp_path_factory: pytest.TempPathFactory) -> PreparedCorpus:
    """A corpus in whose blocks documents meet anywhere, so that blocks differ in what can be asked for."""
    return write_corpus(tmp_path_factory.mktemp("joined") / "corpus", documents_meet=True)


def spent(run: Path) -> tuple[RunManifest, int]:
    """Return a run's manifest, and the targets that it counts."""
    return Run(run).manifest, records(run, "train")[-1]["targets"]


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("data_rarity_linear:start=0.3", "masked-laptop"),
        ("data_rarity_linear:start=0.3", "causal-laptop"),
        ("vocab_pos_linear", "masked-laptop"),
    ],
)
def test_equal_tokens_and_nearly_equal_operations(tiny: Tiny, joined: PreparedCorpus, name: str, model: str) -> None:
    runs = {}
    for control in ("none", "", "random_", "reverse_", "matched_"):
        curriculum = control if control == "none" else f"{control}{name}"
        fields = {"corpus": str(joined.folder), "curriculum": curriculum, "model": model, "evaluations": 0}
        runs[control] = spent(train(tiny(f"run-{control}", **fields)))
    one_step = step_flops(build_model(tiny(model=model).model, joined.tokenizer, LENGTH, 0))
    # The weights of a target, against those of a token that is only read.
    of_a_target = one_step(0, 1, LENGTH)
    asked = RATE * TOKENS if model == "masked-laptop" else TOKENS
    for manifest, targets in runs.values():
        assert manifest.tokens == TOKENS
        assert manifest.flops == pytest.approx(one_step(TOKENS, targets, LENGTH), rel=1e-12)
        # Two specials end and begin the documents that meet in half of the blocks, two stand at its edges.
        assert 0 <= asked - targets <= 4 / LENGTH * asked + 4 * np.sqrt(asked * (1 - RATE))
    noise = 2 * 4 * np.sqrt(asked * (1 - RATE)) * of_a_target
    plain = runs["none"][0].flops
    assert all(abs(manifest.flops - plain) < noise for manifest, _ in runs.values())
    # The same rows in another order: the same targets too, and the same words.
    curriculum, control = runs[""], runs["matched_"]
    assert control[1] == curriculum[1]
    assert control[0].flops == pytest.approx(curriculum[0].flops, rel=1e-12)
    assert control[0].words == curriculum[0].words
