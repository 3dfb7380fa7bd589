"""The rows of a batch under an objective curriculum: one set for each unit, or one that several share.

Each active unit asks about the same blocks in its own way (`each`), all of them about what the first one shows
(`shared`), or every unit about blocks of its own (`split`). Costs what the units cost: 0.4 ms for 128 × 128 masked
tokens, with a vocabulary curriculum 0.5 ms more, as without objectives.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import get_args

import numpy as np
import numpy.typing as npt

from climb.base.corpus import Blocks, PreparedCorpus
from climb.base.errors import UserError
from climb.base.registry import unknown_name
from climb.base.tags import CLIMB_ID_OF_UD
from climb.curricula.lengths import Batch, cut
from climb.curricula.masking import IGNORED, MaskRate, MaskSplit
from climb.curricula.objective_base import Model, ObjectiveUnit, Rows, Setting, objective_units
from climb.curricula.objective_schedule import ObjectiveSchedule
from climb.curricula.plan import IntArray, RunPlan
from climb.curricula.token_order_base import BoolArray
from climb.curricula.vocabulary import VocabularyCurriculum

Upos = npt.NDArray[np.uint8] | None
Asked = dict[str, Batch]
"""Unit → input_ids, labels int64 [n, L], attention_mask where a row holds padding. A unit without input_ids is asked
on those of the unit before it."""


def open_units(schedule: ObjectiveSchedule, corpus: PreparedCorpus, setting: Setting) -> dict[str, ObjectiveUnit]:
    """Return {name: unit} of a schedule.

    Args:
        schedule: names them.
        corpus: the prepared corpus.
        setting: of the run.

    Raises:
        UserError: a unit that cannot be asked of this kind of model, or lacks tags or a mask token; whole words where
            nothing masks words; units that cannot share what the model sees.
    """
    classes = {name: objective_units()[name] for name in schedule.units}
    for name, unit in classes.items():
        if setting.model not in unit.models:
            raise UserError(
                f"The objective {name} of {schedule.name!r} cannot be asked of a {setting.model} model: use clm, or "
                f"train a {unit.models[0]} model."
            )
        if unit.tags and corpus.manifest.tagger is None:
            raise UserError(
                f"The curriculum {schedule.name!r} needs part-of-speech tags and {corpus.folder} has none: prepare "
                "it again without --no-parse, or use objectives that predict tokens."
            )
    if setting.whole_word and not any(unit.rated for unit in classes.values()):
        raise UserError(f"The curriculum {schedule.name!r} masks no tokens, so no whole words: leave whole_word out.")
    if setting.mask_id is None and any(unit.rated or setting.model == "masked" for unit in classes.values()):
        raise UserError(
            f"The tokenizer of {corpus.folder} has no mask token: prepare the corpus with a tokenizer that has one, "
            "or train a causal model."
        )
    units = {name: unit(setting) for name, unit in classes.items()}
    if schedule.mode == "shared":
        for one, other in pairwise(units.values()):
            if (one.masks, one.causal) != (other.masks, other.causal):
                raise UserError(
                    f"The objectives {one.name} and {other.name} of {schedule.name!r} cannot share one pass, since "
                    "one masks tokens and the other hides what comes later: leave mode=shared out, or use mode=split."
                )
    return units


def setting_of(
    corpus: PreparedCorpus,
    model: Model,
    special: BoolArray,
    seed: int,
    stream: str,
    rate: float | MaskRate,
    split: MaskSplit,
    whole_word: bool = False,
) -> Setting:
    """Return what the units of a run share; see `climb.curricula.parts.targets_of` for the arguments.

    Raises:
        UserError: no such kind of model.
    """
    if model not in get_args(Model):
        raise unknown_name("objective", model, get_args(Model))
    mask_id = corpus.tokenizer.mask_token_id
    return Setting(model, seed, stream, mask_id, np.flatnonzero(~special), rate, split, whole_word)


class ObjectiveRows:
    """Ask the active units of a run's samples."""

    def __init__(
        self,
        schedule: ObjectiveSchedule,
        units: Mapping[str, ObjectiveUnit],
        plan: RunPlan,
        special: BoolArray,
        vocabulary: VocabularyCurriculum | None,
        unk_id: int | None,
    ) -> None:
        """Put the parts together.

        Args:
            schedule: which units are active.
            units: all of them.
            plan: the steps of the curriculum.
            special: whether a token id is special, bool [V].
            vocabulary: what is hidden, if anything.
            unk_id: what it is hidden behind; None will do where nothing is.
        """
        self._schedule = schedule
        self._units = units
        self._plan = plan
        self._special = special
        self._vocabulary = vocabulary
        self._unk_id = -1 if unk_id is None else unk_id
        self._needs_tags = bool(vocabulary and vocabulary.needs_tags) or any(unit.tags for unit in units.values())
        self._needs_words = any(unit.rated and unit.setting.whole_word for unit in units.values())

    def ask(self, blocks: Blocks, examples: IntArray, numbers: IntArray, piece: int) -> Asked:
        """Return the rows of each unit active, in the order of the name.

        Args:
            blocks: of the corpus.
            examples: blocks to ask about [n].
            numbers: their sample numbers in the curriculum [n].
            piece: tokens of the rows that blocks are cut into.

        Raises:
            ValueError: the samples belong to steps with different units.
        """
        active = self._schedule.active(self._plan.step_of(numbers))
        if self._schedule.mode != "split":
            return self._each(active, blocks, examples, numbers, piece)
        served = self._schedule.serving(numbers)
        asked: Asked = {}
        for name in active:
            mine = served == self._schedule.units.index(name)
            asked |= self._each((name,), blocks, examples[mine], numbers[mine], piece)
        return asked

    def _each(
        self, names: tuple[str, ...], blocks: Blocks, examples: IntArray, numbers: IntArray, piece: int
    ) -> Asked:
        rows, upos = self._rows(blocks, examples, numbers, piece)
        tokens = self._shown_tokens(rows, upos)
        shared = self._schedule.mode == "shared"
        asked: Asked = {}
        led: tuple[IntArray, BoolArray] | None = None
        for name in names:
            unit = self._units[name]
            follows = shared and led is not None
            if led is None or not shared:
                inputs, chosen = led = unit.choose(rows)
            else:
                chosen = led[1] & unit.askable(rows) if unit.masks else unit.askable(rows)
            batch = {"labels": unit.labels(rows, chosen, tokens)}
            if not follows:
                batch["input_ids"] = self._shown_inputs(inputs, upos, rows.numbers)
                if not rows.real().all():
                    batch["attention_mask"] = rows.real().astype(np.int64)
            asked[name] = _cut(batch, piece, rows)
        return asked

    def _rows(self, blocks: Blocks, examples: IntArray, numbers: IntArray, piece: int) -> tuple[Rows, Upos]:
        """Return the rows, and the UD tags of their tokens [n, L] where they are needed."""
        tokens = blocks.tokens(examples)
        upos = blocks.upos(examples) if self._needs_tags else None
        words = blocks.word_start(examples) if self._needs_words else None
        tags = None if upos is None else CLIMB_ID_OF_UD[upos].astype(np.int64)
        lengths = blocks.length[examples]
        return Rows(tokens, self._special[tokens], lengths, numbers, piece, words, tags), upos

    def _shown_tokens(self, rows: Rows, upos: Upos) -> IntArray:
        """Return the tokens that are right answers [n, L]: `<unk>`, or none, where the vocabulary hides them."""
        if self._vocabulary is None:
            return rows.tokens
        hidden = self._vocabulary.hidden(rows.tokens, upos, rows.numbers)
        return np.where(hidden, IGNORED if self._vocabulary.ignore else self._unk_id, rows.tokens)

    def _shown_inputs(self, inputs: IntArray, upos: Upos, numbers: IntArray) -> IntArray:
        """Return what the model sees [n, L], with what the vocabulary hides behind `<unk>`."""
        if self._vocabulary is None:
            return inputs
        return np.where(self._vocabulary.hidden(inputs, upos, numbers), self._unk_id, inputs)


def _cut(batch: Batch, piece: int, rows: Rows) -> Batch:
    """Return a unit's rows cut into pieces; whole blocks stay as they are."""
    if piece == rows.tokens.shape[1]:
        return batch
    batch = cut(batch, piece, rows.real())
    if batch.get("attention_mask", np.ones(1)).all():
        batch.pop("attention_mask", None)
    return batch
