"""Scores that are already known: asked for twice, by one task or several, a text is forwarded once.

With a file they also outlive the program: an evaluation that was stopped goes on where it was. The file is a header
of 32 bytes, the SHA-256 of what all scores depend on (model, number format, way of masking), then one record after
the other: 16 bytes of the item's key, the number of values as uint32, the values as float64, little-endian. A
record cut short by a kill is dropped when the file is read.
"""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

import numpy as np

from climb.base.files import said_plainly
from climb.eval.requests import Floats, Item

_KEY, _COUNT, _HEADER = 16, 4, 32
_PAUSE = 2.0
"""Seconds between two writes."""


class KeptScores:
    """A table from items to ln p of their scored tokens.

    Args:
        path: the file; None keeps the scores in memory alone.
        fingerprint: what the scores depend on, in words; a file with another one is thrown away.
    """

    def __init__(self, path: Path | None = None, fingerprint: str = "") -> None:
        self._path = path
        self._header = hashlib.sha256(fingerprint.encode()).digest()
        self._known: dict[bytes, Floats] = {}
        self._new: list[bytes] = []
        self._written = time.monotonic()
        if path is not None and path.is_file():
            self._read(path)

    def __len__(self) -> int:
        return len(self._known)

    @staticmethod
    def key(item: Item) -> bytes:
        """Return the key of an item, 16 bytes."""
        digest = hashlib.blake2b(digest_size=_KEY)
        for part in item.key:
            digest.update(len(part).to_bytes(4, "little") + part)
        return digest.digest()

    def get(self, key: bytes) -> Floats | None:
        """Return the values of a key, None where they are not known."""
        return self._known.get(key)

    def put(self, key: bytes, values: Floats) -> None:
        """Keep the values of a key; a file gets them within some seconds."""
        self._known[key] = values
        if self._path is None:
            return
        self._new.append(key + len(values).to_bytes(_COUNT, "little") + values.astype("<f8").tobytes())
        if time.monotonic() - self._written > _PAUSE:
            self.flush()

    def flush(self) -> None:
        """Write what is new to the file."""
        if self._path is None or not self._new:
            return
        with said_plainly(self._path):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            fresh = not self._path.exists()
            with open(self._path, "ab") as file:
                file.write((self._header if fresh else b"") + b"".join(self._new))
        self._new.clear()
        self._written = time.monotonic()

    def remove(self) -> None:
        """Forget the file: everything that was asked for is done."""
        self._new.clear()
        if self._path is not None:
            self._path.unlink(missing_ok=True)

    def _read(self, path: Path) -> None:
        """Take the whole records of the file; throw it away when it belongs to other scores, mend a torn end."""
        data = path.read_bytes()
        if data[:_HEADER] != self._header:
            path.unlink()
            return
        place = _HEADER
        while place + _KEY + _COUNT <= len(data):
            count = int.from_bytes(data[place + _KEY : place + _KEY + _COUNT], "little")
            end = place + _KEY + _COUNT + 8 * count
            if end > len(data):
                break
            values = np.frombuffer(data, dtype="<f8", count=count, offset=place + _KEY + _COUNT)
            self._known[data[place : place + _KEY]] = values.astype(np.float64)
            place = end
        if place < len(data):
            with open(path, "r+b") as file:
                file.truncate(place)
