import pytest

from climb.base.errors import UserError
from climb.data_prep.sources.formats.text_column import (
    check_source_column,
    choose_column,
    mean_text_lengths,
    say_guess,
)


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"id": None, "text": 3.0, "content": 90.0}, "text"),
        ({"Sentence": 3.0, "note": 90.0}, "Sentence"),
        ({"id": None, "poem": 5.0}, "poem"),
        ({"url": 20.0, "novel": 300.0, "day": 8.0}, "novel"),
    ],
)
def test_guesses(columns: dict[str, float | None], expected: str):
    assert choose_column("a.jsonl", columns, None) == expected


@pytest.mark.parametrize(
    ("columns", "wanted", "problem"),
    [
        ({"one": 30.0, "two": 25.0}, None, r"several columns of text: .*--text-column \(there are: one, two\)"),
        ({"id": None}, None, r"no column of text \(there are: id\)"),
        ({"id": None, "text": 3.0}, "body", r"no column 'body': .*\(there are: id, text\)"),
        ({"id": None, "text": 3.0}, "id", r"column 'id' holds no text"),
        ({"text": 3.0, "TEXT": 3.0}, None, r"several columns"),
    ],
)
def test_what_is_not_clear_is_asked(columns: dict[str, float | None], wanted: str | None, problem: str):
    with pytest.raises(UserError, match=problem):
        choose_column("a.jsonl", columns, wanted)


def test_a_source_column_must_exist():
    assert check_source_column("a.jsonl", {"kind": None}, "kind") == "kind"
    with pytest.raises(UserError, match=r"no column 'source'.*--source-column \(there are: kind\)"):
        check_source_column("a.jsonl", {"kind": None}, "source")


def test_lengths_are_means_over_text_alone():
    assert mean_text_lengths([{"a": "xy", "b": 1}, {"a": None}, {"a": "xyzw", "b": "q"}]) == {"a": 3.0, "b": 1.0}


def test_the_guess_is_said_once_per_column(capsys: pytest.CaptureFixture[str]):
    say_guess({"text": ["a.jsonl", "b.jsonl", "c.jsonl"]})
    assert "The text of a.jsonl and 2 more is read from the column 'text'" in capsys.readouterr().err
