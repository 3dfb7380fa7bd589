"""The minimal pairs of the embedded sample corpus: the offline benchmark, always at hand."""

from __future__ import annotations

from typing import ClassVar

from climb.eval.minimal_pairs import MinimalPairTask, Pair


class SamplePairs(MinimalPairTask):
    """Pairs made by the embedded grammar, `pairs` per paradigm, by seed."""

    name: ClassVar[str] = "sample_pairs"
    description: ClassVar[str] = "minimal pairs of the embedded sample corpus"

    def load(self) -> None:
        """Make the pairs; nothing is read."""
        from climb.sample_corpus import minimal_pairs

        made = minimal_pairs(self.config.pairs, self.config.seed)
        pairs = [
            Pair(uid, number, pair.sentence_good, pair.sentence_bad, pair.linguistics_term, pair.field)
            for uid, paradigm in sorted(made.items())
            for number, pair in enumerate(paradigm)
        ]
        self.take(pairs, f"embedded sample corpus, {self.config.pairs} pairs per paradigm, seed {self.config.seed}")
