"""Metrics on plain strings equal those of a preparation, and never fail on odd text."""

import math
from collections.abc import Callable

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import climb
from climb.base.corpus import PreparedCorpus
from climb.base.errors import UserError
from climb.data_prep.difficulty.corpus_counts import FinishedCorpus
from climb.data_prep.options import METRICS

ODD = [
    "",
    " ",
    "\n\n",
    "word",
    "...",
    "?! — …",
    "x" * 4000,
    "zyzzyva qwxv 日本語 😀",
    "a b. " * 800,
    "\ud7ff\x00",
    "’’’",
]
PARSED = {"clauses", "depth", "depth_mean", "distance"}


@pytest.fixture
def corpus(prepared: Callable[..., PreparedCorpus]) -> PreparedCorpus:
    return prepared(parse=False)


def test_one_text_and_one_metric_give_a_number():
    assert climb.measure("The cat sat.", "length") == 3.0
    assert isinstance(climb.measure("The cat sat.", "length"), float)
    assert climb.measure("One two. Three.\nFour five six seven.", "sentence_length") == pytest.approx(7 / 3)


def test_shapes_of_the_result():
    many = climb.measure(["The cat sat.", "It slept."], "length")
    assert isinstance(many, np.ndarray)
    assert many.tolist() == [3, 2]
    both = climb.measure("The cat sat.", ["length", "ttr"])
    assert both == {"length": 3.0, "ttr": 1.0}
    table = climb.measure(["The cat sat.", "It slept."], ["length"])
    assert table["length"].tolist() == [3, 2]
    assert climb.measure([], ["length"])["length"].tolist() == []


def test_values_equal_those_of_the_corpus_it_was_prepared_into(corpus):
    rows = pq.read_table(corpus.folder / "sentences.parquet").to_pylist()
    stream = corpus.train.tokens([0])[0][: corpus.train.length[0]]
    row = next(row for row in rows if row["split"] == "train" and row["start"] == 1)
    text = corpus.tokenizer.decode(stream[row["start"] : row["end"]]).strip()
    found = climb.measure(text, corpus=corpus, source=row["source"])
    for name in set(corpus.manifest.metrics) - PARSED:
        assert found[name] == pytest.approx(row[name], rel=1e-5), name
    block = corpus.tokenizer.decode(corpus.train.tokens([1])[0][: corpus.train.length[1]], skip_special_tokens=True)
    assert climb.measure(block, "compression") == pytest.approx(corpus.scores("compression")[1], abs=0.1)


def test_the_counts_of_a_finished_corpus_are_those_of_its_text(corpus):
    tables = FinishedCorpus(corpus)
    assert tables.word_counts.sum() == corpus.manifest.total("train").words
    assert (np.diff(tables.word_hashes.astype(object)) > 0).all()
    assert tables.token_counts.sum() == corpus.manifest.total("train").tokens


def test_what_a_metric_lacks_is_said():
    with pytest.raises(UserError, match="rarity cannot be computed: give a prepared corpus with corpus="):
        climb.measure("The cat sat.", "rarity")
    with pytest.raises(UserError, match="give the label of the text's source with source="):
        climb.measure("The cat sat.", "source_spoken")
    with pytest.raises(UserError, match="diary has no place in the order"):
        climb.measure("The cat sat.", "source_spoken", source="diary")
    with pytest.raises(UserError, match=r"rarity_given cannot be computed: give frequencies="):
        climb.measure("The cat sat.", "rarity_given")
    with pytest.raises(UserError, match="Unknown metric 'lenght': did you mean length"):
        climb.measure("The cat sat.", "lenght")
    assert climb.measure("The cat sat.", "source_given", source="diary", source_ranks=["diary=4"]) == 4.0


def test_everything_is_finite_for_odd_text(corpus, tmp_path):
    words = tmp_path / "words.csv"
    words.write_text("word,aoa\ncat,2\n")
    given_all = {"corpus": corpus, "source": "cbt", "norms": [str(words)], "frequencies": str(words)}
    found = climb.measure(ODD, source_ranks=["cbt=1"], **given_all)
    assert set(METRICS) - PARSED <= set(found)
    assert "aoa" in found
    for name, values in found.items():
        assert values.shape == (len(ODD),), name
        assert np.isfinite(values).all(), name
        alone = [climb.measure(text, name, source_ranks=["cbt=1"], **given_all) for text in ODD[:6]]
        np.testing.assert_allclose(alone, values[:6], err_msg=name)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(max_size=60), min_size=1, max_size=4))
def test_any_text_has_finite_values(texts):
    names = sorted(set(METRICS) - PARSED - {"ngram", "ngram2", "ngram3", "rarity", "rarity_given", "tokens"})
    names = [name for name in names if not name.startswith("source")]
    for values in climb.measure(texts, names).values():
        assert np.isfinite(values).all()


def test_a_parser_gives_the_dependency_metrics(spacy_model):
    found = climb.measure("The dog sees a cat.", spacy_model=str(spacy_model))
    assert set(found) >= PARSED
    assert found["depth"] >= 1
    assert math.isfinite(found["distance"])
    assert np.isfinite(list(climb.measure(ODD[:6], sorted(PARSED), spacy_model=str(spacy_model)).values())).all()


def test_the_list_of_metrics():
    listed = {entry.name: entry for entry in climb.metrics()}
    assert sorted(listed) == sorted(METRICS)
    assert listed["rarity"].needs == ("corpus",)
    assert listed["depth"].needs == ("parser",)
    assert listed["source_given"].needs == ("source", "--source-ranks LABEL=RANK,…")
    assert listed["length"].needs == ()
    assert all(entry.unit and entry.description for entry in listed.values())


def test_texts_are_spelled_as_the_corpus_spells_them(prepared):
    corpus = prepared(parse=False, lowercase=True, drop_punctuation=True)
    loud, plain = "The DOG, sees the cat!!", "the dog sees the cat"
    for name in ("ngram3", "tokens", "rarity", "compression"):
        assert climb.measure(loud, name, corpus=corpus) == climb.measure(plain, name, corpus=corpus)
    assert climb.measure(loud, "compression") != climb.measure(plain, "compression")
