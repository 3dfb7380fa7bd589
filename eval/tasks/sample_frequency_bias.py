"""Frequency bias on the minimal pairs of the embedded sample corpus: the same measurement, offline."""

from __future__ import annotations

from typing import ClassVar

from climb.eval.bias.pair_bias import PairBiasTask
from climb.eval.minimal_pairs import MinimalPairTask
from climb.eval.tasks.sample_pairs import SamplePairs


class SampleFrequencyBias(PairBiasTask):
    """Frequency bias on the embedded pairs; not comparable with the figure on BLiMP."""

    name: ClassVar[str] = "sample_frequency_bias"
    description: ClassVar[str] = "frequency bias on the minimal pairs of the embedded sample corpus"
    pairs_from: ClassVar[type[MinimalPairTask]] = SamplePairs
