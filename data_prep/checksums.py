"""Checksums of what the stages keep: a result that a disk or a copy has damaged is never taken for a whole one.

Each stage's folder has a file `SHA256SUMS`, a line per result as `sha256sum` writes it. The line is written
before the result is renamed into place, so a file without a line is none of ours and a kill leaves nothing in
between; a result that is written again, such as a file of scores, adds a line, and has to agree with one of its
lines. Results are checked once, when a preparation comes to their stage, and copies of text that comes only once when
a preparation begins. Cost: one reading of what is kept.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

from climb.base.errors import UserError
from climb.base.files import said_plainly, sha256_file, write_text

FILE = "SHA256SUMS"

# Not anchored at the beginning: a full disk may have left half a line, and the next one then continues it.
_LINE = re.compile(rb"([0-9a-f]{64})  ([^\s/]+)\n")


def note(path: Path, file: IO[Any]) -> None:
    """Write down the checksum of a result.

    Args:
        path: where the result will lie.
        file: all of it, open for writing in the same folder (`climb.base.files.atomic_file`).
    """
    file.flush()
    note_file(path, Path(file.name))


def note_file(path: Path, content: Path) -> None:
    """Write down that the result at `path` is what the file `content` holds."""
    digest, log = sha256_file(content), path.parent / FILE
    if digest.encode() in _noted(log).get(path.name.encode(), ()):
        return  # made again as it was, after a kill
    line = f"{digest}  {path.name}\n".encode()
    with said_plainly(log):
        # Several workers write here: what one call appends stays together.
        descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
        try:
            os.write(descriptor, line)
        finally:
            os.close(descriptor)


def all_whole(paths: Iterable[Path]) -> bool:
    """Return whether these results are all there, each with the content that was written down.

    Raises:
        UserError: a result has another content.
    """
    return all(_is_whole(path) for path in paths)


def is_noted(path: Path) -> bool:
    """Return whether a result is there and has a checksum, without looking into it."""
    return path.is_file() and path.name.encode() in _noted(path.parent / FILE)


def note_folder(folder: Path) -> None:
    """Write down the checksums of all files of a folder that is one result."""
    files = sorted(path for path in folder.iterdir() if path.is_file() and path.name != FILE)
    write_text(folder / FILE, "".join(f"{sha256_file(path)}  {path.name}\n" for path in files))


def is_whole_folder(folder: Path) -> bool:
    """Return whether a folder that is one result is there, each file with the content that was written down.

    Raises:
        UserError: a file has another content.
    """
    names = _noted(folder / FILE)
    return bool(names) and all_whole(folder / name.decode() for name in names)


def _is_whole(path: Path) -> bool:
    if not is_noted(path):
        return False
    if sha256_file(path).encode() not in _noted(path.parent / FILE)[path.name.encode()]:
        raise UserError(
            f"{path} is damaged (it differs from its checksum): remove it and run the same command again."
        )
    return True


def _noted(log: Path) -> Mapping[bytes, set[bytes]]:
    """Return {name: checksums} of a folder; nothing where none were written down."""
    try:
        with open(log, "rb") as file:
            facts = os.fstat(file.fileno())
            return _log(log, facts.st_dev, facts.st_ino).read_on(file, facts.st_size)
    except FileNotFoundError:
        return {}


@lru_cache(maxsize=8)
def _log(log: Path, device: int, inode: int) -> _Log:
    """Return what is known of a file of checksums; another file of its name is another log."""
    return _Log()


class _Log:
    """The lines of a file that only grows: what was read is not read again, so that N results take N steps."""

    def __init__(self) -> None:
        self._noted: dict[bytes, set[bytes]] = defaultdict(set)
        self._read = 0
        self._last = b""

    def read_on(self, file: IO[bytes], size: int) -> Mapping[bytes, set[bytes]]:
        """Return {name: checksums} of the open file, which has `size` bytes."""
        if size != self._read:
            start = self._read - len(self._last)
            file.seek(start)
            found = file.read()
            if not found.startswith(self._last):  # no longer the file that it was
                self._noted.clear()
                file.seek(0)
                start, found = 0, file.read()
            for digest, name in _LINE.findall(found):
                self._noted[name].add(digest)
            # A line that is still being written is read with the rest of it.
            whole = found[: found.rfind(b"\n") + 1]
            self._read = start + len(whole)
            self._last = whole[whole[:-1].rfind(b"\n") + 1 :]
        return self._noted
