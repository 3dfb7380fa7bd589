import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from climb.base.errors import UserError
from climb.data_prep.tokens.tokenizer_training import (
    SPECIAL_TOKENS,
    load_encoder,
    save_given,
    token_texts,
    train_tokenizer,
)

TEXT = ["The dog sees the cat.\nWhere is the dog? The dog's here.", "how the cat sees\nthe river"] * 5


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tokenizer") / "t"
    train_tokenizer(TEXT, 300, 64, path)
    return path


@pytest.fixture(scope="module")
def tokenizer(folder: Path):
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(folder)


def test_specials_come_first_and_wrap_sentences_and_pairs(tokenizer):
    assert tokenizer.convert_ids_to_tokens(range(5)) == list(SPECIAL_TOKENS)
    assert tokenizer.is_fast
    assert tokenizer.model_max_length == 64
    ids = tokenizer("the dog")["input_ids"]
    assert (ids[0], ids[-1]) == (3, 4)
    pair = tokenizer("the dog", "the cat")["input_ids"]
    assert pair == ids + tokenizer("the cat")["input_ids"][1:]
    names = [tokenizer.unk_token, tokenizer.pad_token, tokenizer.mask_token, tokenizer.bos_token, tokenizer.eos_token]
    assert names == list(SPECIAL_TOKENS)


def test_a_word_has_the_same_tokens_everywhere(tokenizer):
    alone = tokenizer("the", add_special_tokens=False)["input_ids"]
    assert tokenizer.tokenize("the") == ["Ġthe"]
    after_newline = tokenizer("dog\nthe", add_special_tokens=False)["input_ids"]
    in_text = tokenizer("dog the", add_special_tokens=False)["input_ids"]
    assert after_newline[-1:] == in_text[-1:] == alone
    masked = tokenizer("the <mask> the", add_special_tokens=False)["input_ids"]
    assert masked == [*alone, tokenizer.mask_token_id, *alone]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300, deadline=None)
@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60))
def test_decoding_gives_the_text_back(tokenizer, text: str):
    text = text.lstrip(" ")
    for token in SPECIAL_TOKENS:
        text = text.replace(token, "")
    assert tokenizer.decode(tokenizer(text)["input_ids"], skip_special_tokens=True) == text


def test_special_tokens_spelt_in_the_text_are_plain_text(folder: Path):
    encoder = load_encoder(folder)
    ids = encoder.tokenizer.encode("the <mask> </s>", add_special_tokens=False).ids
    assert min(ids) > 4
    assert (encoder.prefix, encoder.suffix, encoder.pad) == ((3,), (4,), 1)


def test_the_settings_name_a_class_and_options_that_all_versions_know(folder: Path):
    settings = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
    assert settings["tokenizer_class"] == "PreTrainedTokenizerFast"
    assert settings["add_prefix_space"] is True
    tokenizer = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    assert tokenizer["pre_tokenizer"]["add_prefix_space"] is True


def test_training_twice_gives_the_same_bytes_and_no_path(folder: Path, tmp_path: Path):
    train_tokenizer(iter(TEXT), 300, 64, tmp_path / "again")
    names = sorted(path.name for path in folder.iterdir())
    assert names == sorted(path.name for path in (tmp_path / "again").iterdir())
    for name in names:
        assert (folder / name).read_bytes() == (tmp_path / "again" / name).read_bytes()
        assert str(folder.parent) not in (folder / name).read_text(encoding="utf-8")


def test_texts_of_tokens(folder: Path):
    encoder = load_encoder(folder)
    texts = token_texts(encoder)
    assert texts[:5] == list(SPECIAL_TOKENS)
    assert " the" in texts
    assert len(texts) == encoder.vocab_size


def test_a_foreign_tokenizer_keeps_its_own_specials(tmp_path: Path):
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    inner = Tokenizer(models.WordLevel({"[CLS]": 0, "[SEP]": 1, "[UNK]": 2, "the": 3}, unk_token="[UNK]"))
    inner.pre_tokenizer = pre_tokenizers.Whitespace()
    inner.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 0), ("[SEP]", 1)]
    )
    PreTrainedTokenizerFast(tokenizer_object=inner, unk_token="[UNK]", eos_token="[SEP]").save_pretrained(
        tmp_path / "w"
    )
    save_given(str(tmp_path / "w"), tmp_path / "copy")
    encoder = load_encoder(tmp_path / "copy")
    assert (encoder.prefix, encoder.suffix, encoder.pad, encoder.vocab_size) == ((0,), (1,), 1, 4)


def test_tokens_that_are_not_bytes_stand_as_they_are(tmp_path: Path):
    from tokenizers import Tokenizer, models
    from transformers import PreTrainedTokenizerFast

    inner = Tokenizer(models.WordLevel({"[UNK]": 0, "café": 1, "▁on": 2}, unk_token="[UNK]"))
    PreTrainedTokenizerFast(tokenizer_object=inner, unk_token="[UNK]", pad_token="[UNK]").save_pretrained(
        tmp_path / "w"
    )
    assert token_texts(load_encoder(tmp_path / "w")) == ["[UNK]", "café", " on"]


def test_a_tokenizer_that_drops_what_it_does_not_know_is_a_user_error(tmp_path: Path):
    from tokenizers import Tokenizer, models
    from transformers import PreTrainedTokenizerFast

    inner = Tokenizer(models.BPE({"x": 0, "<pad>": 1}, []))
    PreTrainedTokenizerFast(tokenizer_object=inner, pad_token="<pad>").save_pretrained(tmp_path / "w")
    with pytest.raises(UserError, match="knows neither the letter a nor"):
        load_encoder(tmp_path / "w")


@pytest.mark.parametrize("broken", ['{"broken":', '{"broken": 1}'])
def test_a_broken_tokenizer_is_a_user_error(tmp_path: Path, broken: str):
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "tokenizer.json").write_text(broken)
    (tmp_path / "t" / "tokenizer_config.json").write_text('{"tokenizer_class": "PreTrainedTokenizerFast"}')
    with pytest.raises(UserError, match="--tokenizer"):
        save_given(str(tmp_path / "t"), tmp_path / "copy")


def test_a_copied_tokenizer_knows_no_folder(folder: Path, tmp_path: Path):
    save_given(str(folder), tmp_path / "copy")
    for path in (tmp_path / "copy").iterdir():
        assert str(folder) not in path.read_text(encoding="utf-8")


def test_a_missing_tokenizer_is_a_user_error(tmp_path: Path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "config.json").write_text(json.dumps({}))
    with pytest.raises(UserError, match="--tokenizer"):
        save_given(str(tmp_path / "empty"), tmp_path / "copy")
