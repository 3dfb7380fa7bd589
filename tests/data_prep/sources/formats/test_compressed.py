import gzip
import io
import random
from pathlib import Path

import pytest

from climb.base.errors import UserError
from climb.data_prep.sources.formats.compressed import _zstd, inner_suffix, open_bytes, shown
from tests.data_prep.sources.texts import read_with_little_memory

zstd = _zstd()
PACK = {".gz": gzip.compress, ".zst": zstd.compress}


def read(path: Path) -> int:
    """Read a file to its end, piece by piece."""
    with open_bytes(path) as file:
        return sum(len(piece) for piece in iter(lambda: file.read(10_000), b""))


@pytest.mark.parametrize("ending", PACK)
def test_what_was_compressed_comes_out_in_several_members_too(tmp_path: Path, ending: str):
    dice = random.Random(1)
    parts = [dice.randbytes(dice.randrange(200_000)) for _ in range(5)]
    path = tmp_path / f"a.txt{ending}"
    path.write_bytes(b"".join(map(PACK[ending], parts)))
    with open_bytes(path) as file:
        assert file.read() == b"".join(parts)


@pytest.mark.parametrize("ending", PACK)
@pytest.mark.parametrize("keep", [0.1, 0.5, 0.95, 0.999])
def test_a_truncated_archive_is_named_with_the_place(tmp_path: Path, ending: str, keep: float):
    path = tmp_path / f"a.txt{ending}"
    packed = PACK[ending](random.Random(1).randbytes(400_000))
    path.write_bytes(packed[: int(len(packed) * keep)])
    with pytest.raises(UserError, match=r"ends in the middle.*after [\d,]+ bytes"):
        read(path)


@pytest.mark.parametrize("ending", PACK)
def test_trailing_rubbish_and_flipped_bits_are_refused(tmp_path: Path, ending: str):
    packed = PACK[ending](random.Random(2).randbytes(300_000))
    for wrong in (packed + b"rubbish behind", packed[:10] + b"\xff" * 20 + packed[30:]):
        path = tmp_path / f"a.txt{ending}"
        path.write_bytes(wrong)
        with pytest.raises(UserError, match=r"is damaged|ends in|more memory"):
            read(path)


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("a.txt", gzip.compress(b"words", mtime=0), r"is a gzip archive: give it the ending \.gz"),
        ("a.txt", zstd.compress(b"words"), r"is a zstd archive: give it the ending \.zst"),
        ("a.txt.gz", zstd.compress(b"words"), r"is a zstd archive"),
        ("a.txt.gz", b"plain words", r"is no gzip archive"),
        ("a.txt.zst", b"plain words", r"is no zstd archive"),
        ("a.txt", b"PK\x03\x04....", r"is a zip archive: unpack it first"),
    ],
)
def test_names_that_lie_are_refused(tmp_path: Path, name: str, content: bytes, problem: str):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError, match=problem):
        open_bytes(tmp_path / name)


@pytest.mark.parametrize("ending", PACK)
def test_a_gigabyte_of_one_letter_is_refused_in_little_memory(tmp_path: Path, ending: str):
    path = tmp_path / f"a.txt{ending}"
    member = PACK[ending](b"a" * (1 << 24))
    path.write_bytes(member * 64)
    assert path.stat().st_size < 2_000_000
    assert "expands more than 500-fold" in read_with_little_memory(path, 300)


@pytest.mark.parametrize("ending", PACK)
def test_repetitive_text_is_read_in_little_memory(tmp_path: Path, ending: str):
    path = tmp_path / f"a.txt{ending}"
    dice = random.Random(3)
    text = "".join(f"Sentence {dice.randrange(10**6)} is here.\n" for _ in range(60_000)).encode()
    path.write_bytes(PACK[ending](text) * 10)
    assert read_with_little_memory(path, 160) == f"characters: {10 * (len(text) - 60_000)}"


def test_a_window_of_gigabytes_is_refused(tmp_path: Path):
    options = {zstd.CompressionParameter.window_log: 30, zstd.CompressionParameter.enable_long_distance_matching: 1}
    with zstd.open(tmp_path / "a.txt.zst", "wb", options=options) as file:
        for number in range(200):
            file.write(f"line {number}\n".encode() * 1000)
    with open_bytes(tmp_path / "a.txt.zst") as file, pytest.raises(UserError, match=r"is damaged|more memory"):
        file.read()


def test_an_input_error_while_reading_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "a.txt").write_bytes(b"words")

    class Broken(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            raise OSError(5, "Input/output error")

    monkeypatch.setattr("climb.data_prep.sources.formats.compressed._open", lambda path, kind: Broken())
    with open_bytes(tmp_path / "a.txt") as file, pytest.raises(UserError, match=r"cannot be read \(Input/output"):
        file.read()


def test_names():
    assert inner_suffix(Path("a.TRAIN.gz")) == ".train"
    assert inner_suffix(Path("a.b.jsonl")) == ".jsonl"
    assert shown("two\nlines") == r"'two\nlines'"
    assert shown("ein Stück.txt") == "ein Stück.txt"
