"""One plan for many models: the texts are tokenised and ordered once, and every score is as if evaluated apart."""

import json

import numpy as np
import pytest

from climb.eval import EvalConfig, Scorer, evaluate, prepare_tasks
from climb.eval import scoring as scoring_module
from climb.eval.loading import LoadedModel
from climb.eval.plans import Plans, spelling_of
from climb.eval.requests import Request
from tests.eval.tiny import byte_tokenizer, kind, tiny_model

TEXTS = ["The cat sees her.", "The cat see her.", "The dog", "a", "The cat sees her.", "Box 0 holds the cup."]
REQUESTS = [Request(text) for text in TEXTS] + [Request("Box 0 holds the hat.", 11)]


@pytest.fixture
def calls(monkeypatch):
    """How many texts were tokenised and how many items put in order."""
    counted = {"texts": 0, "ordered": 0}
    tokenised, order_of = scoring_module.tokenised, scoring_module.order_of

    def count_texts(tokenizer, which, requests, words=False):
        counted["texts"] += len(requests)
        return tokenised(tokenizer, which, requests, words=words)

    def count_orders(items, *more):
        counted["ordered"] += len(items)
        return order_of(items, *more)

    monkeypatch.setattr(scoring_module, "tokenised", count_texts)
    monkeypatch.setattr(scoring_module, "order_of", count_orders)
    return counted


@pytest.mark.parametrize("family", ["roberta", "modernbert", "bert", "gpt2", "llama"])
def test_models_that_share_a_plan_score_as_models_apart(family, calls):
    plans, tokenizer = Plans(), byte_tokenizer()
    models = [tiny_model(family, seed=seed) for seed in range(3)]
    together = [Scorer(model, tokenizer, kind(family), 60, plans=plans).score(REQUESTS) for model in models]
    once = dict(calls)
    apart = [Scorer(model, byte_tokenizer(), kind(family), 60).score(REQUESTS) for model in models]
    for one, other in zip(together, apart, strict=True):
        assert [score.total for score in one] == [score.total for score in other]  # the same batches, bit by bit
        assert all(np.array_equal(a.per_token, b.per_token) for a, b in zip(one, other, strict=True))
    assert len({scores[0].total for scores in together}) == 3
    # The probe "a" and the seven texts once, six distinct items in order once; apart three times each.
    assert once == {"texts": 8, "ordered": 6}
    assert {name: calls[name] - once[name] for name in calls} == {"texts": 24, "ordered": 18}


def test_another_tokenizer_kind_or_way_of_masking_has_a_plan_of_its_own(calls):
    plans, model = Plans(), tiny_model("bert")
    ways = [
        (byte_tokenizer(), "masked", "original"),
        (byte_tokenizer(wrapped=False), "masked", "original"),
        (byte_tokenizer(), "mntp", "original"),
        (byte_tokenizer(), "masked", "within_word_l2r"),
    ]
    for tokenizer, which, pll in ways:
        shared = Scorer(model, tokenizer, which, pll=pll, plans=plans).score(REQUESTS)
        apart = Scorer(model, tokenizer, which, pll=pll).score(REQUESTS)
        assert [score.total for score in shared] == [score.total for score in apart]
    assert len({spelling_of(tokenizer, which, pll) for tokenizer, which, pll in ways}) == len(ways)
    used = byte_tokenizer()
    used(["abc", "a"], truncation=True, max_length=2, padding=True)
    assert spelling_of(used) == spelling_of(byte_tokenizer())


def test_no_more_tokens_are_kept_than_said(calls):
    plans, tokenizer = Plans(most=30), byte_tokenizer()
    for seed in range(2):
        model = tiny_model("bert", seed=seed)
        found = Scorer(model, tokenizer, "masked", plans=plans).score(REQUESTS)
        assert [s.total for s in found] == [s.total for s in Scorer(model, tokenizer, "masked").score(REQUESTS)]
    assert plans._tokens <= 30
    assert calls["texts"] == 1 + 7 + 8 + 7 + 8  # the probe alone is kept


def test_what_comes_back_may_be_changed_without_harm():
    plans, scorer = Plans(), Scorer(tiny_model("bert"), byte_tokenizer(), "masked")
    first = plans.items("a", REQUESTS, scorer.encode)
    length = len(first)
    first.clear()
    assert len(plans.items("a", REQUESTS, scorer.encode)) == length


def test_a_trajectory_gives_the_results_of_separate_evaluations(tmp_path):
    lines = [{"sentence_good": "ab" * n, "sentence_bad": "ba" * n} for n in range(1, 6)]
    (tmp_path / "pairs.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    config = EvalConfig(tasks=["minimal_pairs"], data=str(tmp_path))
    tasks, plans = prepare_tasks(config), Plans()
    for seed in range(3):
        model = tiny_model("llama", seed=seed)
        loaded = LoadedModel(model, byte_tokenizer(), "causal", f"m{seed}", str(seed) * 64, "fp32")
        shared = evaluate(loaded, config, tmp_path / f"m{seed}", tasks, plans)
        apart = evaluate(loaded, config)
        assert shared == apart
