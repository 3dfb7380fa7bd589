import pytest
from tokenizers import processors

from climb.eval.finetuning.encoding import Encoder
from climb.eval.finetuning.examples import Example
from tests.eval.tiny import byte_tokenizer


def paired():
    tokenizer = byte_tokenizer()
    tokenizer.backend_tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> $B:1 </s>:1", special_tokens=[("<s>", 1), ("</s>", 2)]
    )
    return tokenizer


def text(tokenizer, row):
    return tokenizer.decode(row)


@pytest.mark.parametrize("separates", [True, False])
def test_a_pair_is_joined_as_the_tokenizer_does(separates):
    tokenizer = paired()
    encoded = Encoder(tokenizer, 32, True, separates).encode([Example("ab", "cde", 1.0)])
    assert text(tokenizer, encoded.ids[0]) == "<s>ab</s>cde</s>"
    assert encoded.types[0].tolist() == [0, 0, 0, 0, 1, 1, 1, 1]
    assert encoded.cut == 0


def test_the_longer_text_is_cut_at_its_end():
    tokenizer = paired()
    encoded = Encoder(tokenizer, 10, False, True).encode([Example("ab", "cdefghij", 0.0), Example("ab", "cd", 0.0)])
    assert text(tokenizer, encoded.ids[0]) == "<s>ab</s>cdefg</s>"
    assert encoded.lengths.tolist() == [10, 7]
    assert (encoded.cut, encoded.types) == (1, None)


def test_two_texts_without_a_border_get_one_unless_the_recipe_is_official():
    tokenizer = byte_tokenizer(wrapped=False)
    pair = [Example("ab", "cd", 0.0)]
    assert text(tokenizer, Encoder(tokenizer, 32, False, True).encode(pair).ids[0]) == "ab</s>cd"
    assert text(tokenizer, Encoder(tokenizer, 32, False, False).encode(pair).ids[0]) == "abcd"
