from types import SimpleNamespace

import pytest
import torch
import transformers as hf

from climb.base.lm_head import body_and_head, in_eval_mode

V = 50
SIZES = {
    "vocab_size": V,
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 24,
    "max_position_embeddings": 32,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
MASKED = ("Roberta", "RobertaPreLayerNorm", "Bert", "ModernBert", "Electra", "Albert", "DebertaV2")
CAUSAL = ("GPTNeoX", "Mistral", "Gemma2", "Qwen3")


def make(name: str) -> torch.nn.Module:
    torch.manual_seed(0)
    if name == "GPT2":
        config = hf.GPT2Config(vocab_size=V, n_embd=16, n_layer=2, n_head=2, bos_token_id=1, eos_token_id=2)
        return hf.GPT2LMHeadModel(config)
    more = {} if name in (*MASKED, "GPTNeoX", "Cohere") else {"num_key_value_heads": 1}
    if name == "ModernBert":
        more = {"cls_token_id": 1, "sep_token_id": 2}
    if name in ("Gemma2", "Qwen3"):
        more["head_dim"] = 8
    config = getattr(hf, f"{name}Config")(**SIZES, **more)
    suffix = "ForMaskedLM" if name in MASKED else "ForCausalLM"
    return getattr(hf, f"{name}{suffix}")(config)


@pytest.mark.parametrize("name", [*MASKED, *CAUSAL, "Llama", "GPT2"])
def test_head_of_body_is_the_forward_with_its_gradients(name, capsys):
    model = make(name).double().eval()
    body, head = body_and_head(model)
    assert capsys.readouterr().err == ""
    ids = torch.tensor([[1, 7, 8, 9, 2], [1, 5, 2, 0, 0]])
    mask = (ids != 0).long()
    whole = model(ids, attention_mask=mask).logits
    picked = torch.tensor([2, 3, 6])
    ours = head(body(ids, mask).flatten(0, 1)[picked])
    assert torch.allclose(ours, whole.flatten(0, 1)[picked], rtol=0, atol=1e-12)
    whole.flatten(0, 1)[picked].square().sum().backward()
    expected = {n: p.grad.clone() for n, p in model.named_parameters() if p.grad is not None}
    model.zero_grad()
    ours.square().sum().backward()
    for n, p in model.named_parameters():
        if n in expected:
            assert torch.allclose(p.grad, expected[n], rtol=0, atol=1e-10), n


def test_an_unknown_shape_is_taken_whole_and_said_in_one_line(capsys):
    model = make("Cohere").eval()  # scales its logits
    body, head = body_and_head(model)
    assert len(capsys.readouterr().err.splitlines()) == 1
    ids = torch.tensor([[1, 7, 8]])
    assert torch.equal(head(body(ids)[0]), model(ids).logits[0])


def test_a_wrong_head_is_found_out(capsys):
    model = make("Llama").eval()
    model.forward = lambda input_ids, **more: SimpleNamespace(logits=torch.zeros(1, input_ids.shape[1], V))
    body, head = body_and_head(model)
    assert "could not be told apart" in capsys.readouterr().err
    assert float(head(body(torch.tensor([[1, 2]]))[0]).abs().sum()) == 0


def test_probing_leaves_mode_and_random_state_alone():
    model = make("Bert").train()
    model.cls.eval()
    state = torch.get_rng_state()
    modes = [module.training for module in model.modules()]
    body_and_head(model)
    with pytest.raises(RuntimeError, match="stop"), in_eval_mode(model):
        raise RuntimeError("stop")
    assert [module.training for module in model.modules()] == modes
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_scaled_logits_are_found_out_in_every_number_format(dtype, capsys):
    sizes = {"vocab_size": 50, "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    for scale in (1.0, 2.0):
        model = hf.GraniteForCausalLM(hf.GraniteConfig(**sizes, intermediate_size=24, logits_scaling=scale)).to(dtype)
        body, head = body_and_head(model.eval())
        ids = torch.tensor([[3, 4, 5]])
        with torch.no_grad():
            assert torch.allclose(head(body(ids)[0]), model(ids).logits[0])
        assert ("could not be told apart" in capsys.readouterr().err) == (scale != 1.0)
