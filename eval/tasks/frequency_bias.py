"""Frequency bias on BLiMP (Diehl Martinez et al. 2024): accuracy for frequent minus accuracy for rare tokens."""

from __future__ import annotations

from typing import ClassVar

from climb.eval.bias.pair_bias import PairBiasTask
from climb.eval.minimal_pairs import MinimalPairTask
from climb.eval.tasks.blimp import Blimp


class FrequencyBias(PairBiasTask):
    """Frequency bias on BLiMP's replacement pairs."""

    name: ClassVar[str] = "frequency_bias"
    description: ClassVar[str] = "frequency bias on BLiMP: accuracy in the high minus the low third of frequency"
    pairs_from: ClassVar[type[MinimalPairTask]] = Blimp
