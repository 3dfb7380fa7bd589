import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from climb.base.errors import UserError
from climb.eval.encoding import tokenised
from climb.eval.requests import Request, windows
from tests.eval.tiny import byte_tokenizer

TOKENIZER = byte_tokenizer()


@given(
    length=st.integers(0, 60),
    limit=st.integers(4, 40),
    kind=st.sampled_from(["masked", "causal"]),
    stride=st.one_of(st.none(), st.integers(1, 50)),
)
def test_windows_score_every_position_once_with_its_left_context(length, limit, kind, stride):
    item = tokenised(TOKENIZER, kind, [Request("".join(chr(97 + i % 26) for i in range(length)))])[0]
    pieces = windows(item, limit, stride)
    assert all(len(piece.ids) <= limit for piece in pieces)
    scored = [int(token) for piece in pieces for token in piece.ids[piece.scored]]
    assert scored == item.ids[item.scored].tolist()
    for piece in pieces:
        assert piece.ids[0] == 1
        assert piece.ids[-1] == 2
    context = (limit - 2) // 2 if stride is None else max(1, limit - 2 - stride)
    for piece in pieces[1:]:
        assert not len(piece.scored) or int(piece.scored[0]) - 1 >= context


def test_windows_keep_a_drawn_subset_of_positions():
    item = tokenised(TOKENIZER, "masked", [Request("abcdefghijklmnopqrst")])[0]
    subset = type(item)(item.ids, item.scored[[0, 9, 19]], item.ends, item.special)
    found = [
        chr(int(t))
        for piece in windows(subset, 10)
        for t in TOKENIZER.convert_ids_to_tokens(piece.ids[piece.scored].tolist())
        for t in [ord(t)]
    ]
    assert found == ["a", "j", "t"]


def test_no_room_between_the_specials_is_said():
    item = tokenised(TOKENIZER, "masked", [Request("abcdef")])[0]
    with pytest.raises(UserError, match="too few"):
        windows(item, 3)


def test_specials_are_never_scored_and_position_zero_of_a_causal_model_neither():
    masked, causal = (tokenised(TOKENIZER, kind, [Request("ab")])[0] for kind in ("masked", "causal"))
    assert masked.scored.tolist() == causal.scored.tolist() == [1, 2]
    bare = byte_tokenizer(wrapped=False)
    masked, causal = (tokenised(bare, kind, [Request("ab")])[0] for kind in ("masked", "causal"))
    assert (masked.scored.tolist(), causal.scored.tolist()) == ([0, 1], [1])


def test_a_slow_tokenizer_is_refused():
    class Slow:
        is_fast = False

    with pytest.raises(UserError, match="fast tokenizer"):
        tokenised(Slow(), "causal", [Request("a")])


def test_broken_offsets_are_refused_not_scored_as_nothing():
    class Broken:
        is_fast = True

        def __call__(self, texts, **more):
            return {"input_ids": [[1, 7, 2]], "offset_mapping": [[(0, 0)] * 3], "special_tokens_mask": [[1, 0, 1]]}

    with pytest.raises(UserError, match="offsets"):
        tokenised(Broken(), "masked", [Request("a")])


def test_a_character_of_several_tokens_is_scored_in_all_of_them():
    item = tokenised(TOKENIZER, "masked", [Request("a🙂", 1)])[0]
    assert len(item.scored) == 4
    assert np.all(item.ends[item.scored] == 2)


def test_offsets_of_no_width_are_refused_not_trusted_in_part():
    class Empty:
        is_fast = True

        def __call__(self, texts, **more):
            return {"input_ids": [[7, 8]], "offset_mapping": [[(0, 0), (3, 3)]], "special_tokens_mask": [[0, 0]]}

    for start in (0, 2, 4):
        with pytest.raises(UserError, match="offsets"):
            tokenised(Empty(), "masked", [Request("the cat", start)])
