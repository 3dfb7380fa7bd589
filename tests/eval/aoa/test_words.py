"""The files of the set: what is read, and what is refused with its place."""

import json

import pytest

from climb.base.errors import UserError
from climb.eval.aoa.words import MONTHS, AcquiredWords

HEADER = ",word," + ",".join(f"{month:g}" for month in MONTHS)

HALF = "0,dog," + ",".join(["0.5"] * 15)


def files(folder, contexts=None, rows=(HALF,), header=HEADER):
    (folder / "c.json").write_text(
        json.dumps(contexts or {"dog": [{"context": " I see a "}], "a": [{"context": "x"}]})
    )
    (folder / "h.csv").write_text("\n".join([header, *rows]) + "\n")
    return folder / "c.json", folder / "h.csv"


def test_contexts_are_stripped_and_words_of_one_letter_left_out(tmp_path):
    words = AcquiredWords.read(*files(tmp_path))
    assert words.contexts == {"dog": ["I see a"]}
    assert words.children["dog"].tolist() == [0.5] * 15
    again = AcquiredWords.read(*files(tmp_path, {"dog": [{"context": "I see the"}]}))
    assert again.sha256 != words.sha256


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"contexts": [1]}, "c.json: an object"),
        ({"contexts": {"dog": []}}, "holds no words"),
        ({"contexts": {"dog": None}}, "c.json, 'dog'"),
        ({"contexts": {"dog": [{"context": 3}]}}, "c.json, 'dog'"),
        ({"contexts": {"x": [{"context": "b"}]}}, "holds no words"),
        ({"header": "word,16"}, "has no column '17'"),
        ({"rows": ()}, "holds no rows"),
        ({"header": ""}, "has no column 'word'"),
        ({"rows": (HALF, "", HALF)}, "h.csv, line 4"),
        ({"rows": (HALF + ",0.5",)}, "h.csv, line 2"),
        ({"contexts": {"dog": [{"context": "a \ud800 b"}]}}, "c.json, 'dog'"),
        ({"rows": ("0,dog,many",)}, "h.csv, line 2"),
        ({"rows": ("0,dog," + ",".join(["nan"] * 15),)}, "h.csv, line 2"),
        ({"rows": ("0,dog," + ",".join(["50"] * 15),)}, "h.csv, line 2"),
        ({"rows": ("0,dog," + ",".join(["0.1"] * 15), "1,cat,0.5")}, "h.csv, line 3"),
    ],
)
def test_a_malformed_file_is_one_sentence(tmp_path, how, message):
    with pytest.raises(UserError, match=message):
        AcquiredWords.read(*files(tmp_path, **how))
