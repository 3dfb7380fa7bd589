"""Respelling: what vanishes, what stays, and that every kept letter is found where the map says."""

from __future__ import annotations

import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from climb.data_prep.tokens.surface import respell


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello, world!", "Hello world"),
        ("don't 'quote' well-known rock-", "don't quote well-known rock"),
        ("yes...no, and/or — so—so", "yes no and or so so"),
        ("3.5 of 1,000 at 12:30. 5,", "3.5 of 1,000 at 12:30 5"),
        ("« Ça va ? »\n...\n“Oui.”", "Ça va\nOui"),
        ("a b , \n , c", "a b\nc"),
        ("...", ""),
        ("£5 + 5 = $10", "5 5 10"),
    ],
)
def test_dropping_punctuation(text: str, expected: str) -> None:
    assert respell([text], False, True).sequences == [expected]


def test_sequences_do_not_touch() -> None:
    assert respell(["a'", "'b", "c.", ".d"], False, True).sequences == ["a", "b", "c", "d"]


def test_lower_case_keeps_the_length_of_every_letter() -> None:
    assert respell(["İstanbul ΣΑΣ Straße"], True, False).sequences == ["istanbul σασ straße"]
    assert respell(["ΟΔΟΣ."], True, False).sequences == ["οδος."]


@given(st.lists(st.text(max_size=40), max_size=4), st.booleans())
def test_the_map_finds_every_kept_letter(sequences: list[str], lowercase: bool) -> None:
    surface = respell(sequences, lowercase, True)
    written, spelled = "".join(sequences), "".join(surface.sequences)
    assert [len(part) for part in surface.sequences] == np.diff(
        surface.place(np.cumsum([0, *map(len, sequences)]))
    ).tolist()
    places = surface.place(np.arange(len(written) + 1))
    for position, letter in enumerate(written):
        kept = places[position + 1] > places[position]
        category = unicodedata.category(letter)[0]
        if category not in "PS" and not letter.isspace():
            assert kept
            found = spelled[places[position]]
            assert found == letter or (lowercase and found.lower() in letter.lower()) or letter.lower() != letter
    for part in surface.sequences:
        assert part == "\n".join(" ".join(line.split(" ")) for line in part.split("\n"))
        assert "  " not in part
        assert part.strip(" \n") == part
