"""Which sentences an update sees, and in what disguise: a pure function of seed and step.

Sentences are drawn with replacement, so nothing has to be remembered between updates and a resumed training sees
what an uninterrupted one sees. A share of them is lower-cased, set with typographic quotes, or followed by a second
sentence: corpora hold lower-case speech, books with curly quotes and lines of several sentences, treebanks hardly.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from climb.base.random_bits import RandomBits
from climb.data_prep.parsing.training.conllu import Tree
from climb.data_prep.parsing.training.options import ParserConfig

_SMALLEST = 0.25
"""Share of the full batch that the first update sees; it grows geometrically."""
_GROWS = 0.25
"""Share of the steps in which it grows."""
_CHUNK = 256
_TYPOGRAPHIC = {
    "'": "’", '"': "”", "``": "“", "''": "”", "n't": "n’t", "'s": "’s", "'m": "’m", "'re": "’re", "'ve": "’ve",
    "'ll": "’ll", "'d": "’d", "--": "—", "-": "–", "...": "…",
}  # fmt: skip


class Batches:
    """The batches of a training.

    Args:
        treebanks: the sentences of each file.
        config: the recipe.
    """

    def __init__(self, treebanks: Sequence[Sequence[Tree]], config: ParserConfig) -> None:
        self._trees = [tree for trees in treebanks for tree in trees]
        self._config = config
        self._bits = RandomBits(config.seed, "parser batches")
        weights = config.weights or [1.0] * len(treebanks)
        chances = np.repeat(weights, [len(trees) for trees in treebanks])
        self._ladder = np.cumsum(chances) / chances.sum()

    def trees(self, step: int) -> list[Tree]:
        """Return the sentences of a step, counted from 0."""
        config, bits = self._config, self._bits
        chosen: list[Tree] = []
        words, first, wanted = 0, 0, batch_words(config, step)
        while words < wanted:
            draws = np.arange(first, first + _CHUNK)
            picks = np.searchsorted(self._ladder, bits.uniform(step, draws, [[0], [1]]), side="right")
            picks = np.minimum(picks, len(self._trees) - 1)
            dice = bits.uniform(step, draws, [[2], [3], [4]])
            for pick, second, lower, curly, more in zip(*picks, *dice, strict=True):
                tree = self._trees[pick]
                if more < config.joined:
                    tree = joined(tree, self._trees[second])
                if lower < config.lowercase:
                    tree = dataclasses.replace(tree, words=tuple(word.lower() for word in tree.words))
                if curly < config.typographic:
                    tree = dataclasses.replace(tree, words=tuple(_TYPOGRAPHIC.get(word, word) for word in tree.words))
                chosen.append(tree)
                words += len(tree.words)
                if words >= wanted:
                    break
            first += _CHUNK
        return chosen


def batch_words(config: ParserConfig, step: int) -> float:
    """Return how many words a step sees at least."""
    grown = min(1.0, step / max(1.0, _GROWS * config.steps))
    return float(config.batch_words * _SMALLEST ** (1.0 - grown))


def learning_rate(config: ParserConfig, step: int) -> float:
    """Return the learning rate of a step: it rises over the warm-up and falls to 0, both in straight lines."""
    rising = config.warmup * config.steps
    if step < rising:
        return config.learning_rate * (step + 1) / (rising + 1)
    return config.learning_rate * (config.steps - step) / (config.steps - rising)


def joined(one: Tree, two: Tree) -> Tree:
    """Return two sentences as one text with two roots."""
    shift = len(one.words)
    return Tree(
        words=one.words + two.words,
        spaces=(*one.spaces[:-1], True, *two.spaces),
        tags=one.tags + two.tags,
        heads=one.heads + tuple(head + shift for head in two.heads),
        relations=one.relations + two.relations,
    )
