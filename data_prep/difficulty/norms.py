"""Age of acquisition and any other per-word norm: a metric for every `--norms [NAME=]FILE[:[WORDS:]COLUMN]`.

The metric is the mean norm of the words that have one; text without such a word gets the mean of the running
words of the training text, so that it is neither easy nor hard. Words are compared as `rarity` compares them;
see `WordValues` for forms such as *dog's*. A minus before the column (`FILE:-Concreteness`) turns a norm whose
high values are easy. Sources: Kuperman, Stadthagen-Gonzalez & Brysbaert (2012) for age of acquisition;
Brysbaert, Warriner & Kuperman (2014) for concreteness.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from climb.base.errors import UserError
from climb.base.files import sha256_file
from climb.data_prep.difficulty.word_files import read_rows, word_numbers
from climb.data_prep.difficulty.word_values import WordValues, averaged
from climb.data_prep.metric import CorpusTables, Metric, SentenceBatch, Values, run_means, with_options
from climb.data_prep.options import PrepConfig
from climb.data_prep.tokens.words import normal_word, word_hash

AGE_OF_ACQUISITION = "aoa"
"""The name of the norm that the lexicon also holds."""

_NAME = re.compile(r"[A-Za-z]\w*")


@dataclass(frozen=True)
class NormFile:
    """What one `--norms` asks for."""

    path: Path
    name: str | None = None
    words: str | None = None
    column: str | None = None
    turned: bool = False

    def absolute(self) -> str:
        """Return how the same is asked for from any folder."""
        columns = [self.words, self.column] if self.words else [self.column] if self.column or self.turned else []
        if self.turned:
            columns[-1] = f"-{self.column or ''}"
        name = f"{self.name}=" if self.name else ""
        return name + ":".join([str(self.path.resolve()), *(column or "" for column in columns)])


@dataclass(frozen=True)
class Norm:
    """A norm, read."""

    name: str
    column: str
    word_column: str
    encoding: str
    sha256: str
    turned: bool
    entries: int
    table: WordValues

    def recorded(self, path: Path) -> dict[str, Any]:
        """Return what of a norm decides the values, without anybody's folders."""
        return {
            "name": self.name,
            "file": path.name,
            "sha256": self.sha256,
            "words": self.word_column,
            "column": ("-" if self.turned else "") + self.column,
        }

    def coverage(self, tables: CorpusTables) -> float:
        """Return the share of the training text's running words that have a norm."""
        _, found = self.table.find(tables.word_hashes)
        return float(tables.word_counts[found].sum() / max(int(tables.word_counts.sum()), 1))

    def mean(self, tables: CorpusTables) -> float:
        """Return the mean over the running words of the training text that have a norm; of the list without any."""
        values, found = self.table.find(tables.word_hashes)
        counts = tables.word_counts[found]
        return float(np.average(values[found], weights=counts)) if counts.sum() else float(self.table.values.mean())


def norm_file(text: str) -> NormFile:
    """Return what `[NAME=]FILE[:[WORDS:]COLUMN]` means; colons and equal signs in a file's own name are allowed.

    Raises:
        UserError: there is no such file.
    """
    name, rest = None, text
    before, equals, after = text.partition("=")
    if equals and _NAME.fullmatch(before) and not Path(text).is_file():
        name, rest = before, after
    parts = rest.split(":")
    for taken in range(3):
        path = Path(":".join(parts[: len(parts) - taken]))
        if len(parts) > taken and path.is_file():
            columns = parts[len(parts) - taken :]
            column = columns[-1] if columns else None
            turned = bool(column) and str(column).startswith("-")
            words = columns[0] if taken == 2 else None
            return NormFile(path, name, words or None, (column or "").removeprefix("-") or None, turned)
    raise UserError(f"--norms {text}: there is no such file; write [NAME=]FILE[:COLUMN].")


def read_norm(file: NormFile) -> Norm:
    """Read a norm; duplicates are averaged, missing values skipped.

    Raises:
        UserError: the file cannot be read or is no table of words; the column is not there, or must be named.
    """
    stat = file.path.stat()
    return _read_norm(file, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=16)
