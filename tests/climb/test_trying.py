"""`climb try` shows the weights it says it shows, and what they would say."""

import pytest
import torch
from transformers import AutoModelForCausalLM

from climb.base.errors import UserError
from climb.base.run import Run
from climb.training import train
from climb.trying import answers, load_stage, stages


@pytest.fixture(scope="module")
def made(tmp_path_factory, corpus):
    from climb.options import train_config
    from tests.climb.conftest import TINY

    def make(model: str):
        out = tmp_path_factory.mktemp(model)
        fields = {"corpus": str(corpus.folder), "max_steps": 12, "batch_size": 8, "save_steps": 6, "evaluations": 2}
        return Run(
            train(train_config(**{"model": model, **TINY, **fields, "out": str(out / "run"), "device": "cpu"}))
        )

    return {"causal": make("causal-laptop"), "masked": make("masked-laptop")}


def test_first_middle_and_last(made):
    found = stages(made["causal"])
    assert [stage.folder.name for stage in found] == ["chck_0M", "checkpoint-6", "model"]
    assert [stage.label for stage in found] == ["untrained", "step 6", "step 12, final"]


def test_a_causal_model_goes_on_greedily(made):
    run = made["causal"]
    loaded = load_stage(stages(run)[1], run)
    (text,) = answers(loaded, "w9 w8", 5, 4)
    model = AutoModelForCausalLM.from_pretrained(run.folder / "checkpoint-6")
    ids = [token for token in loaded.tokenizer("w9 w8")["input_ids"] if token != loaded.tokenizer.eos_token_id]
    expected = model.generate(torch.tensor([ids]), max_new_tokens=4, do_sample=False, eos_token_id=3, pad_token_id=2)
    assert text == loaded.tokenizer.decode(expected[0], skip_special_tokens=True).strip()


def test_next_words_have_their_probabilities(made):
    run = made["causal"]
    loaded = load_stage(stages(run)[-1], run)
    lines = answers(loaded, "w9 <mask>", 3, 4)
    shares = [float(line.rsplit(" ", 2)[1]) for line in lines]
    assert len(lines) == 3
    assert shares == sorted(shares, reverse=True)
    assert 0 < sum(shares) <= 100


def test_a_masked_model_fills_each_mask(made):
    run = made["masked"]
    loaded = load_stage(stages(run)[-1], run)
    assert [line[:2] for line in answers(loaded, "w9 <mask> w7 <mask>", 2, 4)] == ["1:", "1:", "2:", "2:"]
    with pytest.raises(UserError, match="write <mask>"):
        answers(loaded, "w9", 2, 4)
    with pytest.raises(UserError, match="shorten it"):
        answers(loaded, "<mask> " * 100, 2, 4)
