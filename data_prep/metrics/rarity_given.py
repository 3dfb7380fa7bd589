"""Word rarity in a list of frequencies, such as SUBTLEX (Brysbaert & New 2009)."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import ClassVar

import numpy as np

from climb.base.errors import UserError
from climb.base.files import sha256_file
from climb.data_prep.difficulty.word_files import read_rows, word_numbers
from climb.data_prep.difficulty.word_values import WordValues, summed
from climb.data_prep.metric import CorpusTables, Metric, SentenceBatch, Values, run_means, with_options
from climb.data_prep.options import PrepConfig


class GivenRarity(Metric):
    """Mean −log2 of the words' relative frequency in a given list, smoothed by adding one.

    p(w) = (c(w) + u) / (Σc + u·V): every one of the V words of the list is counted u times more, and a word that
    it lacks is taken as counted u times (Laplace's rule, recommended for missing words by Brysbaert & Diependaele
    2013). u is 1 for counts; for relative frequencies it is the smallest one listed.
    """

    name = "rarity_given"
    unit = "bits per word"
    description = "mean −log2 relative frequency of the words in a given list"
    needs_option = "--frequencies FILE"
    bits: ClassVar[WordValues]
    unlisted: ClassVar[float]

    @classmethod
    def configured(cls, config: PrepConfig) -> type[Metric]:
        """Return the metric with the list of the options."""
        if config.frequencies is None:
            return cls
        path = Path(config.frequencies)
        if not path.is_file():
            raise UserError(f"--frequencies {path}: there is no such file.")
        digest = sha256_file(path)
        bits, unlisted = surprisals(path, digest)
        return with_options(
            cls,
            bits=bits,
            unlisted=unlisted,
            description=f"{cls.description} ({path.name})",
            options={"file": path.name, "sha256": digest},
        )

    @classmethod
    def described(cls, tables: CorpusTables) -> str:
        """Return the description with the share of running words that the list lacks."""
        _, found = cls.bits.find(tables.word_hashes)
        share = tables.word_counts[~found].sum() / max(int(tables.word_counts.sum()), 1)
        return f"{cls.description}; it lacks {share:.1%} of the running words"

    def sentences(self, batch: SentenceBatch) -> Values:
        """Return the mean rarity of the words of each sentence."""
        values, found = self.bits.find(batch.type_hashes)
        return run_means(np.where(found, values, self.unlisted)[batch.word_types], batch.words)


@lru_cache(maxsize=4)
def surprisals(path: Path, digest: str) -> tuple[WordValues, float]:
    """Return the smoothed −log2 relative frequency of every listed word, and that of a word not listed.

    Args:
        path: the list; words that differ in case alone are one, their counts added.
        digest: its checksum, so that a changed file is read again.

    Raises:
        UserError: the file is no list of words and numbers, or holds a negative number.
    """
    found = word_numbers(read_rows(path), None, None, preferred=("count", "freqcount", "freq", "n"))
    if min(found.numbers) < 0 or not any(found.numbers):
        raise UserError(f"{path}, column {found.column}, holds no counts: give a list of words with their counts.")
    counts = summed(found.words, found.numbers)
    whole = all(float(number).is_integer() for number in found.numbers)
    unit = 1.0 if whole else min(number for number in found.numbers if number > 0)
    total = np.log2(sum(counts.values()) + unit * len(counts))
    bits = {word: float(total - np.log2(count + unit)) for word, count in counts.items()}
    return WordValues.of(bits), float(total - np.log2(unit))
