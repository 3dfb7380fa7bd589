"""Type–token ratio, corrected for length."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from climb.data_prep.metric import BlockBatch, Metric, SentenceBatch, Values
from climb.data_prep.tokens.words import Words

SAMPLE = 42


class TypeTokenRatio(Metric):
    """HD-D (McCarthy & Jarvis 2007): the expected type–token ratio of 42 words drawn from the text.

    A text of N words whose type i occurs f_i times has Σ_i [1 − C(N − f_i, 42) / C(N, 42)] expected types in a
    sample without replacement; divided by 42, it does not fall with length as the plain ratio does. From a text of
    fewer words no such sample can be drawn: there Herdan's curve V(n) = n^C through its own N words and V types
    (C = log V / log N) is continued to 42 words, 42^(C − 1), which meets HD-D at N = 42. So a text without
    repetition has 1 at any length. Punctuation alone is no word; text without words has 0.
    """

    name = "ttr"
    unit = "types ÷ 42 words"
    description = "expected type–token ratio of 42 words of the text (HD-D)"

    def sentences(self, batch: SentenceBatch) -> Values:
        """Return the ratio of each sentence's own words."""
        return expected_ratios(batch.vocabulary.spelled)

    def blocks(self, batch: BlockBatch) -> Values:
        """Return the ratio of each block's own words."""
        return expected_ratios(batch.vocabulary.spelled)


def expected_ratios(words: Words, sample: int = SAMPLE) -> Values:
    """Return the expected type–token ratio of `sample` words of every run [R]."""
    size = words.counts.astype(np.int64)
    kinds = max(len(words.names), 1)
    pairs, frequency = np.unique(words.runs * kinds + words.types, return_counts=True)
    run = pairs // kinds
    types = np.bincount(run, minlength=len(size))
    long = size[run] >= sample
    run, frequency = run[long], frequency[long]
    absent = _log_draws(size[run] - frequency, sample) - _log_draws(size[run], sample)
    expected = np.bincount(run, weights=1.0 - np.exp(absent), minlength=len(size)) / sample
    exponent = np.log(np.maximum(types, 1)) / np.log(np.maximum(size, 2))
    curve = np.where(size == 1, 1.0, np.power(float(sample), exponent - 1.0))
    return np.where(size >= sample, expected, np.where(size > 0, curve, 0.0))


def _log_draws(total: npt.NDArray[np.int64], sample: int) -> Values:
    """Return the logarithm of total! / (total − sample)!, the ordered samples; −∞ where total < sample."""
    factorials = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, total.max(initial=0) + 1)))])
    draws = factorials[total] - factorials[np.maximum(total - sample, 0)]
    return np.where(total >= sample, draws, -np.inf)
