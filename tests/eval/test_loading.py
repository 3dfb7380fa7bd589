import json

import huggingface_hub
import pytest
import torch
from huggingface_hub.errors import LocalEntryNotFoundError

from climb.base.errors import UserError
from climb.base.files import sha256_file
from climb.eval.loading import kind_of, load
from climb.eval.output import out_folder
from tests.eval.tiny import byte_tokenizer, kind, tiny_model


def save(folder, family="bert"):
    model = tiny_model(family).float()
    model.save_pretrained(folder)
    byte_tokenizer().save_pretrained(folder)
    return model


@pytest.mark.parametrize("family", ["roberta", "modernbert", "bert", "gpt2", "llama"])
def test_a_plain_folder_gives_the_same_weights_and_its_kind(tmp_path, family):
    saved = save(tmp_path / "name.v1.0", family)
    loaded = load(tmp_path / "name.v1.0", "cpu")
    assert loaded.kind == kind(family)
    assert loaded.name == "name.v1.0"
    assert loaded.sha256 == sha256_file(tmp_path / "name.v1.0" / "model.safetensors")
    assert not loaded.model.training
    state = loaded.model.state_dict()
    assert all(torch.equal(value, state[name]) for name, value in saved.state_dict().items())
    assert loaded.tokenizer("ab")["input_ids"] == byte_tokenizer()("ab")["input_ids"]


def test_a_run_is_found_with_its_place_for_results(tmp_path):
    run = tmp_path / "vocab_linear-s0"
    save(run / "model")
    save(run / "chck_1M")
    for name in ("config.yaml", "manifest.json"):
        (run / name).write_text(json.dumps(MANIFEST))
    loaded = load(run, "cpu")
    assert (loaded.name, loaded.run) == ("vocab_linear-s0", run)
    assert out_folder(loaded, None) == run / "eval"
    assert out_folder(loaded, "there").as_posix() == "there"
    assert out_folder(loaded, "there", models=2).as_posix() == "there/vocab_linear-s0"
    milestone = load(run / "chck_1M", "cpu")
    assert (milestone.name, milestone.run) == ("vocab_linear-s0/chck_1M", None)
    (run / "model" / "config.json").unlink()
    with pytest.raises(UserError, match="without a final model"):
        load(run)


MANIFEST = {
    "schema_version": 1, "status": "complete", "curriculum": "none", "objective": "masked", "seed": 0,
    "corpus_name": "tiny", "corpus_fingerprint": "", "parameters": 1, "steps": 1, "words": 1, "tokens": 1,
    "flops": 1.0, "processes": 1, "threads": 1, "versions": {},
}  # fmt: skip


def test_bf16_is_loaded_as_asked(tmp_path):
    save(tmp_path)
    loaded = load(tmp_path, "cpu", "bf16")
    assert {parameter.dtype for parameter in loaded.model.parameters()} == {torch.bfloat16}
    assert loaded.precision == "bf16"


def test_missing_weights_are_never_made_up(tmp_path):
    model = save(tmp_path)
    model.bert.save_pretrained(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps({**config, "architectures": ["BertForMaskedLM"]}))
    with pytest.raises(UserError, match="lacks weights"):
        load(tmp_path, "cpu")


def test_pickles_are_not_read(tmp_path):
    model = save(tmp_path)
    (tmp_path / "model.safetensors").unlink()
    torch.save(model.state_dict(), tmp_path / "pytorch_model.bin")
    with pytest.raises(UserError, match="safetensors"):
        load(tmp_path, "cpu")


def test_a_bin_is_read_on_request_as_weights_alone(tmp_path):
    model = save(tmp_path)
    (tmp_path / "model.safetensors").unlink()
    torch.save(model.state_dict(), tmp_path / "pytorch_model.bin")
    loaded = load(tmp_path, "cpu", allow_bin=True)
    state = loaded.model.state_dict()
    assert all(torch.equal(value, state[name]) for name, value in model.state_dict().items())
    assert loaded.sha256 == sha256_file(tmp_path / "pytorch_model.bin")

    class Code:
        def __reduce__(self):
            return (pytest.fail, ("code ran",))

    torch.save({**model.state_dict(), "x": Code()}, tmp_path / "pytorch_model.bin")
    with pytest.raises(UserError, match="cannot be loaded"):
        load(tmp_path, "cpu", allow_bin=True)


