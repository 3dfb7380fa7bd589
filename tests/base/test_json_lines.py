import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from climb.base.errors import UserError
from climb.base.files import read_json_lines


@pytest.mark.parametrize("line", [b"{", b"[1]", b"3", b"\xff", b"[" * 100_000, b"[" + b"1" * 5000 + b"]"])
def test_a_bad_line_is_named(tmp_path, line):
    (tmp_path / "x.jsonl").write_bytes(b'{"a": 1}\n\n' + line + b"\n")
    lines = read_json_lines(tmp_path / "x.jsonl")
    assert next(lines) == (1, {"a": 1})
    with pytest.raises(UserError, match=r"x\.jsonl, line 3"):
        next(lines)


@settings(max_examples=200, deadline=None)
@given(content=st.binary(max_size=60))
def test_any_bytes_give_records_or_a_user_error(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("any") / "x.jsonl"
    path.write_bytes(content)
    try:
        records = list(read_json_lines(path))
    except UserError:
        return
    assert all(isinstance(record, dict) for _, record in records)
