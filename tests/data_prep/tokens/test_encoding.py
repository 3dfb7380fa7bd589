from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from climb.base.tags import UNTAGGED
from climb.data_prep.tokens.encoding import Spelling, cut_text, encode_shard, spelled_sentences
from climb.data_prep.tokens.sentences import sentence_spans
from climb.data_prep.tokens.tokenizer_training import Encoder, load_encoder, train_tokenizer
from climb.data_prep.tokens.words import word_hash

LETTERS = st.sampled_from("aB. !?é日'\U0001f600x,")
LINES = st.text(alphabet=LETTERS, min_size=1, max_size=40).map(str.strip).filter(bool)
DOCUMENTS = st.lists(st.lists(LINES, min_size=1, max_size=4), min_size=1, max_size=4)


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Encoder:
    folder: Path = tmp_path_factory.mktemp("encoder") / "t"
    train_tokenizer(["aB ax xx. aB! ax? é 日, x' ax"] * 9, 300, 16, folder)
    return load_encoder(folder)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(documents=DOCUMENTS, per_line=st.booleans(), first=st.integers(0, 99))
def test_sentences_words_and_bytes_are_those_of_the_text(encoder: Encoder, documents, per_line: bool, first: int):
    arrays = encode_shard(documents, first, Spelling(per_line), encoder, None)
    sequences = [line for lines in documents for line in lines] if per_line else ["\n".join(d) for d in documents]
    assert int(arrays["words"].sum()) == sum(len(text.split()) for text in sequences)
    assert int(arrays["word_start"].sum()) == int(arrays["words"].sum())
    assert int(arrays["bytes"].sum()) == sum(len(text.encode()) for text in sequences)
    ends = np.cumsum(arrays["sequence_tokens"])
    for text, start, end in zip(sequences, ends - arrays["sequence_tokens"], ends, strict=True):
        ids = arrays["ids"][start:end].tolist()
        assert (ids[0], ids[-1]) == (3, 4)
        assert encoder.tokenizer.decode(ids, skip_special_tokens=True) == text
    expected = [
        (number + first, line[start:end])
        for number, lines in enumerate(documents)
        for line in lines
        for start, end in sentence_spans(line)
    ]
    spans = zip(arrays["start"], arrays["end"], strict=True)
    decoded = [encoder.tokenizer.decode(arrays["ids"][start:end].tolist()).strip() for start, end in spans]
    assert list(zip(arrays["document"].tolist(), decoded, strict=True)) == expected
    assert arrays["sentence_words"].tolist() == [len(text.split()) for _, text in expected]


def test_word_types_ignore_case_and_outer_punctuation(encoder: Encoder):
    arrays = encode_shard([["“Ab,” aB! — ab'x"]], 0, Spelling(False), encoder, None)
    names = {word_hash(word): word for word in ("ab", "—", "ab'x")}
    assert [names[int(arrays["type_hashes"][number])] for number in arrays["word_types"]] == ["ab", "ab", "—", "ab'x"]


def test_positions_of_sentences_count_the_newline_between_lines_only_within_documents():
    documents = [["ab. Cd.", "ef"], ["gh"]]
    assert cut_text(documents, per_line=False).sentence_starts.tolist() == [0, 4, 8, 10]
    assert cut_text(documents, per_line=True).sentence_starts.tolist() == [0, 4, 7, 9]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(documents=DOCUMENTS, per_line=st.booleans(), lowercase=st.booleans())
def test_respelled_sentences_and_lines_have_their_tokens(
    encoder: Encoder, documents, per_line: bool, lowercase: bool
):
    spelling = Spelling(per_line, lowercase, drop_punctuation=True)
    arrays = encode_shard(documents, 0, spelling, encoder, None)

    def decoded(first: str, last: str) -> list[str]:
        spans = zip(arrays[first], arrays[last], strict=True)
        return [encoder.tokenizer.decode(arrays["ids"][start:end].tolist()).strip() for start, end in spans]

    sentences = spelled_sentences(documents, spelling)
    assert decoded("start", "end") == sentences
    assert len(sentences) == sum(len(sentence_spans(line)) for lines in documents for line in lines)
    assert not any(mark in sentence for sentence in sentences for mark in "!?")
    lines = decoded("line_start", "line_end")
    assert arrays["line_hash"].tolist() == [word_hash(line) for line in lines]
    assert " ".join(lines).split() == [word for sentence in sentences for word in sentence.split()]
    if lowercase:
        assert all(sentence == sentence.lower() for sentence in sentences)


def test_tags_stay_with_their_letters_when_punctuation_and_case_go(encoder: Encoder):
    documents = [["« aB, ax! »", "...", "x' (ax) é"]]
    pieces = [("«", 1), ("aB", 2), (",", 3), ("ax", 4), ("!", 5), ("»", 6), ("...", 7), ("x'", 8), ("(", 9)]
    pieces += [("ax", 10), (")", 11), ("é", 12)]
    starts, ends, counts, place = [], [], [], 0
    sentences = cut_text(documents, per_line=False).sentences
    for sentence in sentences:
        cursor = count = 0
        while place < len(pieces) and (found := sentence.find(pieces[place][0], cursor)) >= 0:
            starts.append(found)
            cursor = found + len(pieces[place][0])
            ends.append(cursor)
            place, count = place + 1, count + 1
        counts.append(count)
    tags = np.array([tag for _, tag in pieces], dtype=np.uint8)
    parse = {"starts": np.array(starts), "ends": np.array(ends), "tags": tags, "pieces": np.array(counts)}
    arrays = encode_shard(documents, 0, Spelling(False, True, True), encoder, parse)
    tokens = [encoder.tokenizer.id_to_token(number) for number in arrays["ids"].tolist()]
    tagged = dict(zip(tokens, arrays["upos"].tolist(), strict=True))
    words = [encoder.tokenizer.decode([number]).strip() for number in arrays["ids"].tolist()]
    found = [tag for word, tag in zip(words, arrays["upos"].tolist(), strict=True) if word in ("ab", "ax", "x", "é")]
    assert found[-4:] == [4, 8, 10, 12], tagged
    assert set(arrays["upos"].tolist()) <= {2, 4, 8, 10, 12, UNTAGGED}
