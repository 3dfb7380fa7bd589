"""Flesch and Dale–Chall by hand, and syllables against a dictionary of 51,715 words."""

import csv

import numpy as np
import pytest

from climb.data_prep.difficulty.syllables import count_syllables
from climb.data_prep.metrics.dale_chall import DaleChall, familiar_words, is_familiar
from climb.data_prep.metrics.flesch import Flesch
from tests.data_prep.metrics.batches import blocks, sentences


@pytest.fixture
def flesch() -> Flesch:
    return Flesch(None)


def test_flesch_by_hand(flesch):
    # 6 words, 6 syllables: reading ease 206.835 − 1.015 · 6 − 84.6 = 116.145
    assert flesch.sentences(sentences(["The cat sat on the mat."])) == pytest.approx(100 - 116.145)
    # 3 words, 1 + 4 + 5 syllables
    values = flesch.sentences(sentences(["Such complicated considerations"]))
    assert values == pytest.approx(1.015 * 3 + 84.6 * 10 / 3 - 106.835)


def test_a_block_is_one_passage(flesch):
    text = "The cat sat. It saw nobody!\nReadability"
    words, syllables, cut = 7, 1 + 1 + 1 + 1 + 1 + 3 + 5, 3
    assert count_syllables("nobody") == 3
    assert count_syllables("readability") == 5
    expected = 1.015 * words / cut + 84.6 * syllables / words - 106.835
    assert flesch.blocks(blocks([text])) == pytest.approx(expected)
    percent = 100 * 1 / 7
    assert DaleChall(None).blocks(blocks([text])) == pytest.approx(0.1579 * percent + 0.0496 * words / cut + 3.6365)


def test_text_without_words_is_the_easiest(flesch):
    empty = flesch.sentences(sentences(["", "?!", "—", "Oh"]))
    np.testing.assert_allclose(empty, 100 - (206.835 - 1.015 - 84.6))
    assert DaleChall(None).sentences(sentences(["", "?!", "… —"])).tolist() == [0, 0, 0]


def test_dale_chall_by_hand():
    metric = DaleChall(None)
    easy, hard = "The dog ran home .", "The dog chased the quintessential syllogism home and then ate it up"
    assert metric.sentences(sentences([easy])) == pytest.approx(0.0496 * 4)
    share = 100 * 2 / 12
    assert metric.sentences(sentences([hard])) == pytest.approx(0.1579 * share + 0.0496 * 12 + 3.6365)
    barely = "the " * 19 + "syllogism"  # 5 % exactly: nothing is added
    assert metric.sentences(sentences([barely])) == pytest.approx(0.1579 * 5 + 0.0496 * 20)


def test_regular_inflections_are_familiar():
    assert len(familiar_words()) > 2900
    for word in ("dogs", "boxes", "hurried", "hurries", "baked", "baking", "running", "bigger", "biggest", "happily",
                 "dog's", "dog’s", "didn't", "can’t", "they'll", "twenty-one", "1984", "o'clock"):  # fmt: skip
        assert is_familiar(word), word
    for word in ("syntax", "dog-syntax", "syntaxes", "electron", "x-ray's-syntax"):
        assert not is_familiar(word), word


@pytest.mark.parametrize(
    ("word", "syllables"),
    [("cat", 1), ("make", 1), ("table", 2), ("walked", 1), ("wanted", 2), ("boxes", 2), ("makes", 1), ("radio", 3),
     ("nation", 2), ("idea", 3), ("quiet", 2), ("science", 2), ("something", 2), ("rhythm", 2), ("socialism", 4),
     ("being", 2), ("don't", 1), ("didn't", 2), ("they'll", 1), ("dog's", 1), ("mother-in-law", 4), ("x", 1),
     ("1984", 1), ("hm", 1)],
)  # fmt: skip
def test_syllables(word, syllables):
    assert count_syllables(word) == syllables


def test_syllables_agree_with_a_dictionary(shared):
    path = shared / "data" / "vocab" / "AoA_51715_words.csv"
    with open(path, encoding="latin-1", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["Nsyll"].isdigit()]
    right = np.array([count_syllables(row["Word"].lower()) == int(row["Nsyll"]) for row in rows])
    weights = np.array([0.0 if row["Freq_pm"].startswith("#") else float(row["Freq_pm"] or 0) for row in rows])
    assert right.mean() > 0.94
    assert np.average(right, weights=weights) > 0.99
