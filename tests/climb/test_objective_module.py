"""Losses and gradients of several objectives, against a dense computation in float64."""

import copy
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch.func import functional_call
from torch.nn import functional as F
from transformers import LlamaModel, ModernBertModel, RobertaPreLayerNormModel

from climb.curricula.objective_base import UnitShape
from climb.heads import load_heads, save_heads
from climb.losses.label_smoothing import LabelSmoothing
from climb.losses.plain import Plain
from climb.models import build_model
from climb.objective_module import ObjectiveModule, causal_mask
from climb.options import train_config
from climb.step_terms import StepTerms, counts_of
from climb.targets import IGNORED

VOCABULARY, LENGTH = 60, 11
MLM, MNTP = UnitShape("mlm", 0, False, False), UnitShape("mntp", 0, False, True)
CLM, POS = UnitShape("clm", 0, True, True), UnitShape("pos", 5, False, False)
UNITS = (POS, MLM, CLM, MNTP)


class Tokenizer(SimpleNamespace):
    """As many tokens as it says, specials first."""

    def __len__(self) -> int:
        return VOCABULARY


def module(preset: str = "masked-laptop", units=UNITS, attention: str = "sdpa", seed: int = 0, **shape: Any):
    shape = {"layers": 2, "hidden_size": 24, "heads": 3, "intermediate_size": 40, "dropout": 0.0, **shape}
    config = train_config(model={"preset": preset, **shape}).model
    model = build_model(config, Tokenizer(pad_token_id=1, bos_token_id=3, eos_token_id=4), LENGTH, 0)
    model.set_attn_implementation(attention)
    return ObjectiveModule(model, Plain(), units, units[-1].name, seed).double().train()


def rows(seed: int, rate: float, classes: int = VOCABULARY, padded: bool = True, size: int = 4):
    generator = torch.Generator().manual_seed(seed)
    ids = torch.randint(5, VOCABULARY, (size, LENGTH), generator=generator)
    labels = torch.randint(0, classes, (size, LENGTH), generator=generator)
    labels = labels.where(torch.rand(size, LENGTH, generator=generator) < rate, IGNORED)
    if not padded:
        return {"input_ids": ids, "labels": labels}
    mask = (torch.arange(LENGTH)[None] < torch.tensor([LENGTH, 3, 7, 9])[:size, None]).long()
    return {
        "input_ids": ids.where(mask.bool(), 1),
        "labels": labels.where(mask.bool(), IGNORED),
        "attention_mask": mask,
    }


def body_of(one: ObjectiveModule, causal: bool):
    """Return the body with its weights; a causal RoBERTa is what transformers makes of it as a decoder.

    ModernBERT has no decoder: its copy with plain attention adds a mask, −∞ where nothing may be seen.
    """
    body = one.model.base_model
    if not causal or isinstance(body, LlamaModel):
        return body
    if isinstance(body, ModernBertModel):
        plain = copy.deepcopy(body)
        plain.set_attn_implementation("eager")
        future = torch.full((LENGTH, LENGTH), -torch.inf, dtype=torch.float64).triu(1)

        def masked(input_ids: torch.Tensor, attention_mask: torch.Tensor) -> Any:
            hidden = torch.where(attention_mask[:, None, None].bool(), 0.0, -torch.inf)
            inputs = {"input_ids": input_ids, "attention_mask": future + hidden}
            return functional_call(plain, dict(body.named_parameters()), kwargs=inputs)

        return masked
    config = copy.deepcopy(one.model.config)
    config.is_decoder = True
    decoder = RobertaPreLayerNormModel(config, add_pooling_layer=False).double().train()
    return lambda **inputs: functional_call(
        decoder, dict(body.named_parameters()), kwargs=inputs | {"use_cache": False}
    )


def dense(one: ObjectiveModule, unit: UnitShape, inputs, labels) -> torch.Tensor:
    """Return the mean cross-entropy from whole hidden states and whole logits."""
    ids, mask = inputs["input_ids"], inputs.get("attention_mask", torch.ones_like(inputs["input_ids"]))
    hidden = body_of(one, unit.causal)(input_ids=ids, attention_mask=mask)[0]
    if unit.classes:
        head = one.heads[unit.name]
        normed = F.layer_norm(F.gelu(head.dense(hidden)), (24,), head.norm.weight, head.norm.bias, 1e-12)
        logits = normed @ head.decoder.weight.T + head.decoder.bias
    else:
        logits = one._head(hidden)
    losses = F.cross_entropy(logits.flatten(0, 1), labels.flatten(), reduction="sum", ignore_index=IGNORED)
    return losses / (labels != IGNORED).sum().clamp(min=1)