def _read_norm(file: NormFile, modified: int, size: int) -> Norm:
    found = word_numbers(read_rows(file.path), file.words, file.column, preferred=(AGE_OF_ACQUISITION,))
    sign = -1.0 if file.turned else 1.0
    entries = averaged(found.words, (sign * number for number in found.numbers))
    slug = re.sub(r"[^a-z0-9]+", "_", found.column.lower()).strip("_") or "norm"
    by_column = AGE_OF_ACQUISITION if slug.startswith(AGE_OF_ACQUISITION) else slug
    return Norm(
        name=file.name or (by_column if by_column[0].isalpha() else f"norm_{by_column}"),
        column=found.column,
        word_column=found.word_column,
        encoding=found.encoding,
        sha256=sha256_file(file.path),
        turned=file.turned,
        entries=len(entries),
        table=WordValues.of(entries),
    )


def read_norms(config: PrepConfig) -> dict[str, Norm]:
    """Return the norms that the options name, by their names.

    Raises:
        UserError: a file cannot be used, or two norms bear the same name.
    """
    norms: dict[str, Norm] = {}
    for text in config.norms:
        norm = read_norm(norm_file(text))
        if norm.name in norms:
            raise UserError(f"Two norms are called {norm.name!r}: name one, as in --norms other={text}.")
        norms[norm.name] = norm
    return norms


class NormMetric(Metric):
    """Mean norm of the words that have one; made for every norm by `norm_metrics`."""

    name = "norm"
    unit = "rating"
    description = "mean norm of the words"
    norm: ClassVar[Norm]

    _filler: float | None = None

    @classmethod
    def described(cls, tables: CorpusTables) -> str:
        """Return the description with the share of running words that have a norm."""
        return f"{cls.description}; {cls.norm.coverage(tables):.1%} of the running words have one"

    def sentences(self, batch: SentenceBatch) -> Values:
        """Return the mean norm of each sentence's words that have one, the corpus' mean where none has."""
        if self._filler is None:
            self._filler = self.norm.mean(self.tables)
        values, found = self.norm.table.find(batch.type_hashes)
        share = run_means(found[batch.word_types].astype(np.float64), batch.words)
        mean = run_means(values[batch.word_types], batch.words) / np.where(share > 0, share, 1.0)
        return np.where(share > 0, mean, self._filler)


def norm_metrics(config: PrepConfig) -> dict[str, type[Metric]]:
    """Return a metric for every norm that the options name.

    Raises:
        UserError: a file cannot be used, or two norms bear the same name.
    """
    files = [norm_file(text) for text in config.norms]
    kinds: dict[str, type[Metric]] = {}
    for file, norm in zip(files, read_norms(config).values(), strict=True):
        kinds[norm.name] = with_options(
            NormMetric,
            name=norm.name,
            unit="years" if norm.name == AGE_OF_ACQUISITION else "rating",
            description=f"mean {'turned ' if norm.turned else ''}{norm.column} of the words ({file.path.name})",
            norm=norm,
            options=norm.recorded(file.path),
        )
    return kinds


def token_norms(texts: Sequence[str], norm: Norm, begins_word: bool = True) -> npt.NDArray[np.float32]:
    """Return a norm for every token that is a whole word by itself, NaN for the others [V].

    Args:
        texts: what each token stands for, a space where a word begins (`token_texts`).
        norm: the norm, for example age of acquisition.
        begins_word: whether only tokens that begin with a space begin a word.
    """
    words = [text.strip() for text in texts]
    values, found = norm.table.find(np.array([word_hash(normal_word(word)) for word in words], dtype=np.uint64))
    begins = [text.startswith(" ") or not begins_word for text in texts]
    whole = [begin and word.isalpha() for begin, word in zip(begins, words, strict=True)]
    return np.where(found & np.array(whole, dtype=bool), values, np.nan).astype(np.float32)
