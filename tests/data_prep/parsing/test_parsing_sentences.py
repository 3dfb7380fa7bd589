"""Parses of odd, long and repeated sentences, and the labels of other schemes."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from climb.base.tags import RELATION_ID, UD_RELATIONS
from climb.data_prep.parsing import spacy_parser as parsing
from climb.data_prep.parsing.spacy_parser import CLEAR_TO_UD, Parse, load_pipeline, parse_sentences, relation_id

spacy = pytest.importorskip("spacy")

# The labels of en_core_web_sm 3.8, from its meta.json.
CLEAR = (
    "ROOT acl acomp advcl advmod agent amod appos attr aux auxpass case cc ccomp compound conj csubj csubjpass "
    "dative dep det dobj expl intj mark meta neg nmod npadvmod nsubj nsubjpass nummod oprd parataxis pcomp pobj poss "
    "preconj predet prep prt punct quantmod relcl xcomp"
)


def sentences_of(parse: Parse) -> list[list[tuple[int, ...]]]:
    """Return (start, end, tag, head, relation) of each piece, sentence by sentence."""
    columns = (parse.starts, parse.ends, parse.tags, parse.heads, parse.relations)
    rows = list(zip(*(column.tolist() for column in columns), strict=True))
    ends = np.cumsum(parse.pieces).tolist()
    return [rows[end - size : end] for end, size in zip(ends, parse.pieces.tolist(), strict=True)]


@pytest.fixture(scope="session")
def toy(spacy_model: Path):
    return load_pipeline(str(spacy_model))


def test_labels_are_universal():
    assert [relation_id(label) for label in UD_RELATIONS] == list(range(37))
    named = {"nsubj:pass": "nsubj", "acl:relcl": "acl", "ROOT": "root", "dobj": "obj", "relcl": "acl", "poss": "nmod"}
    assert {label: UD_RELATIONS[relation_id(label)] for label in named} == named
    assert UD_RELATIONS[relation_id("sb")] == "dep", "a label of another scheme"
    assert set(CLEAR_TO_UD.values()) <= set(UD_RELATIONS)
    assert not set(CLEAR_TO_UD) & set(UD_RELATIONS)
    unmapped = {label for label in CLEAR.split() if relation_id(label) == RELATION_ID["dep"]}
    assert unmapped == {"dep", "meta"}


def test_relations_are_spacys_own(toy):
    texts = ["The dog sees a cat .", "Birds sing ."]
    labels = [relation_id(token.dep_) for text in texts for token in spacy.load(toy.path)(text)]
    assert parse_sentences(toy, texts).relations.tolist() == labels
    assert parse_sentences(toy, texts).relations.dtype == np.uint8


WORDS = ["The", "dog", "sees", "a", "cat", ".", "don't", "(old)", "é", "日本", "\u00a0", "  ", "...", "\x00"]
texts = st.lists(st.sampled_from(WORDS), max_size=9).map(" ".join)


@settings(max_examples=25)
@given(st.lists(texts, max_size=12), st.integers(1, 5))
def test_a_parse_does_not_depend_on_its_neighbours(toy, sentences, size):
    """Alone, among others, repeated, in batches of any size: the same."""
    alone = [sentences_of(parse_sentences(toy, [text]))[0] for text in sentences]
    assert sentences_of(parse_sentences(toy, sentences)) == alone
    assert sentences_of(parse_sentences(toy, sentences[::-1] + sentences)) == alone[::-1] + alone
    before, parsing._BATCH = parsing._BATCH, size
    try:
        assert sentences_of(parse_sentences(toy, sentences)) == alone
    finally:
        parsing._BATCH = before


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "." * 4000,
        "(" * 2000,
        "a" * 40_000,
        "'s" * 1000,
        "日本語" * 2000,
        "the dog " * 5000,
        "?! " * 400,
    ],
    ids=["empty", "space", "dots", "brackets", "word", "clitics", "cjk", "words", "marks"],
)
def test_no_sentence_breaks_it(toy, text):
    parse = parse_sentences(toy, ["Birds sing .", text, "Birds sing ."])
    first, odd, last = sentences_of(parse)
    assert first == last == sentences_of(parse_sentences(toy, ["Birds sing ."]))[0]
    for place, (start, end, _, head, relation) in enumerate(odd):
        assert 0 <= start < end <= len(text)
        assert 0 <= place + head < len(odd)
        assert (head == 0) == (relation == RELATION_ID["root"])
    covered = "".join(text[start:end] for start, end, *_ in odd)
    assert covered.replace(" ", "") == text.replace(" ", "")
    assert [start for start, *_ in odd] == sorted({start for start, *_ in odd})


def test_a_run_without_spaces_is_cut_and_the_text_stays_whole(toy):
    text = f"Birds {'(' * 700} sing {'x' * 300}."
    doc = parsing._tokenisable(toy, text)
    assert doc.text == text
    assert max(len(token) for token in doc) <= parsing._LONGEST_RUN
    plain = f"Birds {'x' * parsing._LONGEST_RUN} sing."
    assert parsing._tokenisable(toy, plain) == plain


@given(st.text(alphabet="ab ", max_size=60), st.integers(1, 12))
def test_parts_are_the_sentence(text, longest):
    before, parsing._LONGEST_PART = parsing._LONGEST_PART, longest
    try:
        cuts = list(parsing._cuts(text))
    finally:
        parsing._LONGEST_PART = before
    assert "".join(text[first:last] for first, last in cuts) == text
    assert all(last - first <= longest for first, last in cuts)
    for _, last in cuts[:-1]:
        assert text[last - 1] == " " or " " not in text[max(0, last - longest) : last]


@given(st.lists(st.integers(0, 9), max_size=30), st.integers(1, 4), st.integers(1, 20))
def test_batches_hold_all_in_order(lengths, most, characters):
    sentences = ["x" * length for length in lengths]
    before = parsing._BATCH, parsing._BATCH_CHARACTERS
    parsing._BATCH, parsing._BATCH_CHARACTERS = most, characters
    try:
        batches = list(parsing._batches(sentences))
    finally:
        parsing._BATCH, parsing._BATCH_CHARACTERS = before
    assert [text for batch in batches for text in batch] == sentences
    for batch in batches:
        assert 1 <= len(batch) <= most
        assert len(batch) == 1 or sum(map(len, batch)) <= characters


def test_the_vocabulary_does_not_grow(toy):
    parse_sentences(toy, ["The dog sees a cat ."])
    before = len(toy.vocab.strings)
    parse_sentences(toy, [f"The dog sees a cat{number} ." for number in range(500)])
    assert len(toy.vocab.strings) == before