def gradients(one: torch.nn.Module, loss: torch.Tensor) -> dict[str, torch.Tensor]:
    one.zero_grad()
    loss.backward()
    return {name: torch.zeros_like(p) if p.grad is None else p.grad.clone() for name, p in one.named_parameters()}


def check(one: ObjectiveModule, objectives, weights: dict[str, float]) -> None:
    """Compare loss and gradients of one micro-batch with the dense ones."""
    leader, expected = {}, torch.zeros((), dtype=torch.float64)
    for name, asked in objectives.items():
        leader = asked if "input_ids" in asked else leader
        if len(asked["labels"]):
            expected = expected + weights[name] * dense(one, one.units[name], leader, asked["labels"])
    wanted = gradients(one, expected)
    terms = StepTerms(tuple(one.units), lambda step: weights, torch.device("cpu"))
    batch = {"objectives": objectives}
    terms.begin(0, terms.count([batch]))
    found_loss = terms.share(one, batch)
    found = gradients(one, found_loss)
    assert found_loss.item() == pytest.approx(expected.item(), rel=1e-6)
    for name, gradient in wanted.items():
        torch.testing.assert_close(found[name], gradient, rtol=1e-4, atol=1e-6)  # the loss is taken in float32


@pytest.mark.parametrize("preset", ["masked-laptop", "modernbert-laptop"])
@pytest.mark.parametrize("attention", ["sdpa", "eager"])
@pytest.mark.parametrize("padded", [True, False])
def test_each_unit_has_its_own_pass(preset: str, attention: str, padded: bool) -> None:
    one = module(preset, attention=attention)
    objectives = {
        unit.name: rows(seed, rate, unit.classes or VOCABULARY, padded)
        for seed, (unit, rate) in enumerate(zip(UNITS, (0.4, 0.15, 1.0, 0.2), strict=True))
    }
    check(one, objectives, {"pos": 1.0, "mlm": 0.5, "clm": 2.0, "mntp": 1.0})


def test_units_share_a_pass() -> None:
    one = module(units=(POS, MNTP, MLM))
    leader, second, third = rows(0, 0.4, 5), rows(1, 0.3), rows(2, 0.0)
    objectives = {"pos": leader, "mntp": {"labels": second["labels"]}, "mlm": {"labels": third["labels"]}}
    check(one, objectives, {"pos": 1.0, "mntp": 0.25, "mlm": 1.0})
    counts = counts_of({"objectives": objectives})
    reads = ((leader["labels"] != IGNORED) | (second["labels"] != IGNORED)).sum()
    assert (counts["pos"].tokens, counts["pos"].reads) == (30, int(reads))
    assert [(count.tokens, count.reads) for count in list(counts.values())[1:]] == [(0, 0), (0, 0)]
    assert [count.targets for count in counts.values()] == [
        int((labels["labels"] != IGNORED).sum()) for labels in (leader, second, third)
    ]


def test_samples_are_split_and_may_leave_a_unit_without_any() -> None:
    one = module(units=(CLM, MNTP))
    clm, mntp = rows(0, 1.0, size=1), rows(1, 0.2, size=3)
    check(one, {"clm": clm, "mntp": mntp}, {"clm": 1 / 4, "mntp": 3 / 4})
    check(one, {"clm": {name: values[:0] for name, values in clm.items()}, "mntp": mntp}, {"clm": 0.25, "mntp": 0.75})


def test_a_causal_model_reads_tokens_and_tags_from_one_pass() -> None:
    tag = UnitShape("pos", 5, True, True)
    one = module("causal-laptop", units=(tag, CLM))
    check(one, {"pos": rows(0, 0.6, 5), "clm": {"labels": rows(1, 0.9)["labels"]}}, {"pos": 1.0, "clm": 1.0})
    check(one, {"pos": rows(0, 0.6, 5), "clm": rows(2, 0.9)}, {"pos": 0.5, "clm": 1.0})


@pytest.mark.parametrize("preset", ["masked-laptop", "modernbert-laptop"])
def test_every_parameter_has_a_gradient_whatever_is_active(preset: str) -> None:
    one = module(preset, tie_embeddings=False)
    for name, asked in {"pos": rows(0, 0.4, 5), "clm": rows(1, 1.0), "mlm": rows(2, 0.0)}.items():
        one.zero_grad()
        one({name: asked}).sum().backward()
        without = [key for key, values in one.named_parameters() if values.requires_grad and values.grad is None]
        assert without == []
        resting = {id(parameter) for parameter in one.resting([name])}
        grads = [values.grad for values in one.parameters() if id(values) in resting and values.requires_grad]
        assert not any(gradient.any() for gradient in grads)
    body = {id(parameter) for parameter in one.model.base_model.parameters()}
    language = {id(parameter) for parameter in one.model.parameters()} - body
    heads = {id(parameter) for parameter in one.heads.parameters()}
    assert {id(parameter) for parameter in one.resting(["pos"])} == language
    assert {id(parameter) for parameter in one.resting(["mlm"])} == heads
    assert one.resting(["mlm", "pos"]) == []


