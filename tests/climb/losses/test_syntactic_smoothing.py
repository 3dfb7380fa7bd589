"""The loss and its gradients against the dense definition in float64, with every option."""

from typing import Any

import numpy as np
import pytest
import torch

from climb.base.errors import UserError
from climb.config import LossConfig, SyntaxConfig
from climb.losses.plain import Plain
from climb.losses.syntactic_smoothing import SyntacticSmoothing
from climb.losses.token_loss import Predictions, make_loss
from tests.climb.losses.lexicons import SPECIALS, naive_rows, random_lexicon, specials
from tests.corpus_fixture import write_corpus

V, TARGETS, WIDTH = 60, 90, 7
LEXICON = random_lexicon()


def build(steps: int = 10, **options: Any) -> SyntacticSmoothing:
    return SyntacticSmoothing.from_lexicon(SyntaxConfig(error=0.0, **options), LEXICON, specials(), steps)


def problem(seed: int = 0, kind: torch.dtype = torch.float32) -> tuple[torch.Tensor, ...]:
    """Return features, weight and bias, which want gradients, and targets with repeats and specials."""
    generator = torch.Generator().manual_seed(seed)
    shapes = ((TARGETS, WIDTH), (V, WIDTH), (V,))
    leaves = [torch.randn(*shape, generator=generator, dtype=kind).requires_grad_() for shape in shapes]
    return (*leaves, torch.randint(V, (TARGETS,), generator=generator))


def loss_of(loss: torch.nn.Module, features, weight, bias, targets) -> torch.Tensor:
    logits = features @ weight.T + (0 if bias is None else bias)
    return loss(Predictions(logits, features, weight, bias), targets)


def naive_loss(rows: np.ndarray, share: np.ndarray, true_mass: float, features, weight, bias, targets):
    """Return −Σ q log p over a dense target q, float64."""
    away = (1 - true_mass) * share[:, None]
    dense = torch.from_numpy((1 - away) * np.eye(V) + away * rows)
    assert np.allclose(dense.sum(dim=1), 1, atol=1e-12)
    return -(dense[targets] * (features @ weight.T + bias).log_softmax(dim=1)).sum()


OPTIONS = [
    {},
    {"true_mass": 0.2},
    {"temperature": 0.3},
    {"similarity": "kl"},
    {"similarity": "js"},
    {"shrinkage": 4.0},
    {"shrinkage": 4.0, "prior": "word", "similarity": "js"},
    {"spread": "frequency"},
    {"spread": "frequency", "shrinkage": 2.5, "similarity": "kl"},
    {"frequent": 20_000.0},
    {"frequent": 5_000.0, "falloff": 0.7, "true_mass": 0.1},
]


def shares(options: dict[str, Any]) -> np.ndarray:
    """Return the part of 1 − g that each token gives away."""
    per_million = LEXICON["count"] / LEXICON["count"].sum() * 1e6
    share = np.ones(V)
    for token in range(V):
        if "frequent" in options and per_million[token] > options["frequent"]:
            share[token] = (options["frequent"] / per_million[token]) ** options.get("falloff", np.inf)
    share[:SPECIALS] = 0
    return share


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_value_and_gradients_equal_the_dense_definition(options):
    names = ("similarity", "temperature", "shrinkage", "prior", "spread")
    chosen = {name: options[name] for name in names if name in options}
    chosen.setdefault("similarity", "cosine")
    chosen.setdefault("temperature", 0.025 if chosen["similarity"] == "cosine" else 0.05)
    share = shares(options)
    assert "frequent" not in options or 0 < (share[SPECIALS:] < 1).sum() < V - SPECIALS
    ours, exact = problem(), [x.detach().double() for x in problem()[:3]]
    found = loss_of(build(**options), *ours)
    found.backward()
    leaves = [x.requires_grad_() for x in exact]
    expected = naive_loss(naive_rows(LEXICON, **chosen), share, options.get("true_mass", 0.5), *leaves, ours[3])
    expected.backward()
    assert found.dtype == torch.float32
    assert found.item() == pytest.approx(expected.item(), rel=1e-5)
    for mine, theirs in zip(ours, leaves, strict=False):
        torch.testing.assert_close(mine.grad.double(), theirs.grad, rtol=1e-4, atol=1e-5)


