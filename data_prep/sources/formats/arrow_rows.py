"""What the formats that Arrow reads share: text as bytes, row by row, out of small batches."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from climb.base.errors import UserError
from climb.data_prep.sources.formats.compressed import shown, unreadable
from climb.data_prep.sources.formats.row_format import LONGEST_ROW


@contextlib.contextmanager
def read_plainly(path: Path, kind: str) -> Iterator[None]:
    """Turn Arrow's complaints about a file into one sentence.

    Raises:
        UserError: the file is damaged, of another kind, unreadable, or larger in memory than there is.
    """
    import pyarrow as pa

    try:
        yield
    except MemoryError:
        raise UserError(f"{shown(path)} does not fit into memory: write it again with smaller row groups.") from None
    except FileNotFoundError:
        raise UserError(f"{shown(path)} is missing or incomplete: copy it again.") from None
    except (OSError, pa.ArrowException) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise unreadable(path, error) from None
        first = str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__
        raise UserError(f"{shown(path)} is damaged or no {kind} ({first}): copy or download it again.") from None


def is_text(kind: Any) -> bool:
    """Return whether a column of this Arrow type holds text."""
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def mean_lengths(batch: Any) -> dict[str, float | None]:
    """Return {column: mean length of its text in characters, or None} of a record batch or table."""
    import pyarrow.compute as pc

    lengths: dict[str, float | None] = {}
    for name in batch.schema.names:
        texts = is_text(batch.schema.field(name).type)
        column = batch.column(name)
        lengths[name] = float(pc.mean(pc.binary_length(_as_bytes(column))).as_py() or 0) if texts else None
    return lengths


def rows_of(path: Path, first: int, columns: Sequence[Any]) -> Iterator[tuple[int, tuple[object, ...]]]:
    """Yield (row number, values) of the columns of a batch, the text as bytes.

    Args:
        path: the file, for errors.
        first: the number of the batch's first row.
        columns: arrays or chunked arrays of equal length.

    Raises:
        UserError: a row that is longer than `LONGEST_ROW`.
    """
    import pyarrow.compute as pc

    plain = [_as_bytes(column) if is_text(column.type) else column for column in columns]
    for column, raw in zip(columns, plain, strict=True):
        if is_text(column.type):
            lengths = pc.fill_null(pc.binary_length(raw), 0).to_numpy(zero_copy_only=False)
            if len(lengths) and lengths.max() > LONGEST_ROW:
                raise UserError(
                    f"{shown(path)}, row {first + int(lengths.argmax())} is longer than {LONGEST_ROW:,} bytes: one "
                    "document a row is expected; split it."
                )
    for number, values in enumerate(zip(*plain, strict=True), start=first):
        yield number, tuple(value.as_py() for value in values)


def _as_bytes(column: Any) -> Any:
    """Return a column of text as bytes, because Arrow does not check that text is UTF-8."""
    import pyarrow as pa

    return column.cast(pa.binary() if pa.types.is_string(column.type) else pa.large_binary())