def test_weights_that_are_not_finite_stay_out_of_a_zero_term() -> None:
    one = module()
    with torch.no_grad():
        one.heads["pos"].dense.weight.fill_(float("nan"))
    losses = one({"mlm": rows(0, 0.3)})
    assert losses.isfinite().all()


@pytest.mark.parametrize("preset", ["masked-laptop", "modernbert-laptop"])
def test_causal_rows_do_not_see_what_comes_later(preset: str) -> None:
    one = module(preset).eval()
    ids = rows(0, 1.0, padded=False)["input_ids"]
    changed = ids.clone()
    changed[:, 6:] = 5 + (ids[:, 6:] + 1) % 50
    labels = torch.zeros_like(ids)
    states = [one._hidden(one_ids, labels == 0, None, CLM).view(4, LENGTH, -1) for one_ids in (ids, changed)]
    torch.testing.assert_close(states[0][:, :6], states[1][:, :6])
    assert (states[0][:, 6:] - states[1][:, 6:]).abs().amax() > 1e-3
    assert causal_mask(one.model, ids, None).dtype == torch.bool


def test_held_out_text_is_read_as_the_main_unit_reads() -> None:
    one = module(units=(MLM, CLM)).eval()
    asked = rows(3, 0.7)
    with torch.no_grad():
        mean = one.token_losses(**asked).mean()
        assert float(mean) == pytest.approx(float(dense(one, CLM, asked, asked["labels"])), rel=1e-6)


def test_heads_leave_the_model_as_it_is_and_follow_the_seed() -> None:
    with_heads, without = module(units=(POS, MLM)), module(units=(MLM,))
    for (name, ours), (_, theirs) in zip(
        with_heads.model.named_parameters(), without.model.named_parameters(), strict=True
    ):
        assert torch.equal(ours, theirs), name
    again, other = module(units=(POS, MLM)), module(units=(POS, MLM), seed=1)
    assert torch.equal(again.heads["pos"].dense.weight, with_heads.heads["pos"].dense.weight)
    assert not torch.equal(other.heads["pos"].dense.weight, with_heads.heads["pos"].dense.weight)
    weight = with_heads.heads["pos"].dense.weight
    assert float(weight.detach().std()) == pytest.approx(with_heads.model.config.initializer_range, rel=0.1)
    state = torch.random.get_rng_state()
    module(units=(POS, MLM))
    assert torch.equal(torch.random.get_rng_state(), state)


def test_heads_are_kept_in_a_file(tmp_path) -> None:
    from climb.base.errors import UserError

    one, other = module(units=(POS, MLM)), module(units=(POS, MLM), seed=1)
    save_heads(one.heads, tmp_path)
    load_heads(other.heads, tmp_path)
    for name, values in one.heads.state_dict().items():
        assert torch.equal(values, other.heads.state_dict()[name])
    with pytest.raises(UserError, match=r"heads\.safetensors cannot be loaded"):
        load_heads(module(units=(UnitShape("pos", 7, False, False), MLM)).heads, tmp_path)
    save_heads(module(units=(MLM,)).heads, tmp_path / "none")
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("name", ["plain", "label_smoothing"])
def test_smoothing_is_for_tokens_alone(name: str) -> None:
    one = module(units=(POS, MLM))
    one.loss = Plain() if name == "plain" else LabelSmoothing(0.2)
    asked = {"pos": rows(0, 0.4, 5), "mlm": rows(1, 0.3)}
    losses = one(asked)
    assert float(losses[0].detach()) == pytest.approx(
        float(
            dense(one, POS, asked["pos"], asked["pos"]["labels"]).detach() * (asked["pos"]["labels"] != IGNORED).sum()
        ),
        rel=1e-6,
    )
    plain = float(
        dense(one, MLM, asked["mlm"], asked["mlm"]["labels"]).detach() * (asked["mlm"]["labels"] != IGNORED).sum()
    )
    assert (float(losses[1].detach()) == pytest.approx(plain, rel=1e-6)) == (name == "plain")
