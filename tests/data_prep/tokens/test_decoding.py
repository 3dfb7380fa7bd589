import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from climb.data_prep.metric import TokenRuns
from climb.data_prep.tokens.decoding import Decoder
from climb.data_prep.tokens.tokenizer_training import Encoder, load_encoder, train_tokenizer

TEXT = st.text(alphabet="aB. é日😀x,\n", max_size=30).map(
    lambda text: "\n".join(" ".join(text.split(" ")).split("\n"))
)


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Encoder:
    folder = tmp_path_factory.mktemp("encoder") / "t"
    train_tokenizer(["aB ax xx. aB! ax? é 日, x' ax"] * 9, 300, 16, folder)
    return load_encoder(folder)


def runs_of(encoder: Encoder, texts: list[list[str]]) -> TokenRuns:
    """Blocks of documents, each in its special tokens."""
    ids = [
        [token for text in block for token in encoder.tokenizer.encode(text, add_special_tokens=True).ids]
        for block in texts
    ]
    return TokenRuns(np.array([t for one in ids for t in one], dtype=np.int64), np.array([len(one) for one in ids]))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(TEXT, max_size=3), min_size=1, max_size=4))
def test_both_ways_of_decoding_give_the_words_of_the_text(encoder, texts):
    runs = runs_of(encoder, texts)
    by_bytes = Decoder(encoder)
    by_tokenizer = Decoder(encoder)
    by_tokenizer._byte_level = False
    for found in (by_bytes.texts(runs), by_tokenizer.texts(runs)):
        assert [text.split() for text in found] == [" \n".join(block).split() for block in texts]
    assert by_bytes._byte_level


def test_a_block_that_cuts_a_character_is_still_text(encoder):
    ids = np.array(encoder.tokenizer.encode("a 😀", add_special_tokens=False).ids)
    assert "\ufffd" in Decoder(encoder).texts(TokenRuns(ids[:-1], np.array([len(ids) - 1])))[0]
    assert Decoder(encoder).texts(TokenRuns(ids[:0], np.array([0, 0]))) == ["", ""]
