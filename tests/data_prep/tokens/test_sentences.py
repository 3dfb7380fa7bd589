import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from climb.data_prep.tokens.sentences import LONGEST_SENTENCE, sentence_spans


def split(line: str) -> list[str]:
    return [line[start:end] for start, end in sentence_spans(line)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Mr. Fox ran. He hid!", ["Mr. Fox ran.", "He hid!"]),
        ("“Stop!” he cried. “Why?” She left...", ["“Stop!” he cried.", "“Why?”", "She left..."]),
        ("He lives in the U.S. now. J. R. R. Tolkien did.", ["He lives in the U.S. now.", "J. R. R. Tolkien did."]),
        ("I said no. Then I left.", ["I said no.", "Then I left."]),
        ("what is it? a dog. a cat", ["what is it?", "a dog.", "a cat"]),
        ("It cost 3.50 in 1990. 20 came.", ["It cost 3.50 in 1990.", "20 came."]),
        ("no mark at all", ["no mark at all"]),
        ("   ", []),
    ],
)  # fmt: skip
def test_known_cases(line: str, expected: list[str]):
    assert split(line) == expected


@given(st.text(alphabet=st.sampled_from("aB. !?\"'\u00a0é\t1"), max_size=80))
def test_spans_are_ordered_trimmed_and_hold_every_letter(line: str):
    spans = sentence_spans(line)
    assert all(end <= after for (_, end), (after, _) in pairwise(spans))
    assert all(line[start:end] == line[start:end].strip() != "" for start, end in spans)
    kept = "".join(line[start:end] for start, end in spans)
    assert "".join(kept.split()) == "".join(line.split())


@pytest.mark.parametrize("unit", [".", "a", ". ", "a. ", '."', "x ", "! A", " "])
def test_long_lines_take_linear_time_and_bounded_sentences(unit: str):
    line = unit * (400_000 // len(unit))
    start = time.perf_counter()
    spans = sentence_spans(line)
    assert time.perf_counter() - start < 3.0
    assert all(end - begin <= LONGEST_SENTENCE for begin, end in spans)
