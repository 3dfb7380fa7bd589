import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from climb.base.errors import UserError
from climb.eval.requests import Request
from climb.eval.scoring import Scorer, positions_of
from tests.eval.tiny import Bigram, byte_tokenizer, kind, tiny_model, word_tokenizer

FAMILIES = ("roberta", "modernbert", "bert", "gpt2", "llama")
TEXTS = [
    "The cat sees her.",
    "The cat see her.",
    "a",
    "The cat sees her.",
    "",
    "Ünïcödé — 你好 🙂",
    "two\nlines and  spaces ",
    " leading",
    "The very long sentence of this small test.",
]


def naive(model, tokenizer, which, text, start=0):
    """Score one text with one forward pass of the whole model per token."""
    encoded = tokenizer(text, return_offsets_mapping=True)
    ids, total, count = encoded["input_ids"], 0.0, 0
    specials = tokenizer(text, return_special_tokens_mask=True)["special_tokens_mask"]
    for position, (_, end) in enumerate(encoded["offset_mapping"]):
        if specials[position] or end <= start or (which == "causal" and position == 0):
            continue
        if which == "masked":
            shown = [tokenizer.mask_token_id if i == position else token for i, token in enumerate(ids)]
            logits = model(torch.tensor([shown])).logits[0, position]
        else:
            logits = model(torch.tensor([ids[:position]])).logits[0, -1]
        total += float(torch.log_softmax(logits, dim=-1)[ids[position]])
        count += 1
    return total, count


@pytest.mark.parametrize("wrapped", [True, False])
@pytest.mark.parametrize("family", FAMILIES)
def test_equals_the_naive_way_for_every_budget(family, wrapped):
    model, tokenizer = tiny_model(family), byte_tokenizer(wrapped)
    requests = [Request(text) for text in TEXTS if wrapped or text] + [
        Request("Hello you", 5),
        Request("Hello you", 9),
    ]
    with torch.no_grad():
        expected = [naive(model, tokenizer, kind(family), r.text, r.start) for r in requests]
    for budget in (1, 50, 333, 100_000):
        scores = Scorer(model, tokenizer, kind(family), budget).score(requests)
        assert [score.tokens for score in scores] == [count for _, count in expected]
        assert np.allclose([s.total for s in scores], [total for total, _ in expected], rtol=0, atol=1e-9)
        assert all(math.isclose(s.total, s.per_token.sum(), abs_tol=1e-12) for s in scores)


@settings(max_examples=25, deadline=None)
@given(texts=st.lists(st.text(max_size=12), max_size=6), budget=st.integers(1, 200))
def test_order_and_company_do_not_matter(texts, budget):
    scorer = Scorer(MODEL, TOKENIZER, "masked", budget)
    together = [score.total for score in scorer.score([Request(text) for text in texts])]
    alone = [scorer.score([Request(text)])[0].total for text in texts]
    assert np.allclose(together, alone, rtol=0, atol=1e-9)


MODEL, TOKENIZER = tiny_model("bert", positions=128), byte_tokenizer()


def test_equal_texts_and_equal_masked_rows_are_forwarded_once():
    scorer = Scorer(MODEL, TOKENIZER, "masked", 10_000)
    shapes = []
    handle = MODEL.bert.embeddings.register_forward_hook(lambda module, inputs, output: shapes.append(output.shape))
    scorer.score([Request("abcd"), Request("abcd"), Request("abxd")])
    # Twice four positions, less the one row that the two sentences share because only the masked token differs.
    assert [shape[0] for shape in shapes] == [4 + 4 - 1]
    # Asked again, by whatever task, nothing is forwarded.
    scorer.score([Request("abxd"), Request("abcd")])
    handle.remove()
    assert len(shapes) == 1


def test_a_bigram_model_gives_the_log_likelihood_computed_by_hand():
    tokenizer = word_tokenizer(["a", "b"], wrapped=False)
    probabilities = torch.full((7, 7), 1e-30, dtype=torch.float64)
    probabilities[5, 5], probabilities[5, 6] = 0.25, 0.75
    probabilities[6, 5], probabilities[6, 6] = 0.9, 0.1
    scorer = Scorer(Bigram(probabilities.log()), tokenizer, "causal")
    scores = scorer.score([Request("a b b a"), Request("b"), Request("a a", 2)])
    assert scores[0].total == pytest.approx(math.log(0.75 * 0.1 * 0.9), abs=1e-12)
    assert (scores[0].tokens, scores[1].tokens, scores[2].tokens) == (3, 0, 1)
    assert scores[2].total == pytest.approx(math.log(0.25), abs=1e-12)
    assert not scorer.scores_first_token


def test_a_token_that_straddles_the_start_is_scored():
    tokenizer = word_tokenizer(["one", "two"])
    scorer = Scorer(Bigram(torch.zeros(7, 7)), tokenizer, "causal")
    assert [scorer.score([Request("one two", start)])[0].tokens for start in (0, 2, 3, 5, 7)] == [2, 2, 1, 1, 0]


