from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from climb.base.errors import UserError
from climb.data_prep.difficulty.choosing import BlockScores, all_metrics, check_vocabulary, count_words
from climb.data_prep.shards import WorkFolder, write_arrays
from climb.data_prep.tokens.words import word_hash

SHARD = st.lists(st.tuples(st.booleans(), st.lists(st.sampled_from("abcdef"), max_size=5)), min_size=1, max_size=5)


@settings(deadline=None, max_examples=30)
@given(shards=st.lists(SHARD, min_size=1, max_size=3))
def test_word_counts_are_those_of_the_training_sentences(tmp_path_factory, shards):
    work = WorkFolder(tmp_path_factory.mktemp("work"))
    held_out, expected, document = [], Counter(), 0
    for number, sentences in enumerate(shards):
        types = list(dict.fromkeys(word for _, words in sentences for word in words))
        arrays = {
            "document": np.arange(document, document + len(sentences)),
            "sentence_words": np.array([len(words) for _, words in sentences]),
            "word_types": np.array([types.index(word) for _, words in sentences for word in words], dtype=np.uint32),
            "type_hashes": np.array([word_hash(word) for word in types], dtype=np.uint64),
        }
        write_arrays(work.arrays("encode", f"{number:06d}"), arrays)
        document += len(sentences)
        for out, words in sentences:
            held_out.append(out)
            expected.update(() if out else words)
    count_words(work, len(shards), np.array(held_out))
    found = dict(
        zip(np.load(work.table("word_hashes")).tolist(), np.load(work.table("word_counts")).tolist(), strict=True)
    )
    assert found == {word_hash(word): count for word, count in expected.items()}


@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, 6), st.integers(0, 2), st.floats(0, 9)), max_size=6), min_size=1, max_size=4
    )
)
def test_scores_added_shard_by_shard_are_means_over_all_sentences(shards):
    scores = BlockScores(["m"], 9)
    for rows in shards:
        first = np.array([row[0] for row in rows], dtype=np.int64)
        last = first + np.array([row[1] for row in rows], dtype=np.int64)
        scores.add({"m": np.array([row[2] for row in rows])}, first, last)
    means = scores.means()["m"]
    assert np.isfinite(means).all()
    for block in range(9):
        here = [value for rows in shards for low, width, value in rows if low <= block <= low + width]
        if here:
            np.testing.assert_allclose(means[block], np.mean(here), rtol=1e-5, atol=1e-6)


def test_no_metric_over_sentences_needs_no_counts(tmp_path: Path):
    scores = BlockScores([], 3)
    scores.add({}, np.array([0]), np.array([1]))
    assert scores.means() == {}


def test_a_vocabulary_whose_trigrams_overflow_is_refused_only_for_their_metric():
    chosen = all_metrics()
    check_vocabulary(chosen, 1 << 21)
    with pytest.raises(UserError, match="ngram3 cannot be computed over 2,097,153 tokens"):
        check_vocabulary(chosen, (1 << 21) + 1)
    check_vocabulary({"ngram": chosen["ngram"]}, 1 << 30)