def test_rows_of_the_publication():
    """Five tokens and three tags, numbers of the published code: its own share of the target is e^−40 here."""
    tag_counts = np.zeros((5, 12), dtype=np.int64)
    tag_counts[:, :3] = [(10, 0, 0), (0, 10, 0), (5, 5, 0), (1, 0, 0), (0, 0, 0)]
    lexicon = {"text": np.arange(5).astype(str), "count": tag_counts.sum(axis=1), "tag_counts": tag_counts}
    loss = SyntacticSmoothing.from_lexicon(SyntaxConfig(error=0.0), lexicon, np.zeros(5, dtype=bool), 1)
    row = loss.classes.dense_rows(torch.tensor([0]))[0]
    assert float(0.5 * row[3]) == pytest.approx(0.499996, abs=1e-6)
    assert float(0.5 * row[2]) == pytest.approx(4.1e-6, rel=0.01)
    assert row[0] == 0
    assert row[1] < 1e-12


@pytest.mark.parametrize("similarity", ["cosine", "kl", "js"])
@pytest.mark.parametrize("temperature", [0.001, 0.025, 1e6])
def test_rows_sum_to_one_and_give_nothing_to_specials(similarity, temperature):
    loss = build(similarity=similarity, temperature=temperature)
    rows = loss.classes.dense_rows(torch.arange(SPECIALS, V))
    assert torch.allclose(rows.sum(dim=1), torch.ones(V - SPECIALS), atol=1e-5)
    assert not rows[:, :SPECIALS].any()
    assert not rows[:, SPECIALS:].diagonal().any()
    if temperature == 1e6:
        off = ~torch.eye(V - SPECIALS, dtype=torch.bool)
        assert torch.allclose(rows[:, SPECIALS:][off], torch.tensor(1 / (V - SPECIALS - 1)), rtol=1e-3)


def test_full_true_mass_is_plain_cross_entropy():
    arguments = problem()
    assert torch.equal(loss_of(build(true_mass=1), *arguments), loss_of(Plain(), *arguments))


def test_special_targets_stay_one_hot():
    features, weight, bias, _ = problem()
    targets = torch.arange(TARGETS) % SPECIALS
    arguments = (features, weight, bias, targets)
    assert torch.equal(loss_of(build(true_mass=0), *arguments), loss_of(Plain(), *arguments))


def test_true_mass_is_paced_by_the_step_alone():
    loss = build(steps=4, true_mass="linear:start=0.2,end=1,from=0,to=1")
    seen = []
    for step in (3, 0, 2, 1):
        loss.at_step(step)
        seen.append(loss.true_mass)
    assert seen == pytest.approx([0.8, 0.2, 0.6, 0.4])
    loss.at_step(2)
    assert torch.equal(loss_of(loss, *problem()), loss_of(build(true_mass=loss.true_mass), *problem()))


def test_without_bias_and_without_targets():
    features, weight, bias, targets = problem(kind=torch.float64)
    with_zero = loss_of(build(), features, weight, bias.detach() * 0, targets)
    assert loss_of(build(), features, weight, None, targets).item() == pytest.approx(with_zero.item())
    nothing = loss_of(build(), features[:0], weight, bias, targets[:0])
    nothing.backward()
    assert nothing.item() == 0
    assert not weight.grad.any()


def test_the_sum_is_over_batches_whatever_their_split():
    features, weight, bias, targets = problem()
    loss = build()
    parts = [loss_of(loss, features[i : i + 30], weight, bias, targets[i : i + 30]) for i in range(0, TARGETS, 30)]
    assert float(sum(parts)) == pytest.approx(float(loss_of(loss, features, weight, bias, targets)), rel=1e-5)


def test_half_precision_features_are_summed_in_float32():
    features, weight, bias, targets = problem()
    half = features.detach().bfloat16()
    logits = (half.float() @ weight.T + bias).detach()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = build()(Predictions(logits, half, weight, bias), targets)
    assert float(found) == pytest.approx(float(loss_of(build(), half.float(), weight, bias, targets)), rel=1e-6)


def test_gradients_are_the_same_bits_every_time():
    loss = build(similarity="js")

    def gradients() -> list[torch.Tensor]:
        *leaves, targets = problem()
        loss_of(loss, *leaves, targets).backward()
        return [leaf.grad for leaf in leaves]

    torch.use_deterministic_algorithms(True)
    try:
        first = gradients()
        assert all(torch.equal(a, b) for _ in range(3) for a, b in zip(first, gradients(), strict=True))
    finally:
        torch.use_deterministic_algorithms(False)


def test_nothing_of_it_is_saved_or_trained():
    assert not build().state_dict()
    assert not list(build().parameters())


