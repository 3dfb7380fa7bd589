"""What stands in a JSON file is checked field by field."""

import json
from typing import Literal

import pytest

from climb.base.errors import UserError
from climb.base.schema import Manifest, Strict


class Part(Strict):
    size: int
    pair: tuple[int, float] = (1, 2.0)


class Whole(Manifest):
    schema_version: Literal[1] = 1
    name: str
    parts: tuple[Part, ...] = ()


GOOD = {"schema_version": 1, "name": "x", "parts": [{"size": 3, "pair": [1, 2]}]}


def test_written_and_read_back(tmp_path):
    whole = Whole(name="ü", parts=(Part(size=3, pair=(4, 0.1)),))
    whole.write(tmp_path / "whole.json")
    assert Whole.read(tmp_path / "whole.json") == whole


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"name": None}, "field name: "),
        ({"schema_version": 2}, "field schema_version: Input should be 1"),
        ({"nmae": "y"}, "field nmae: Extra inputs are not permitted"),
        ({"parts": [{"size": "3"}]}, r"field parts\.0\.size: Input should be a valid integer"),
        ({"parts": [{"size": 3.0, "pair": [1, 2]}, {}]}, r"field parts\.0\.size"),
        ({"parts": [{"size": 3}, {}]}, r"field parts\.1\.size: Field required"),
        ({"parts": [{"size": True}]}, r"field parts\.0\.size"),
    ],
)
def test_a_wrong_field_is_named_with_its_file(tmp_path, change, complaint):
    path = tmp_path / "whole.json"
    path.write_text(json.dumps(GOOD))
    assert Whole.read(path).name == "x"
    path.write_text(json.dumps(GOOD | change))
    with pytest.raises(UserError, match=complaint) as caught:
        Whole.read(path)
    assert str(caught.value).startswith(f"{path}: ")


@pytest.mark.parametrize("content", ["[]", "3", "null", '"text"'])
def test_another_kind_of_json_is_refused(tmp_path, content):
    (tmp_path / "whole.json").write_text(content)
    with pytest.raises(UserError, match=r"whole\.json: Input should be an object"):
        Whole.read(tmp_path / "whole.json")


def test_records_do_not_change():
    with pytest.raises(ValueError, match="frozen"):
        Part(size=3).size = 4
