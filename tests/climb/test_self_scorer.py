"""Self-perplexities against a naive loop, transformers' own loss, a uniform model and torch's count of operations."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from climb.base.corpus import PreparedCorpus
from climb.curricula.self_scoring import SelfScoring
from climb.curricula.special_tokens import special_ids
from climb.estimates import step_flops
from climb.losses.plain import Plain
from climb.models import build_model
from climb.options import train_config
from climb.self_scorer import SelfScorer
from climb.training_module import TrainingModule
from tests.climb.conftest import TINY
from tests.corpus_fixture import MASK, write_corpus

BLOCKS = np.array([3, 77, 12, 201, 50])


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> PreparedCorpus:
    """Blocks that end in padding."""
    return write_corpus(tmp_path_factory.mktemp("scored") / "lines", pack="lines", seed=1)


Make = Callable[..., tuple[SelfScorer, Any, PreparedCorpus]]


@pytest.fixture
def make(lines: PreparedCorpus) -> Make:
    def scorer(model: str, positions: int | None = None, **shape: Any) -> tuple[SelfScorer, Any, PreparedCorpus]:
        config = train_config(model=model, **TINY, **{"model.dropout": 0.3}, **shape)
        torch.manual_seed(0)
        built = build_model(config.model, lines.tokenizer, lines.manifest.block_size, 0)
        for parameter in built.parameters():  # the initial weights are so small that all tokens are nearly as likely
            parameter.data += 0.1 * torch.randn_like(parameter)
        module = TrainingModule(built, Plain())
        scoring = SelfScoring(0.25, positions, 1.0, "random")
        return SelfScorer(module, lines, scoring, config.model.objective, 0, False), module, lines

    return scorer


def naive(model: Any, corpus: PreparedCorpus, block: int, positions: Any) -> float:
    """One forward pass of transformers' model for each position of one block, without padding."""
    model.eval()
    tokens = torch.from_numpy(corpus.train.tokens([block])[0][: corpus.train.length[block]])
    total = []
    for position in positions:
        masked = tokens.clone()
        masked[position] = MASK
        with torch.no_grad():
            logits = model(input_ids=masked[None]).logits[0, position]
        total.append(-float(torch.log_softmax(logits.double(), dim=-1)[tokens[position]]))
    return float(np.exp(np.mean(total))) if total else 1.0


def scorable(corpus: PreparedCorpus, block: int) -> np.ndarray:
    tokens = corpus.train.tokens([block])[0]
    return np.flatnonzero(~special_ids(corpus)[tokens] & (np.arange(len(tokens)) < corpus.train.length[block]))


def test_exact_pseudo_perplexity_is_that_of_a_naive_loop(make: Make) -> None:
    scorer, module, corpus = make("masked-laptop")
    assert len(set(corpus.train.length[BLOCKS].tolist())) > 1
    sums = scorer.score(BLOCKS, 1)
    expected = [naive(module.model, corpus, block, scorable(corpus, block)) for block in BLOCKS]
    assert sums.perplexities() == pytest.approx(expected, rel=1e-5)
    assert np.ptp(expected) > 1
    counts = [len(scorable(corpus, block)) for block in BLOCKS]
    assert sums.counts.tolist() == counts
    assert sums.targets == sum(counts)
    assert sums.tokens == sum(counts * corpus.train.length[BLOCKS])


def test_some_positions_are_the_chosen_ones(make: Make) -> None:
    scorer, module, corpus = make("masked-laptop", positions=3)
    scoring = SelfScoring(0.25, 3, 1.0, "random")
    for refresh in (1, 2):
        flags = np.zeros((len(BLOCKS), corpus.manifest.block_size), dtype=bool)
        for row, block in enumerate(BLOCKS):
            flags[row, scorable(corpus, block)] = True
        chosen = scoring.chosen(flags, BLOCKS, 0, refresh)
        expected = [
            naive(module.model, corpus, block, np.flatnonzero(chosen[row])) for row, block in enumerate(BLOCKS)
        ]
        assert scorer.score(BLOCKS, refresh).perplexities() == pytest.approx(expected, rel=1e-5)
    alone = [float(scorer.score(np.array([block]), 2).perplexities()[0]) for block in BLOCKS]
    assert alone == pytest.approx(expected, rel=1e-5)


