"""What an objective of an objective curriculum is: which tokens are asked about, what the model sees, what is right.

One small class per file in `climb.curricula.objectives`; `objective_UNIT_UNIT` finds them by that folder. A unit asks
about tokens (`mlm`, `clm`, `mntp`) or about their tags (`pos`, …), and reads the answer where the token stands or one
position before it. Everything is addressed by (sample number, position), as in `climb.curricula.masking`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from climb.base.plugin import parts
from climb.base.random_bits import RandomBits
from climb.curricula.masking import IGNORED, BoolArray, IntArray, MaskedTargets, MaskRate, MaskSplit, Targets

Model = Literal["masked", "causal"]


@dataclass(frozen=True)
class Setting:
    """What the units of a run share.

    Attributes:
        model: the kind of model that is asked.
        seed: of the masks.
        stream: another one gives other masks.
        mask_id: the mask token; None where the tokenizer has none.
        ordinary: the token ids that random replacements are drawn from, no specials.
        rate: share of tokens that token units ask about, or its schedule.
        split: shares of their targets shown as the mask token, a random token, themselves.
        whole_word: whether token units ask about whole words.
    """

    model: Model
    seed: int
    stream: str
    mask_id: int | None
    ordinary: IntArray
    rate: float | MaskRate
    split: MaskSplit
    whole_word: bool = False


@dataclass(frozen=True)
class Rows:
    """Blocks of text that a unit asks about.

    Attributes:
        tokens: token ids [n, L].
        special: whether a token is special [n, L].
        lengths: tokens of each row that are no padding [n].
        numbers: sample numbers [n].
        piece: tokens of the pieces that blocks are cut into; L without a length curriculum.
        word_start: whether a token is the first of a word [n, L]; None where no unit needs it.
        tags: places of the tokens' tags among CLIMB's twelve [n, L]; None where no unit needs them.
    """

    tokens: IntArray
    special: BoolArray
    lengths: npt.NDArray[Any]
    numbers: IntArray
    piece: int
    word_start: BoolArray | None = None
    tags: IntArray | None = None

    def real(self) -> BoolArray:
        """Return whether a position is no padding [n, L]."""
        return np.asarray(np.arange(self.tokens.shape[1])[None, :] < self.lengths[:, None])

    def later(self) -> BoolArray:
        """Return whether a position has one before it in its block, bool [1, L]."""
        return np.arange(self.tokens.shape[1])[None, :] > 0


@dataclass(frozen=True)
class UnitShape:
    """What a model needs to know of a unit.

    Attributes:
        name: of the unit; empty in a run without an objective curriculum.
        classes: classes of its own head; 0 where the language-model head answers.
        causal: whether a position must not see the later ones.
        before: whether the answer is read one position before the token.
    """

    name: str
    classes: int
    causal: bool
    before: bool


class ObjectiveUnit(ABC):
    """One objective.

    Attributes:
        name: as in objective_NAME.
        summary: what is asked, for lists.
        tags: what the classes 1, 2, … of its head stand for, in CLIMB's names; class 0 is any other tag. Empty
            where tokens are predicted.
        precedence: which of several token units with equal weights is the main one, the lowest.
        models: the kinds of models that can be asked.
        rated: whether the mask rate, its curriculum and whole words act on it.
        masks: whether the model sees masked tokens.
        causal: whether a position must not see the later ones.
        before: whether the answer is read one position before the token.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    tags: ClassVar[tuple[str, ...]] = ()
    precedence: ClassVar[int] = 0
    models: ClassVar[tuple[Model, ...]] = ("masked", "causal")
    rated: ClassVar[bool] = False
    masks: bool = True
    causal: bool = False
    before: bool = False

    def __init__(self, setting: Setting) -> None:
        self.setting = setting

    @property
    def shape(self) -> UnitShape:
        """What a model needs to know."""
        return UnitShape(self.name, len(self.tags) + 1 if self.tags else 0, self.causal, self.before)

    @abstractmethod
    def askable(self, rows: Rows) -> BoolArray:
        """Return which tokens can be asked about at all [n, L]."""

    @abstractmethod
    def choose(self, rows: Rows) -> tuple[IntArray, BoolArray]:
        """Return (inputs, asked): what the model sees, int64 [n, L], and which tokens are asked about [n, L]."""

    def answers(self, rows: Rows, tokens: IntArray) -> IntArray:
        """Return the right answer for each token [n, L]; `tokens` are those of the rows with hidden ones replaced."""
        return tokens

    def labels(self, rows: Rows, asked: BoolArray, tokens: IntArray) -> IntArray:
        """Return the labels, int64 [n, L], at the positions where the answers are read; IGNORED elsewhere.

        Args:
            rows: what is asked about.
            asked: which tokens are [n, L].
            tokens: the rows' tokens, with those that a vocabulary curriculum hides replaced.
        """
        labels = np.where(asked, self.answers(rows, tokens), IGNORED)
        if self.before:
            labels = np.roll(labels, -1, axis=1)
            labels[:, -1] = IGNORED
        return labels

    def mask_id(self) -> int:
        """Return the mask token.

        Raises:
            ValueError: the tokenizer has none.
        """
        if self.setting.mask_id is None:
            raise ValueError(f"the objective {self.name} needs a mask token")
        return self.setting.mask_id


class MaskedTokens(ObjectiveUnit):
    """An objective that masks tokens at the rate of the run and asks which they were."""

    models: ClassVar[tuple[Model, ...]] = ("masked",)
    rated: ClassVar[bool] = True

    def __init__(self, setting: Setting, stream: str) -> None:
        """Set the masks.

        Args:
            setting: of the run.
            stream: of the masks.
        """
        super().__init__(setting)
        bits = RandomBits(setting.seed, stream), RandomBits(setting.seed, f"{stream}/replacement")
        self._masked = MaskedTargets(
            bits, self.mask_id(), setting.ordinary, setting.rate, setting.split, setting.whole_word
        )

    def choose(self, rows: Rows) -> tuple[IntArray, BoolArray]:
        """Return (inputs, asked); see `ObjectiveUnit.choose`."""
        inputs, labels = self._masked.ask(
            rows.tokens, ~self.askable(rows), rows.lengths, rows.numbers, rows.word_start
        )
        return inputs, labels != IGNORED


class UnitTargets(Targets):
    """A token unit in the form in which held-out text is asked."""

    def __init__(self, unit: ObjectiveUnit) -> None:
        self._unit = unit
        self.needs_words = unit.rated and unit.setting.whole_word

    def ask(
        self,
        tokens: IntArray,
        special: BoolArray,
        lengths: npt.NDArray[Any],
        numbers: npt.ArrayLike,
        word_start: BoolArray | None = None,
    ) -> tuple[IntArray, IntArray]:
        """Return (inputs, labels); see `Targets.ask`."""
        rows = Rows(tokens, special, lengths, np.asarray(numbers, np.int64), tokens.shape[1], word_start)
        inputs, asked = self._unit.choose(rows)
        return inputs, self._unit.labels(rows, asked, tokens)

    def aligned(self, flags: BoolArray) -> BoolArray:
        """Return flags of tokens at the positions where these tokens are labels."""
        if not self._unit.before:
            return flags
        moved = np.roll(flags, -1, axis=1)
        moved[:, -1] = False
        return moved


def objective_units() -> dict[str, type[ObjectiveUnit]]:
    """Return {name: class} of the objectives, a plugin's among them."""
    from climb.curricula import objectives as folder

    return parts(folder, ObjectiveUnit)  # type: ignore[type-abstract]
