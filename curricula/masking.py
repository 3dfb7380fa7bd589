"""What the model is asked: masked tokens, or the next token.

Masked language modelling (Devlin et al. 2019; 90/10/0 as in CLIMB): every token that is not special is a
target with probability `rate`, independently; its input becomes the mask token, a random token, or stays.
With whole words, the first token of a word decides for all of them; what becomes of each is still its own draw.
All of it is addressed by (sample number, position), so a sample is masked the same way in every process,
and differently each time its block comes back. Cost: one hash per position.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
import numpy.typing as npt

from climb.base.errors import UserError
from climb.base.random_bits import RandomBits
from climb.curricula.pacing_base import FloatArray, Pacing
from climb.curricula.plan import RunPlan

IGNORED = -100
"""The label of a position that is no target."""

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
MaskSplit = tuple[float, float, float]


class Targets(ABC):
    """Which positions are predicted, and what the model sees of them.

    Attributes:
        needs_words: whether `ask` has to know where words start.
    """

    needs_words = False

    @abstractmethod
    def ask(
        self,
        tokens: IntArray,
        special: BoolArray,
        lengths: npt.NDArray[Any],
        numbers: npt.ArrayLike,
        word_start: BoolArray | None = None,
    ) -> tuple[IntArray, IntArray]:
        """Return (inputs, labels), int64 [n, L] each; labels are IGNORED where nothing is asked.

        Args:
            tokens: token ids [n, L].
            special: whether a token is special [n, L].
            lengths: tokens of each row that are no padding [n].
            numbers: sample numbers [n].
            word_start: whether a token is the first of a word [n, L]; None will do where `needs_words` is False.

        Raises:
            ValueError: words are needed and not given.
        """

    @abstractmethod
    def aligned(self, flags: BoolArray) -> BoolArray:
        """Move a flag of tokens [n, L] to the positions where these tokens are labels."""


class MaskRate:
    """The share of tokens that are targets, step by step: a mask curriculum."""

    def __init__(self, pacing: Pacing, plan: RunPlan) -> None:
        """Set the schedule.

        Args:
            pacing: its value is the rate itself.
            plan: the steps of the run.

        Raises:
            UserError: at some step nothing would be asked.
        """
        self._pacing = pacing
        self._plan = plan
        lowest = float(np.min(pacing.value(np.arange(plan.steps), plan.steps)))
        if lowest <= 0.0:
            raise UserError(
                f"The mask curriculum falls to a rate of {lowest:g}, where nothing is asked: let it end at 0.15."
            )

    def of_step(self, step: npt.ArrayLike) -> FloatArray:
        """Return the rate at each step, float64."""
        return self._pacing.value(step, self._plan.steps)

    def of(self, numbers: npt.ArrayLike) -> FloatArray:
        """Return the rate of each sample number, float64 [n]."""
        return self.of_step(self._plan.step_of(numbers))


class MaskedTargets(Targets):
    """Masked language modelling."""

    def __init__(
        self,
        bits: tuple[RandomBits, RandomBits],
        mask_id: int,
        random_ids: IntArray,
        rate: float | MaskRate = 0.15,
        split: MaskSplit = (0.9, 0.1, 0.0),
        whole_word: bool = False,
    ) -> None:
        """Set the rates.

        Args:
            bits: for the choice of targets, and for random tokens.
            mask_id: the mask token.
            random_ids: the tokens that random replacements are drawn from, no specials.
            rate: probability that a token is a target, in (0, 1], or its schedule.
            split: probabilities (mask token, random token, kept) of a target's input; their sum is 1.
            whole_word: whether all tokens of a word are targets together.

        Raises:
            UserError: a rate or a split out of bounds.
        """
        if not isinstance(rate, MaskRate) and not 0.0 < rate <= 1.0:
            raise UserError(f"A mask rate of {rate} is outside (0, 1]: 0.15 is customary.")
        shares = len(split) == 3 and all(0.0 <= share <= 1.0 for share in split)  # False for NaN too
        if not shares or abs(sum(split) - 1.0) > 1e-9:
            raise UserError(
                f"The mask split {split} is no three shares (mask, random, keep) that add up to 1: CLIMB's is "
                "(0.9, 0.1, 0.0), BERT's (0.8, 0.1, 0.1)."
            )
        self._choice, self._replacement = bits
        self._mask_id = mask_id
        self._random_ids = random_ids
        self.rate = rate
        self.split = split
        self.needs_words = whole_word

    def ask(
        self,
        tokens: IntArray,
        special: BoolArray,
        lengths: npt.NDArray[Any],
        numbers: npt.ArrayLike,
        word_start: BoolArray | None = None,
    ) -> tuple[IntArray, IntArray]:
        """Return (inputs, labels); see `Targets.ask`."""
        rows = np.asarray(numbers, dtype=np.int64)
        rates = (self.rate.of(rows) if isinstance(self.rate, MaskRate) else np.full(len(rows), self.rate))[:, None]
        own = self._choice.uniform(rows[:, None], np.arange(tokens.shape[1])[None, :])
        leaders = self._leaders(word_start, special)
        deciding = own if leaders is None else np.take_along_axis(own, leaders, axis=1)
        row, column = np.nonzero((deciding < rates) & ~special)
        labels = np.full_like(tokens, IGNORED)
        labels[row, column] = tokens[row, column]
        # Below the rate the number is uniform again, so it also decides what becomes of the input; that of a token
        # which another one made a target is uniform as it is.
        fate = own[row, column] / rates[row, 0]
        if leaders is not None:
            fate = np.where(leaders[row, column] == column, fate, own[row, column])
        inputs = shown(
            tokens, (row, column), fate, self.split, self._mask_id, self._random_ids, self._replacement, rows
        )
        return inputs, labels

    def _leaders(self, word_start: BoolArray | None, special: BoolArray) -> IntArray | None:
        """Return the position that decides for each token; None: its own."""
        if not self.needs_words:
            return None
        if word_start is None:
            raise ValueError("masking whole words needs to know where words start")
        return word_leaders(word_start, special)

    def aligned(self, flags: BoolArray) -> BoolArray:
        """Return the flags: a token is predicted where it stands."""
        return flags


def shown(
    tokens: IntArray,
    places: tuple[IntArray, IntArray],
    fate: FloatArray,
    split: MaskSplit,
    mask_id: int,
    random_ids: IntArray,
    replacement: RandomBits,
    numbers: IntArray,
) -> IntArray:
    """Return what the model sees of tokens [n, L], int64 [n, L]: targets masked, replaced, or kept.

    Args:
        tokens: token ids [n, L].
        places: rows and columns of the targets [k] each.
        fate: a number uniform on [0, 1) for each target [k]; it decides what becomes of it.
        split: probabilities (mask token, random token, kept).
        mask_id: the mask token.
        random_ids: the tokens that random replacements are drawn from.
        replacement: draws them, by (sample number, position).
        numbers: sample numbers [n].
    """
    row, column = places
    masked = fate < split[0]
    replaced = ~masked & (fate < split[0] + split[1])
    inputs = tokens.copy()
    inputs[row[masked], column[masked]] = mask_id
    row, column = row[replaced], column[replaced]
    inputs[row, column] = random_ids[replacement.below(len(random_ids), numbers[row], column)]
    return inputs


def word_leaders(word_start: BoolArray, special: BoolArray) -> IntArray:
    """Return the position of the first token of each token's word, int64 [n, L].

    A word ends at a special token, and one that began in the block before begins again with the row.
    """
    begins = word_start | special
    begins[:, 1:] |= special[:, :-1]
    begins[:, 0] = True
    columns = np.broadcast_to(np.arange(begins.shape[1]), begins.shape)
    return np.maximum.accumulate(np.where(begins, columns, 0), axis=1)


class CausalTargets(Targets):
    """Next-token prediction; labels are shifted here, so that the loss need not know."""

    def ask(
        self,
        tokens: IntArray,
        special: BoolArray,
        lengths: npt.NDArray[Any],
        numbers: npt.ArrayLike,
        word_start: BoolArray | None = None,
    ) -> tuple[IntArray, IntArray]:
        """Return (inputs, labels): the label at t is the token at t + 1, IGNORED at the last one and at padding."""
        labels = np.full_like(tokens, IGNORED)
        labels[:, :-1] = tokens[:, 1:]
        labels[np.arange(tokens.shape[1])[None, :] >= np.asarray(lengths)[:, None] - 1] = IGNORED
        return tokens.copy(), labels

    def aligned(self, flags: BoolArray) -> BoolArray:
        """Return the flags moved one position back, False at the last."""
        moved = np.zeros_like(flags)
        moved[:, :-1] = flags[:, 1:]
        return moved