def test_a_causal_model_agrees_with_the_loss_of_transformers(make: Make) -> None:
    scorer, module, corpus = make("causal-laptop")
    sums = scorer.score(BLOCKS, 1)
    module.model.eval()
    for place, block in enumerate(BLOCKS):
        ids = torch.from_numpy(corpus.train.tokens([block])[:, : corpus.train.length[block]])
        labels = torch.where(torch.from_numpy(special_ids(corpus))[ids], -100, ids)
        with torch.no_grad():
            loss = float(module.model(input_ids=ids, labels=labels).loss)
        assert np.log(sums.perplexities()[place]) == pytest.approx(loss, rel=1e-5)
    assert sums.tokens == corpus.train.length[BLOCKS].sum()


@pytest.mark.parametrize("model", ["masked-laptop", "causal-laptop"])
def test_a_model_that_knows_nothing_is_as_perplexed_as_its_vocabulary_is_large(make: Make, model: str) -> None:
    scorer, module, corpus = make(model)
    for parameter in module.parameters():
        parameter.data.zero_()
    found = scorer.score(BLOCKS, 1).perplexities()
    assert found == pytest.approx([corpus.manifest.vocab_size] * len(BLOCKS), rel=1e-5)


@pytest.mark.parametrize("model", ["masked-laptop", "causal-laptop"])
def test_nothing_is_left_behind(make: Make, model: str) -> None:
    scorer, module, _ = make(model)
    module.train()
    frozen = next(child for child in module.modules() if isinstance(child, torch.nn.Linear)).eval()
    before = {name: value.clone() for name, value in module.state_dict().items()}
    state = torch.get_rng_state()
    first, again = (scorer.score(BLOCKS, 1) for _ in range(2))
    assert first.nats.tolist() == again.nats.tolist()
    assert torch.equal(torch.get_rng_state(), state)
    assert not frozen.training
    assert module.training
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())
    assert all(parameter.grad is None for parameter in module.parameters())


def test_blocks_without_anything_to_score_have_perplexity_one(
    make: Make, monkeypatch: pytest.MonkeyPatch, lines: PreparedCorpus
) -> None:
    monkeypatch.setattr(
        "climb.self_scorer.special_ids", lambda corpus: np.ones(corpus.manifest.vocab_size, dtype=bool)
    )
    for model in ("masked-laptop", "causal-laptop"):
        sums = make(model)[0].score(BLOCKS, 1)
        assert sums.perplexities().tolist() == [1.0] * len(BLOCKS)
        assert sums.targets == 0
    assert not make("masked-laptop")[0].score(np.zeros(0, dtype=np.int64), 1).tokens


@pytest.mark.parametrize(
    ("model", "positions"), [("masked-laptop", 4), ("masked-laptop", None), ("causal-laptop", None)]
)
def test_operations_are_a_third_of_training_steps_and_what_torch_counts(
    model: str, positions: int | None, tmp_path: Path
) -> None:
    """Torch counts matrix products only; at this width biases and norms are a few per cent."""
    corpus = write_corpus(tmp_path / "corpus")
    config = train_config(model=model)
    built = build_model(config.model, corpus.tokenizer, corpus.manifest.block_size, 0)
    built.config._attn_implementation = "eager"
    scoring = SelfScoring(0.25, positions, 1.0, "random")
    module = TrainingModule(built, Plain())
    scorer = SelfScorer(module, corpus, scoring, config.model.objective, 0, False)
    with FlopCounterMode(display=False) as counter:
        sums = scorer.score(BLOCKS, 1)
    assert sums.tokens == len(BLOCKS) * 16 * {4: 4, None: 14 if model == "masked-laptop" else 1}[positions]
    ours = step_flops(built)(sums.tokens, sums.targets, corpus.manifest.block_size) / 3
    assert ours == pytest.approx(counter.get_total_flops(), rel=0.03)