def test_operations_are_those_that_torch_counts():
    """Oracle: torch's counter of matrix products; the similarity's twelve columns, not counted, are below 3 %."""
    from torch.utils.flop_counter import FlopCounterMode

    loss, rng = build(), np.random.default_rng(0)
    counts = LEXICON["count"] / LEXICON["count"].sum()
    targets = torch.from_numpy(rng.choice(V, 2000, p=counts))
    features, weight = torch.randn(2000, 512, requires_grad=True), torch.randn(V, 512, requires_grad=True)
    predictions = Predictions(torch.zeros(2000, V), features, weight, None)
    with FlopCounterMode(display=False) as counter:
        loss(predictions, targets).backward()
    assert loss.flops(2000, 512) == pytest.approx(counter.get_total_flops(), rel=0.06)
    assert loss.flops(0, 512) == 0
    assert build(true_mass=1).flops(2000, 512) == 0


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"true_mass": 1.5}, "true_mass 1.5 is no share"),
        ({"prior": "word"}, "no effect while shrinkage is 0"),
        ({"falloff": 1.0}, "no effect without frequent"),
        ({"true_mass": float("nan")}, "true_mass nan is no share"),
        ({"true_mass": -0.1}, "true_mass -0.1 is no share"),
        *(({name: float("nan")}, name) for name in ("temperature", "shrinkage", "frequent", "falloff", "error")),
        *(({name: float("inf")}, name) for name in ("temperature", "shrinkage", "frequent", "falloff", "error")),
        ({"temperature": 1e-9}, "temperature"),
    ],
)
def test_options_without_effect_or_sense_are_refused(options, says):
    with pytest.raises(ValueError, match=says):
        SyntaxConfig(**options)


@pytest.mark.parametrize("similarity", ["cosine", "kl", "js"])
@pytest.mark.parametrize("tags", [np.zeros(12), np.eye(12)[3] * 5], ids=["never tagged", "one tag"])
@pytest.mark.parametrize("options", [{}, {"shrinkage": 3.0}, {"shrinkage": 3.0, "prior": "word"}], ids=str)
def test_tokens_that_nothing_tells_apart_are_smoothed_evenly(similarity, tags, options):
    """Oracle: label smoothing over the other tokens that are no specials."""
    tag_counts = np.tile(tags.astype(np.int64), (V, 1))
    lexicon = {"text": LEXICON["text"], "count": tag_counts.sum(axis=1), "tag_counts": tag_counts}
    config = SyntaxConfig(similarity=similarity, **options)
    loss = SyntacticSmoothing.from_lexicon(config, lexicon, specials(), 1)
    assert loss.classes.size == 1
    features, weight, bias, targets = problem()
    targets = targets.clamp(min=SPECIALS)
    log_p = (features @ weight.T + bias).double().log_softmax(dim=1)
    true = log_p.gather(1, targets[:, None]).squeeze(1)
    others = (log_p[:, SPECIALS:].sum(dim=1) - true) / (V - SPECIALS - 1)
    expected = -(0.5 * true + 0.5 * others).sum()
    assert loss_of(loss, features, weight, bias, targets).item() == pytest.approx(expected.item(), rel=1e-5)


@pytest.mark.parametrize(
    "text", ["linea", "linear:start", "linear:start=0.1,start=0.2", "linear:start=2", "constant:value=nan", "0.5"]
)
def test_a_wrong_pacing_function_is_one_sentence(text):
    with pytest.raises(UserError):
        build(true_mass=text)


def test_a_corpus_without_tags_is_refused(tmp_path):
    corpus = write_corpus(tmp_path / "untagged", tagger=None)
    with pytest.raises(UserError, match="no part-of-speech tags, which syntactic smoothing needs"):
        make_loss(LossConfig(name="syntactic_smoothing"), corpus, 10)


def test_a_lexicon_of_another_tokenizer_is_refused(tmp_path, monkeypatch):
    corpus = write_corpus(tmp_path / "other")
    whole = corpus.lexicon()
    monkeypatch.setattr(corpus, "lexicon", lambda: {name: column[:-3] for name, column in whole.items()})
    with pytest.raises(UserError, match=r"lexicon\.parquet has 61 tokens and the tokenizer beside it 64"):
        make_loss(LossConfig(name="syntactic_smoothing"), corpus, 10)


def test_a_vocabulary_of_one_is_refused():
    with pytest.raises(UserError, match="nothing to smooth"):
        SyntacticSmoothing.from_lexicon(SyntaxConfig(), LEXICON, np.arange(V) != 7, 1)
