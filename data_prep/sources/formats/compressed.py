"""The bytes of a file, `.gz` and `.zst` expanded as they are read: memory is bounded whatever the archive holds.

A truncated or damaged archive, another kind of file under the name of an archive, trailing rubbish, and an
archive that grows beyond what text can (a "bomb") are each refused in one sentence.
"""

from __future__ import annotations

import gzip
import io
import sys
import zlib
from pathlib import Path
from typing import Any

from climb.base.errors import UserError

COMPRESSIONS = {".gz": "gzip", ".zst": "zstd"}
"""Suffix → what it stands for."""

MOST_EXPANDED = 500
"""Bytes of text from a byte of archive: text gives 2 to 10, one sentence written a million times 250."""

_UNSUSPECTED = 1 << 28
"""Bytes that may come out of any archive, however small."""

_BUFFER = 1 << 18
_WINDOW_LOG = 27
"""zstd archives may ask for a memory of up to 2 ** 27 bytes (all but those made with --long=28 or more do)."""

_MAGIC = {
    b"\x1f\x8b": ("a gzip archive", ".gz"),
    b"\x28\xb5\x2f\xfd": ("a zstd archive", ".zst"),
    b"PK\x03\x04": ("a zip archive", None),
    b"\xfd7zXZ\x00": ("an xz archive", None),
    b"7z\xbc\xaf\x27\x1c": ("a 7z archive", None),
}


def compression_of(path: Path) -> str | None:
    """Return "gzip", "zstd" or None by the name of the file."""
    return COMPRESSIONS.get(path.suffix.lower())


def inner_suffix(path: Path) -> str:
    """Return the suffix in lower case, that of the content when the file is compressed: `a.txt.gz` → ".txt"."""
    return (Path(path.stem) if compression_of(path) else path).suffix.lower()


def shown(path: Path | str) -> str:
    """Return a path as it can stand in a sentence: one line, whatever characters its name has."""
    text = str(path)
    return text if text.isprintable() else repr(text)


def open_bytes(path: Path) -> io.BufferedReader:
    """Open a file for reading in order; what is compressed comes out expanded.

    Raises:
        UserError: it cannot be opened, or is not what its name says. While reading, the stream raises UserError
            where the archive is damaged, ends too early, or expands more than `MOST_EXPANDED`-fold.
    """
    kind = compression_of(path)
    try:
        _check_magic(path, kind)
        return io.BufferedReader(_Watched(path, kind, _open(path, kind)), _BUFFER)
    except OSError as error:
        raise unreadable(path, error) from None


def unreadable(path: Path, error: OSError) -> UserError:
    """Return the error for a file that the system refuses to read."""
    return UserError(f"{shown(path)} cannot be read ({error.strerror or error}): mend it, or leave it out.")


def _open(path: Path, kind: str | None) -> Any:
    """Open a file by the library for its kind."""
    if kind == "gzip":
        return gzip.open(path)
    if kind == "zstd":
        zstd = _zstd()
        return zstd.ZstdFile(path, "rb", options={zstd.DecompressionParameter.window_log_max: _WINDOW_LOG})
    return open(path, "rb", buffering=0)


def _zstd() -> Any:
    """Return the zstd module: the standard library's, before Python 3.14 its backport."""
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    return zstd


def _check_magic(path: Path, kind: str | None) -> None:
    """Refuse a file whose first bytes say that it is something else."""
    with open(path, "rb") as file:
        start = file.read(8)
    found = next((names for magic, names in _MAGIC.items() if start.startswith(magic)), None)
    expected = path.suffix.lower() if kind else None
    if found and (found[1] is None or found[1] != expected):
        cure = f"give it the ending {found[1]}" if found[1] else "unpack it first"
        raise UserError(f"{shown(path)} is {found[0]}: {cure}.")
    if kind and start and not found and not _may_skip(start, kind):
        raise UserError(f"{shown(path)} is no {kind} archive: give it the ending of what it is, such as .txt.")


def _may_skip(start: bytes, kind: str) -> bool:
    """Return whether a zstd archive begins with a frame to be skipped (pzstd writes them)."""
    return kind == "zstd" and start[1:4] == b"\x2a\x4d\x18" and start[0] & 0xF0 == 0x50


class _Watched(io.RawIOBase):
    """A stream whose failures are said plainly and whose growth is bounded."""

    def __init__(self, path: Path, kind: str | None, stream: Any) -> None:
        self._path, self._kind, self._stream = path, kind, stream
        self._read = 0
        self._most = max(_UNSUSPECTED, MOST_EXPANDED * path.stat().st_size) if kind else None

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self._stream.close()
        super().close()

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer, to its end unless the file ends before."""
        view = memoryview(buffer)
        filled = 0
        while filled < len(view):
            piece = self._piece(len(view) - filled)
            if not piece:
                break
            view[filled : filled + len(piece)] = piece
            filled += len(piece)
        self._read += filled
        if self._most is not None and self._read > self._most:
            raise UserError(
                f"{shown(self._path)} expands more than {MOST_EXPANDED}-fold, to over {self._most:,} bytes, which no "
                "text does: if it is text all the same, unpack it and give the file."
            )
        return filled

    def _piece(self, size: int) -> bytes:
        """Read some bytes.

        Raises:
            UserError: what is wrong with the archive, and after how much text.
        """
        try:
            return bytes(self._stream.read(size) or b"")
        except MemoryError:
            problem = "asks for more memory than there is"
        except EOFError:
            problem = "ends in the middle of the archive"
        except OSError as error:
            if error.errno is not None:
                raise unreadable(self._path, error) from None
            problem = f"is damaged or followed by something else ({error})"
        except Exception as error:
            if not isinstance(error, (zlib.error, _zstd().ZstdError)):
                raise
            problem = f"is damaged or followed by something else ({error})"
        place = f"after {self._read:,} bytes of text"
        raise UserError(
            f"{shown(self._path)} {problem}, {place}: copy or download it again, or compress it anew."
        ) from None
