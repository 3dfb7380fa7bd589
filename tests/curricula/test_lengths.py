import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from climb.base.errors import UserError
from climb.curricula import RunPlan, build
from climb.curricula.lengths import LengthCurriculum, cut
from climb.curricula.pacing_base import pacing_named

PLAN = RunPlan(40, 8)


@given(st.integers(8, 130), st.floats(0.5, 1), st.floats(0.5, 1))
def test_rows_have_the_largest_length_that_divides_the_block(size, start, end):
    pacing = pacing_named("linear", {"start": repr(start), "end": repr(end)})
    divisors = [length for length in range(4, size + 1) if size % length == 0]
    values = pacing.value(np.arange(40), 40)
    expected = [max((d for d in divisors if d <= value * size), default=None) for value in values]
    if len(divisors) < 2 or None in expected:
        with pytest.raises(UserError, match=r"equal pieces|let it start at"):
            LengthCurriculum(pacing, PLAN, size)
    else:
        assert LengthCurriculum(pacing, PLAN, size).table.tolist() == expected


@pytest.mark.parametrize("objective", ["masked", "causal"])
def test_every_step_has_the_tokens_and_targets_of_its_blocks(corpus, objective):
    whole, pieces = (build(name, corpus, PLAN, 0, objective) for name in ("none", "length_linear"))
    lengths = []
    for step in range(40):
        numbers = PLAN.numbers_of(step)
        blocks, rows = whole.batch(numbers), pieces.batch(numbers)
        lengths.append(rows["input_ids"].shape[1])
        for key in ("input_ids", "labels"):
            assert rows[key].ravel().tolist() == blocks[key].ravel().tolist()
        assert rows["numbers"].tolist() == np.repeat(blocks["numbers"], 16 // lengths[-1]).tolist()
        assert pieces.length(step) == pieces.record(step)["length"] == lengths[-1]
    assert sorted(set(lengths)) == [4, 8, 16]
    assert lengths == sorted(lengths)


def test_pieces_of_padding_alone_are_left_out(lines_corpus):
    whole, pieces = (build(name, lines_corpus, PLAN, 0) for name in ("none", "length_constant:value=0.25"))
    for step in range(40):
        blocks, rows = whole.batch(PLAN.numbers_of(step)), pieces.batch(PLAN.numbers_of(step))
        assert rows["attention_mask"].any(axis=1).all()
        assert rows["attention_mask"].sum() == blocks["attention_mask"].sum()
        assert (rows["labels"] != -100).sum() == (blocks["labels"] != -100).sum()
        real = blocks["attention_mask"].astype(bool)
        assert rows["input_ids"][rows["attention_mask"] == 1].tolist() == blocks["input_ids"][real].tolist()


def test_samples_of_two_lengths_are_no_batch(corpus):
    samples = build("length_linear", corpus, PLAN, 0)
    with pytest.raises(ValueError, match=r"rows of \[4, 16\] tokens"):
        samples.batch([0, 319])
    assert samples.batch([])["input_ids"].shape == (0, 16)


def test_vocabulary_and_masks_are_those_of_the_block(corpus):
    joined = "vocab_pos_linear+data_rarity_log+mask_decay_linear"
    whole, pieces = (build(name, corpus, PLAN, 2) for name in (joined, f"length_root+{joined}"))
    for step in (0, 20, 39):
        blocks, rows = whole.batch(PLAN.numbers_of(step)), pieces.batch(PLAN.numbers_of(step))
        assert rows["input_ids"].ravel().tolist() == blocks["input_ids"].ravel().tolist()
        assert rows["labels"].ravel().tolist() == blocks["labels"].ravel().tolist()


def test_blocks_that_cannot_be_cut_are_refused():
    with pytest.raises(UserError, match="Blocks of 127 tokens cannot be cut"):
        LengthCurriculum(pacing_named("linear"), PLAN, 127)
    with pytest.raises(UserError, match=r"1\.6 tokens at step 0.*let it start at 0\.25"):
        LengthCurriculum(pacing_named("linear"), PLAN, 16)


@given(st.integers(1, 6), st.sampled_from([1, 2, 4, 8]), st.data())
def test_cutting_is_slicing(rows, length, data):
    lengths = np.array(data.draw(st.lists(st.integers(1, 8), min_size=rows, max_size=rows)))
    tokens = np.arange(rows * 8).reshape(rows, 8)
    real = np.arange(8)[None, :] < lengths[:, None]
    found = cut({"input_ids": tokens, "numbers": np.arange(rows)}, length, real)
    expected = [
        (row, tokens[row, first : first + length].tolist())
        for row in range(rows)
        for first in range(0, lengths[row], length)
    ]
    assert list(zip(found["numbers"].tolist(), found["input_ids"].tolist(), strict=True)) == expected
