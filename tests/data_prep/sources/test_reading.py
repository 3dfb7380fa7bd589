import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from climb.base.errors import UserError
from climb.data_prep.sources.formats.compressed import _MAGIC
from climb.data_prep.sources.reading import LONGEST_PIECE, Tally, text_lines


def read(path: Path, raw: bytes, errors: str = "strict") -> tuple[list[str], Tally]:
    path.write_bytes(raw)
    tally = Tally()
    return list(text_lines(path, errors, tally)), tally


def test_line_ends_of_all_systems_and_a_byte_order_mark(tmp_path: Path):
    lines, _ = read(tmp_path / "a.txt", b"\xef\xbb\xbfone\r\ntwo\nthree\rfour")
    assert lines == ["one", "two", "three", "four"]


def test_control_characters_are_removed_and_counted(tmp_path: Path):
    lines, tally = read(tmp_path / "a.txt", "a\x00b\x1fc\x0cd\u2028e\tf\n".encode())
    assert lines == ["abc d e\tf"]
    assert tally.rules["control characters"] == {"lines": 1, "bytes": 4}


def test_bad_bytes_are_named_by_line_and_offset(tmp_path: Path):
    with pytest.raises(UserError, match=r"a\.txt, line 2, byte 7 \(0xff\).*--encoding-errors replace"):
        read(tmp_path / "a.txt", b"good\nba\xffd\n")
    lines, tally = read(tmp_path / "a.txt", b"good\nba\xffd \xef\xbf\xbd\n", "replace")
    assert lines == ["good", "ba\ufffdd \ufffd"]
    assert tally.rules["bytes that are not UTF-8 became U+FFFD"] == {"lines": 1, "bytes": 1}


@pytest.mark.parametrize("unit", ["word ", "x", "é", "日本", "\U0001f600"])
def test_endless_lines_come_in_pieces_and_lose_nothing(tmp_path: Path, unit: str):
    text = unit * (3 * LONGEST_PIECE // len(unit.encode()) + 7)
    lines, _ = read(tmp_path / "a.txt", text.encode())
    assert len(lines) > 1
    assert "".join(lines) == text
    assert max(len(line.encode()) for line in lines) <= 2 * LONGEST_PIECE


def test_a_line_of_30_megabytes_needs_little_memory(tmp_path: Path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"word " * 6_000_000)
    tracemalloc.start()
    total = sum(len(line) for line in text_lines(path, "strict", Tally()))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert total == 30_000_000
    assert peak < 5_000_000


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200, deadline=None)
@given(raw=st.binary(max_size=200))
def test_arbitrary_bytes_give_text_or_a_user_error(tmp_path: Path, raw: bytes):
    try:
        lines, _ = read(tmp_path / "a.txt", raw, "replace")
    except UserError:
        assert raw.startswith(tuple(_MAGIC)), "only archives are refused"
        return
    assert all("\n" not in line and "\x00" not in line for line in lines)
    try:
        strict, _ = read(tmp_path / "a.txt", raw)
    except UserError:
        with pytest.raises(UnicodeDecodeError):
            raw.decode()
    else:
        assert strict == lines
