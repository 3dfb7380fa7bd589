"""What is noted of results, however often and by whomever their list is read and written."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from climb.base.errors import UserError
from climb.base.files import atomic_file
from climb.data_prep import checksums


def put(path: Path, content: bytes) -> None:
    with atomic_file(path, "wb") as file:
        file.write(content)
        checksums.note(path, file)


def test_a_list_that_grows_is_read_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every byte of it is asked for once, but for the line before."""
    lines = 0
    findall = checksums._LINE.findall

    class Counting:
        def findall(self, text: bytes) -> list[tuple[bytes, bytes]]:
            nonlocal lines
            found = findall(text)
            lines += len(found)
            return found

    monkeypatch.setattr(checksums, "_LINE", Counting())
    for number in range(50):
        put(tmp_path / f"{number}.bin", bytes([number]))
        assert checksums.is_noted(tmp_path / f"{number}.bin")
    assert checksums.all_whole(tmp_path / f"{number}.bin" for number in range(50))
    assert lines <= 2 * 50
    (tmp_path / "7.bin").write_bytes(b"8")
    with pytest.raises(UserError, match=r"7\.bin is damaged"):
        checksums.all_whole([tmp_path / "7.bin"])


def test_a_list_that_was_made_anew_is_read_anew(tmp_path: Path) -> None:
    folder = tmp_path / "stage"
    put(folder / "a", b"1")
    put(folder / "b", b"2")
    assert checksums.is_noted(folder / "b")
    for anew in (shutil.rmtree, lambda folder: (folder / checksums.FILE).write_bytes(b"")):
        anew(folder)
        folder.mkdir(exist_ok=True)
        (folder / "b").write_bytes(b"2")
        assert not checksums.is_noted(folder / "b")
        for name in ("c", "dd", "eee"):
            put(folder / name, b"3")
        assert not checksums.is_noted(folder / "b")
        assert checksums.all_whole([folder / "eee"])


def test_half_a_line_is_gone_on_with(tmp_path: Path) -> None:
    put(tmp_path / "a", b"1")
    with open(tmp_path / checksums.FILE, "ab") as log:
        log.write(b"0123abc")
    assert checksums.all_whole([tmp_path / "a"])
    put(tmp_path / "b", b"2")
    assert checksums.all_whole([tmp_path / "a", tmp_path / "b"])
