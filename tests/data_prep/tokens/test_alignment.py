from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from climb.data_prep.tokens.alignment import characters, tags_of_tokens, token_facts, token_spans

LETTERS = st.sampled_from("ab .é日\U0001f600\u00a0\n")
TEXTS = st.lists(st.text(alphabet=LETTERS, min_size=1, max_size=12), min_size=1, max_size=4)


@st.composite
def covered_texts(draw):
    """Sequences and token spans that cover all their characters, one of them given to two tokens now and then."""
    sequences = draw(TEXTS)
    spans = []
    base = 0
    for text in sequences:
        cuts = sorted({0, len(text), *draw(st.lists(st.integers(0, len(text)), max_size=6))})
        for start, end in pairwise(cuts):
            spans += [(base + start, base + end)] * draw(st.integers(1, 2) if end == start + 1 else st.just(1))
        base += len(text)
    return sequences, np.array(spans, dtype=np.int64).reshape(-1, 2)


@given(covered_texts())
def test_words_and_bytes_add_up_and_starts_are_where_words_start(case):
    sequences, spans = case
    text = characters(sequences)
    facts = token_facts(text, spans[:, 0], spans[:, 1])
    joined = "".join(sequences)
    assert facts.words.sum() == sum(len(sequence.split()) for sequence in sequences)
    assert facts.bytes.sum() == len(joined.encode())
    opens = set()
    base = 0
    for sequence in sequences:
        padded = " " + sequence
        opens |= {base + i for i, c in enumerate(sequence) if not c.isspace() and padded[i].isspace()}
        base += len(sequence)
    for token, (start, end) in enumerate(spans):
        first_copy = token == 0 or tuple(spans[token - 1]) != (start, end)
        assert facts.word_start[token] == (first_copy and any(start <= place < end for place in opens))
        letters = [place for place in range(start, end) if not joined[place].isspace()]
        assert facts.first_letter[token] == (letters[0] if letters else -1)


def test_spans_of_sentences_are_their_tokens():
    # "Ab cd. Ef" as tokens: Ab| cd|.| Ef
    starts, ends = np.array([0, 2, 5, 6]), np.array([2, 5, 6, 9])
    first, last = token_spans(starts, ends, np.array([0, 7]), np.array([6, 9]))
    assert (first.tolist(), last.tolist()) == ([0, 3], [3, 4])


def test_tokens_outside_every_piece_are_untagged():
    tags = tags_of_tokens(np.array([0, 3, -1, 9]), np.array([0, 3]), np.array([2, 5]), np.array([4, 5], np.uint8), 16)
    assert tags.tolist() == [4, 5, 16, 16]
