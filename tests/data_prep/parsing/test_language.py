"""English is told from other languages, and the user from whom English trees would come unawares."""

from __future__ import annotations

from itertools import chain, islice
from pathlib import Path

import pytest

from climb.data_prep.parsing.language import looks_english
from climb.sample_corpus.registers import REGISTERS, documents
from tests.data_prep.conftest import make_text

SWAHILI = "watoto wanacheza mpira uwanjani na mama anapika chakula jikoni kila siku asubuhi"
GERMAN = "die Kinder spielen im Garten und der Vater kocht in der Küche das Essen für alle Leute im Haus"


@pytest.mark.parametrize("register", REGISTERS)
def test_every_register_is_english(register: str) -> None:
    assert looks_english(chain.from_iterable(islice(documents(register, 3), 40)))


@pytest.mark.parametrize("line", [SWAHILI, GERMAN])
def test_other_languages_are_not(line: str) -> None:
    assert not looks_english([line] * 30)


def test_too_little_text_tells_nothing() -> None:
    assert looks_english([SWAHILI])
    assert looks_english([])


def test_it_is_said_of_the_sources_that_are_other(prepared, tmp_path: Path, capsys, spacy_model: Path) -> None:
    (tmp_path / "habari.txt").write_text(f"{SWAHILI}.\n" * 40, encoding="utf-8")
    (tmp_path / "story.txt").write_text(make_text(80, 1), encoding="utf-8")
    options = {"sources": [str(tmp_path)], "metrics": ["length"], "validation": 0}
    prepared(parse=True, out=str(tmp_path / "a"), **options)
    assert "habari: this looks like no English" in capsys.readouterr().err
    prepared(spacy_model=str(spacy_model), out=str(tmp_path / "b"), **options)
    prepared(parse=False, out=str(tmp_path / "c"), **options)
    assert "no English" not in capsys.readouterr().err
