"""UPOS, UAS and LAS against figures counted by hand."""

import pytest

from climb.data_prep.parsing.training.conllu import Tree
from climb.data_prep.parsing.training.scores import Analysis, Scores, score, words_per_second


def test_scores_by_hand():
    """Eight words: seven tags right, six heads right, five of these with the right relation."""
    first = Tree(
        ("She", "was", "seen", "."), (True,) * 4, ("PRON", "AUX", "VERB", "PUNCT"), (2, 2, 2, 2),
        ("nsubj:pass", "aux:pass", "root", "punct"),
    )  # fmt: skip
    second = Tree(
        ("Old", "dogs", "sleep", "here"), (True,) * 4, ("ADJ", "NOUN", "VERB", "ADV"), (1, 2, 2, 2),
        ("amod", "nsubj", "root", "advmod"),
    )  # fmt: skip
    found = [
        # A subtype that differs is a wrong relation.
        Analysis(["PRON", "AUX", "VERB", "PUNCT"], [2, 2, 2, 2], ["nsubj", "aux:pass", "root", "punct"]),
        # Two heads wrong: of `Old`, though its relation is right, and of the root.
        Analysis(["ADJ", "NOUN", "NOUN", "ADV"], [2, 2, 1, 2], ["amod", "nsubj", "dep", "advmod"]),
    ]
    scores = score([first, second], found)
    assert scores.words == 8
    assert (scores.upos, scores.uas, scores.las) == pytest.approx((100 * 7 / 8, 100 * 6 / 8, 100 * 5 / 8))


def test_no_words_are_no_division_by_zero():
    assert score([], []) == Scores(0, 0.0, 0.0, 0.0)


def test_analyses_of_other_words_are_refused():
    tree = Tree(("a", "b"), (True, True), ("X", "X"), (0, 0), ("root", "dep"))
    with pytest.raises(ValueError, match="zip"):
        score([tree], [Analysis(["X"], [0], ["root"])])


def test_speed_counts_the_words_of_the_tokenizer(monkeypatch):
    spacy = pytest.importorskip("spacy")
    clock = iter([10.0, 12.0])
    monkeypatch.setattr("time.perf_counter", lambda: next(clock))
    tree = Tree(("cats", ",", "dogs"), (False, True, True), ("X",) * 3, (0, 0, 0), ("root", "dep", "dep"))
    assert words_per_second(spacy.blank("en"), [tree, tree]) == 3.0
