import io
from pathlib import Path
from types import SimpleNamespace

import pytest

from climb.base.errors import UserError
from climb.data_prep.sources.formats.standard_input import spool_standard_input


def pipe(monkeypatch: pytest.MonkeyPatch, raw: bytes, terminal: bool = False) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(raw), isatty=lambda: terminal))


def test_what_comes_is_kept_and_serves_a_later_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    pipe(monkeypatch, b"some words\n" * 100_000)
    assert spool_standard_input(tmp_path).read_bytes() == b"some words\n" * 100_000
    pipe(monkeypatch, b"", terminal=True)
    assert spool_standard_input(tmp_path).stat().st_size == 1_100_000
    pipe(monkeypatch, b"other words")
    assert spool_standard_input(tmp_path).read_bytes() == b"other words"


def test_what_was_kept_and_is_damaged_serves_no_later_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    pipe(monkeypatch, b"some words")
    kept = spool_standard_input(tmp_path)
    kept.write_bytes(b"sole words")
    pipe(monkeypatch, b"", terminal=True)
    with pytest.raises(UserError, match="is damaged"):
        spool_standard_input(tmp_path)
    pipe(monkeypatch, b"some words")
    assert spool_standard_input(tmp_path).read_bytes() == b"some words"


def test_nothing_piped_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for raw, terminal in ((b"", False), (b"typed", True)):
        pipe(monkeypatch, raw, terminal)
        with pytest.raises(UserError, match="pipe some in"):
            spool_standard_input(tmp_path)


def test_a_stream_that_breaks_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() > 70_000:
                raise KeyboardInterrupt
            return super().read(size)

    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=Broken(bytes(200_000)), isatty=lambda: False))
    with pytest.raises(KeyboardInterrupt):
        spool_standard_input(tmp_path)
    assert list(tmp_path.iterdir()) == []
