"""Objectives that ask for the part of speech of a token instead of the token (CLIMB, Martinez et al. 2023).

On a masked model a token is asked about, independently, with probability 0.4 where its tag is one of the listed
and 0.15 elsewhere, specials never; of these 80 % are shown as the mask token, 10 % as a random token, 10 % as they
are. Class 0 is a tag that is not listed, class k the k-th listed. On a causal model nothing is masked: every
position is asked for the tag of the next token. Unlike in CLIMB random tokens are never special.
"""

from __future__ import annotations

import numpy as np

from climb.base.random_bits import RandomBits
from climb.base.tags import CLIMB_ID, CLIMB_TAGS
from climb.curricula.masking import BoolArray, IntArray, shown
from climb.curricula.objective_base import ObjectiveUnit, Rows, Setting

LISTED_RATE, OTHER_RATE = 0.4, 0.15
SPLIT = (0.8, 0.1, 0.1)


class TagObjective(ObjectiveUnit):
    """The tag of masked tokens, or on a causal model of the next one; subclasses list the tags."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.masks = setting.model == "masked"
        self.causal = self.before = setting.model == "causal"
        stream = f"{setting.stream}/{self.name}"
        self._choice = RandomBits(setting.seed, stream)
        self._replacement = RandomBits(setting.seed, f"{stream}/replacement")
        self._class_of = np.zeros(len(CLIMB_TAGS), dtype=np.int64)
        self._class_of[[CLIMB_ID[tag] for tag in self.tags]] = np.arange(1, len(self.tags) + 1)

    def askable(self, rows: Rows) -> BoolArray:
        """Return which tokens are not special; on a causal model, and have one before them."""
        ordinary = ~rows.special & rows.real()
        return ordinary & rows.later() if self.before else ordinary

    def choose(self, rows: Rows) -> tuple[IntArray, BoolArray]:
        """Return (inputs, asked); see `ObjectiveUnit.choose`."""
        if not self.masks:
            return rows.tokens.copy(), self.askable(rows)
        rates = np.where(self.answers(rows, rows.tokens) > 0, LISTED_RATE, OTHER_RATE)
        own = self._choice.uniform(rows.numbers[:, None], np.arange(rows.tokens.shape[1])[None, :])
        asked = (own < rates) & self.askable(rows)
        row, column = np.nonzero(asked)
        # Below the rate the number is uniform again, so it also decides what becomes of the input.
        fate = own[row, column] / rates[row, column]
        random_ids = self.setting.ordinary
        inputs = shown(
            rows.tokens, (row, column), fate, SPLIT, self.mask_id(), random_ids, self._replacement, rows.numbers
        )
        return inputs, asked

    def answers(self, rows: Rows, tokens: IntArray) -> IntArray:
        """Return the class of each token's tag [n, L]; hidden tokens keep theirs.

        Raises:
            ValueError: the tags are not there.
        """
        if rows.tags is None:
            raise ValueError(f"the objective {self.name} needs the tags of the tokens")
        return self._class_of[rows.tags]