@pytest.mark.parametrize("family", FAMILIES)
def test_too_long_items_are_reported_and_the_longest_that_fits_is_scored(family):
    model, tokenizer = tiny_model(family, positions=32), byte_tokenizer()
    limit = positions_of(model)
    assert limit == (31 if family == "roberta" else 32)
    scores = Scorer(model, tokenizer, kind(family), 64).score([Request("x" * n) for n in (limit - 1, limit - 2, 200)])
    assert [score.too_long for score in scores] == [True, False, True]
    assert math.isnan(scores[0].total)
    assert scores[0].tokens == 0
    assert scores[1].tokens == limit - 2


@pytest.mark.parametrize("family", FAMILIES)
def test_the_model_and_the_random_state_stay_as_they_were(family):
    model = tiny_model(family).train()
    frozen = (
        next(module for module in model.modules() if isinstance(module, torch.nn.Dropout))
        if family != "llama"
        else None
    )
    if frozen is not None:
        frozen.eval()
    modes = [module.training for module in model.modules()]
    weights = {name: value.clone() for name, value in model.state_dict().items()}
    state, numpy_state = torch.get_rng_state(), np.random.get_state()[1].copy()
    one = Scorer(model, byte_tokenizer(), kind(family)).score([Request("hello")])
    two = Scorer(model, byte_tokenizer(), kind(family)).score([Request("hello")])
    assert one[0].total == two[0].total
    assert [module.training for module in model.modules()] == modes
    assert torch.equal(torch.get_rng_state(), state)
    assert (np.random.get_state()[1] == numpy_state).all()
    assert all(torch.equal(value, weights[name]) for name, value in model.state_dict().items())
    # Nothing made under inference mode may linger in the model: training must go on.
    model(torch.tensor([[1, 9, 10, 2]])).logits.sum().backward()


def test_a_float32_model_agrees_to_float32():
    model = tiny_model("gpt2")
    exact = [s.total for s in Scorer(model, TOKENIZER, "causal").score([Request(text) for text in TEXTS])]
    single = [s.total for s in Scorer(model.float(), TOKENIZER, "causal").score([Request(text) for text in TEXTS])]
    assert np.allclose(exact, single, rtol=0, atol=1e-3)


def test_advance_adds_up_to_the_number_of_requests():
    done = []
    requests = [Request(text) for text in ("ab", "ab", "cde", "f")]
    Scorer(MODEL, TOKENIZER, "masked", 20).score(requests, lambda amount, note="": done.append(amount))
    assert sum(done) == pytest.approx(4)


def test_what_does_not_fit_together_is_refused():
    small = Bigram(torch.zeros(10, 10))
    with pytest.raises(UserError, match="do not belong together"):
        Scorer(small, TOKENIZER, "causal")
    tokenizer = byte_tokenizer()
    tokenizer.mask_token = None
    with pytest.raises(UserError, match="no mask token"):
        Scorer(MODEL, tokenizer, "masked")


def test_the_texts_in_memory_together_are_bounded_and_the_scores_the_same(monkeypatch):
    requests = [Request(text) for text in (*TEXTS, *TEXTS[::-1])]
    scorer = Scorer(MODEL, TOKENIZER, "masked")
    whole = scorer.score(requests)
    sizes, encode = [], scorer.encode
    monkeypatch.setattr(scorer, "encode", lambda some: sizes.append(len(some)) or encode(some))
    monkeypatch.setattr("climb.eval.scoring._SCORED_AT_ONCE", 4)
    parts = scorer.score(requests)
    assert max(sizes) == 4
    assert np.allclose([s.total for s in parts], [s.total for s in whole], rtol=0, atol=1e-9)


@pytest.mark.parametrize("wrapped", [True, False])
def test_masked_next_tokens_are_read_one_position_before(wrapped):
    model, tokenizer = tiny_model("roberta"), byte_tokenizer(wrapped)
    usual = Scorer(model, tokenizer, "masked").score([Request("abc")])[0]
    model.config.climb_objective = "mntp"
    scorer = Scorer(model, tokenizer, "masked")
    assert scorer.scores_first_token == wrapped
    (score,) = scorer.score([Request("abc")])
    ids = tokenizer("abc")["input_ids"]
    expected = []
    for position in range(1, 4) if wrapped else range(1, 3):
        shown = [tokenizer.mask_token_id if i == position else token for i, token in enumerate(ids)]
        with torch.no_grad():
            logits = model(torch.tensor([shown])).logits[0, position - 1]
        expected.append(float(torch.log_softmax(logits, dim=-1)[ids[position]]))
    assert score.per_token.tolist() == pytest.approx(expected, abs=1e-9)
    assert score.total != pytest.approx(usual.total)


def test_a_masked_model_that_fills_no_masks_is_refused():
    model = tiny_model("roberta")
    model.config.climb_objective = "clm"
    with pytest.raises(UserError, match="trained mainly with the objective clm"):
        Scorer(model, byte_tokenizer(), "masked")
