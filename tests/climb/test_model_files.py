"""The folders that from_pretrained loads, and the card beside the model."""

import pytest
import torch

from climb.model_files import model_card, write_model
from climb.models import build_model
from climb.options import train_config

SHAPE = {"hidden_size": 16, "layers": 1, "heads": 2, "intermediate_size": 24, "max_positions": 32}
FACTS = {
    "title": "vocab_linear-s0",
    "corpus": "sample",
    "fingerprint": "abcdef012345",
    "parameters": 1_234_567,
    "words": 2_000_000,
    "held_out": "3.210 ± 0.011 nats",
}


@pytest.mark.parametrize(
    ("preset", "task"),
    [
        ("masked-laptop", "fill-mask"),
        ("modernbert-laptop", "fill-mask"),
        ("causal-laptop", "text-generation"),
    ],
)
def test_plain_transformers_use_the_folder_as_it_is(corpus, tmp_path, preset, task):
    from transformers import pipeline

    config = train_config(model={"preset": preset, **SHAPE}, curriculum="vocab_linear")
    model = build_model(config.model, corpus.tokenizer, block_size=16, seed=0)
    write_model(tmp_path / "model", model, corpus.folder / "tokenizer", model_card(config, FACTS))
    text = (tmp_path / "model" / "README.md").read_text()
    assert f"pipeline_tag: {task}" in text
    run = pipeline(task, model=str(tmp_path / "model"))
    if task == "fill-mask":
        assert len(run("w9 <mask> w11")) == 5
    else:
        assert "w9" in run("w9 w10", max_new_tokens=2)[0]["generated_text"]
    again = type(model).from_pretrained(tmp_path / "model")
    assert all(torch.equal(a, b) for a, b in zip(model.parameters(), again.parameters(), strict=True))


def test_the_card_tells_how_the_model_was_made():
    config = train_config(curriculum="vocab_linear:start=0.2", seed=7, max_steps=1500, batch_size=32)
    text = model_card(config, FACTS)
    for part in ("`vocab_linear:start=0.2`", "1,234,567", "2,000,000", "3.210 ± 0.011", "| seed | 7 |", "1,500 × 32"):
        assert part in text
    assert text.startswith("---\nlibrary_name: transformers\n")


def test_milestones_have_no_card_and_replace_what_was_there(corpus, tmp_path):
    (tmp_path / "chck_1M").mkdir()
    (tmp_path / "chck_1M" / "half written").touch()
    model = build_model(train_config(model={"preset": "masked-laptop", **SHAPE}).model, corpus.tokenizer, 16, 0)
    write_model(tmp_path / "chck_1M", model, corpus.folder / "tokenizer")
    names = {path.name for path in (tmp_path / "chck_1M").iterdir()}
    assert {"config.json", "model.safetensors", "tokenizer.json"} <= names
    assert not names & {"README.md", "half written"}