def test_how_a_model_is_asked_must_fit_its_architecture(tmp_path):
    save(tmp_path)
    assert load(tmp_path, "cpu", backend="mntp").kind == "mntp"
    with pytest.raises(UserError, match="give --backend masked or mntp"):
        load(tmp_path, "cpu", backend="causal")


def test_damage_is_one_sentence(tmp_path):
    save(tmp_path)
    whole = (tmp_path / "model.safetensors").read_bytes()
    (tmp_path / "model.safetensors").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UserError, match="cannot be loaded") as caught:
        load(tmp_path, "cpu")
    assert "\n" not in str(caught.value)
    (tmp_path / "model.safetensors").write_bytes(whole)
    (tmp_path / "tokenizer.json").unlink()
    (tmp_path / "tokenizer_config.json").unlink()
    with pytest.raises(UserError, match="tokenizer"):
        load(tmp_path, "cpu")


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"architectures": ["RobertaPreLayerNormForMaskedLM"]}, "masked"),
        ({"architectures": ["GPT2LMHeadModel"]}, "causal"),
        ({"model_type": "bert"}, "masked"),
        ({"model_type": "bert", "is_decoder": True}, "causal"),
        ({"model_type": "llama"}, "causal"),
        ({"architectures": ["T5ForConditionalGeneration"]}, "enc_dec_prefix"),
        ({"model_type": "bart"}, "enc_dec_prefix"),
    ],
)
def test_kinds(tmp_path, config, expected):
    assert kind_of(config, tmp_path) == expected


@pytest.mark.parametrize(
    "config", [{"architectures": ["BertForSequenceClassification"]}, {"model_type": "nothing"}, [], {}]
)
def test_other_architectures_are_refused(tmp_path, config):
    with pytest.raises(UserError, match="neither a masked nor a causal"):
        kind_of(config, tmp_path)


def test_a_hub_id_offline_gives_the_command_to_fetch_it(monkeypatch):
    def offline(*args, **more):
        raise LocalEntryNotFoundError("no network")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", offline)
    with pytest.raises(UserError, match="`hf download org/model`"):
        load("org/model")


def test_a_hub_id_is_loaded_from_its_snapshot(tmp_path, monkeypatch):
    save(tmp_path)
    asked = {}

    def snapshot(name, allow_patterns):
        asked.update(name=name, patterns=allow_patterns)
        return str(tmp_path)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", snapshot)
    assert load("org/model", "cpu").name == "org/model"
    assert asked["name"] == "org/model"
    assert "*.bin" not in asked["patterns"]


def test_a_folder_that_is_no_model_is_said(tmp_path):
    with pytest.raises(UserError, match="neither a run nor a model folder"):
        load(tmp_path)
    with pytest.raises(UserError, match="neither a run nor a model folder"):
        load("./absent")


@pytest.mark.parametrize("config", [{"architectures": [3]}, {"architectures": "Bert"}, {"model_type": ["bert"]}])
def test_a_senseless_configuration_is_one_sentence(tmp_path, config):
    with pytest.raises(UserError, match="neither a masked nor a causal"):
        kind_of(config, tmp_path)


def test_code_beside_a_model_is_neither_run_nor_asked_about(tmp_path, monkeypatch):
    save(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    auto = {"AutoConfig": "own.Own", "AutoModelForMaskedLM": "own.OwnForMaskedLM"}
    (tmp_path / "config.json").write_text(json.dumps({**config, "model_type": "own", "auto_map": auto}))
    (tmp_path / "own.py").write_text("raise SystemExit('ran')")
    monkeypatch.setattr("builtins.input", lambda *args: pytest.fail("asked at the terminal"))
    with pytest.raises(UserError, match="cannot be loaded"):
        load(tmp_path, "cpu")


def test_a_misspelt_run_is_not_looked_for_on_the_hub(tmp_path, monkeypatch):
    monkeypatch.setattr(huggingface_hub, "snapshot_download", lambda *a, **m: pytest.fail("asked the Hub"))
    (tmp_path / "runs").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match="neither a run nor a model folder"):
        load("runs/none-s9")
