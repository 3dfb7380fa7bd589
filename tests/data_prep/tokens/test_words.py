import hashlib
import string

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from climb.data_prep.tokens.words import EDGES, Words, normal_word, word_hash

TEXTS = st.lists(st.text(alphabet="aB'’.! é日\n1", max_size=30), min_size=1, max_size=6)


@given(TEXTS)
def test_words_equal_a_loop(texts):
    words = Words.of(texts)
    expected = [[word.strip(EDGES) or word for word in text.lower().split()] for text in texts]
    assert words.counts.tolist() == [len(one) for one in expected]
    assert [words.names[number] for number in words.types] == [word for one in expected for word in one]
    assert len(set(words.names)) == len(words.names)
    assert words.names == list(dict.fromkeys(word for one in expected for word in one))
    lengths = np.array([len(name) for name in words.names], dtype=np.float64)
    assert words.sums(lengths).tolist() == [sum(map(len, one)) for one in expected]
    spelled = [[word for word in one if any(letter.isalnum() for letter in word)] for one in expected]
    assert words.spelled.counts.tolist() == [len(one) for one in spelled]
    assert [words.names[number] for number in words.spelled.types] == [word for one in spelled for word in one]


def test_words_are_compared_without_case_and_edges():
    assert [normal_word(word) for word in ("“Don’t!”", "...", "U.S.", "(a)", "—")] == [
        "don’t",
        "...",
        "u.s",
        "a",
        "—",
    ]
    assert set(string.punctuation) <= set(EDGES)


def test_hashes_are_stable_and_take_any_text():
    assert word_hash("cat") == int.from_bytes(hashlib.blake2b(b"cat", digest_size=8).digest(), "little")
    assert word_hash("cat") == word_hash("cat") != word_hash("cats")
    assert word_hash("\ud800") < 1 << 64
