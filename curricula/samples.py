"""What the model sees: the composition of order, targets and vocabulary, as a pure function of the number.

    samples = build("vocab_linear", PreparedCorpus(Path("data/sample")), RunPlan(1000, 32), seed=0)
    samples.batch(range(32))    # the 32 rows of step 0, whoever asks, in whatever order

Row i of a batch depends on the i-th sample number alone. As in CLIMB, targets are chosen on the original
tokens, then inputs are corrupted, then the vocabulary is hidden in inputs and in targets. Cost:
one hash per token of a masked batch, one look-up per token of a vocabulary curriculum.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from climb.base.corpus import Blocks, PreparedCorpus
from climb.base.errors import UserError
from climb.base.plugin import Plugin, in_use
from climb.curricula.lengths import Batch, cut
from climb.curricula.masking import IGNORED, MaskSplit, Targets
from climb.curricula.objective_base import UnitShape, UnitTargets, objective_units
from climb.curricula.objective_rows import ObjectiveRows, open_units, setting_of
from climb.curricula.order import Chunked
from climb.curricula.parts import CurriculumParts, Objective, targets_of
from climb.curricula.plan import IntArray, RunPlan
from climb.curricula.plugins import use_plugins_again
from climb.curricula.self_scoring import SelfScores
from climb.curricula.special_tokens import special_ids
from climb.curricula.vocabulary import VocabularyCurriculum

_HELD_OUT_SEED = 0
_HELD_OUT_RATES: tuple[float, MaskSplit] = (0.15, (1.0, 0.0, 0.0))
"""What held-out text is masked with, whatever a run trains with: so that losses of runs can be compared."""


class Samples:
    """The samples of a run, by number; made by `build`.

    Attributes:
        curriculum: canonical name of the curriculum.
        plan: which numbers belong to which step; steps differ in size under a batch curriculum.
        objectives: which are active at which step of the curriculum; None without an objective curriculum.
        units: the shapes of their units; none without.
        self_scoring: how the model scores the blocks while it trains; None where it does not.
        scores: the difficulties that a self-scored curriculum goes by; see `refresh`.
    """

    units: tuple[UnitShape, ...] = ()

    def __init__(
        self,
        corpus: PreparedCorpus,
        plan: RunPlan,
        curriculum: str,
        seed: int,
        objective: Objective = "masked",
        mask_rate: float = 0.15,
        mask_split: MaskSplit = (0.9, 0.1, 0.0),
        whole_word: bool = False,
    ) -> None:
        """Put the parts together; `build` says what the arguments are and what is refused."""
        parts = CurriculumParts(curriculum, corpus, plan, seed)
        parts.refuse_positions(objective)
        self.curriculum = parts.name
        self._recipe = (corpus.folder, plan, self.curriculum, seed, objective, mask_rate, mask_split, whole_word)
        self._plugins = in_use()
        self._blocks = corpus.train
        self._corpus = corpus
        self._special = special_ids(corpus)
        self._unk_id = corpus.tokenizer.unk_token_id
        self._parts = parts
        self._order = Chunked(parts.order, plan.total_samples)
        self._vocabulary = parts.vocabulary(self._special)
        self.objectives = parts.objectives
        rate = parts.mask_rate(objective) or mask_rate
        run = corpus, objective, self._special, seed, "mask", rate, mask_split, whole_word
        fixed = corpus, objective, self._special, _HELD_OUT_SEED, "held-out", *_HELD_OUT_RATES
        if parts.objectives is None:
            self._targets = targets_of(*run)
            self._held_out_targets = targets_of(*fixed)
        else:
            units = open_units(parts.objectives, corpus, setting_of(*run))
            self.units = tuple(unit.shape for unit in units.values())
            self._asked = ObjectiveRows(
                parts.objectives, units, parts.plan, self._special, self._vocabulary, self._unk_id
            )
            self._held_out_targets = UnitTargets(objective_units()[parts.objectives.main](setting_of(*fixed)))
        # Where samples change places, all of the above still goes by the numbers of the curriculum.
        self._renumbering = parts.renumbering
        self.plan = parts.plan if self._renumbering is None else self._renumbering.plan
        self.self_scoring, self.scores = parts.self_scoring, parts.scores
        self._known = self._known_numbers()

    def __reduce__(self) -> tuple[Any, ...]:
        # Loader processes open the corpus again: its memory map is shared, a pickle of it would be a copy.
        return _reopen, (self._plugins, *self._recipe), self.scores

    def __setstate__(self, scores: SelfScores) -> None:
        self.refresh(scores)

    def segments(self) -> list[range]:
        """Return the steps between refreshes of the difficulty; one segment where the model gives none."""
        borders = [0, *self._parts.refresh_steps().tolist(), self.plan.steps]
        return [range(first, last) for first, last in pairwise(borders)]

    def refresh(self, scores: SelfScores) -> None:
        """Go by the scores of a refresh: from now on the samples of its segment are known, and no others.

        Raises:
            ValueError: the curriculum is not self-scored, or has fewer segments or other blocks.
        """
        if self.scores is None or scores.refreshes >= len(self.segments()):
            raise ValueError(f"{self.curriculum} has no refresh number {scores.refreshes}")
        if scores.values.shape != self.scores.values.shape:
            raise ValueError(f"{len(scores.values)} scores for {len(self.scores.values)} blocks")
        self.scores = scores
        self._parts.reorder(scores)
        self._order = Chunked(self._parts.order, self._parts.plan.total_samples)
        self._known = self._known_numbers()

    def foresee(self) -> None:
        """Let the scores at hand decide about all samples of the run, to estimate what it costs before it begins."""
        self._known = range(self.plan.total_samples)

    def _known_numbers(self) -> range:
        """Return the sample numbers that the scores at hand decide about; all where there are none."""
        segment = self.segments()[0 if self.scores is None else self.scores.refreshes]
        return range(self.plan.numbers_of(segment.start).start, self.plan.numbers_of(segment.stop - 1).stop)

    def examples(self, numbers: npt.ArrayLike) -> IntArray:
        """Return the training block of each sample number, int64 [n].

        Raises:
            IndexError: a number is outside the run.
        """
        return self._order.examples(self._original(numbers))

    def batch(self, numbers: npt.ArrayLike) -> Batch:
        """Return the rows of these sample numbers, in their order.

        A sample is a block and its row has all L of its tokens; under a length curriculum it is several shorter
        rows, of one length for all samples of a step, and pieces of padding alone are left out.

        Returns:
            input_ids, labels int64 [n, L], labels −100 where nothing is asked; attention_mask int64 [n, L] only
            when a row holds padding; examples (training blocks) and numbers int64 [n]. Under an objective curriculum
            objectives, the rows of each active unit (`climb.curricula.objective_rows.Asked`), instead of the first
            three.

        Raises:
            IndexError: a number is outside the run.
            ValueError: under a length curriculum, the samples have rows of several lengths; under an objective
                curriculum, they serve several sets of objectives.
        """
        asked = np.atleast_1d(np.asarray(numbers, dtype=np.int64))
        original = self._original(asked)
        examples = self._order.examples(original)
        if self.objectives is not None:
            asked_of = self._asked.ask(self._blocks, examples, original, self._length(original))
            return {"objectives": asked_of, "examples": examples, "numbers": asked}
        batch = self._rows(self._blocks, examples, original, self._targets, self._vocabulary)
        batch["numbers"] = asked
        length = self._length(original)
        if length < self._blocks.block_size:
            real = np.arange(self._blocks.block_size)[None, :] < self._blocks.length[examples][:, None]
            batch = cut(batch, length, real)
            if batch.get("attention_mask", np.ones(1)).all():
                batch.pop("attention_mask", None)
        return batch

    def words(self, numbers: npt.ArrayLike) -> int:
        """Return how many words these samples hold, exactly."""
        return int(self._blocks.words[self.examples(numbers)].sum(dtype=np.int64))

    def tokens(self, numbers: npt.ArrayLike) -> int:
        """Return how many tokens these samples hold, specials counted, padding not."""
        return int(self._blocks.length[self.examples(numbers)].sum(dtype=np.int64))

    def length(self, step: int) -> int:
        """Return how many tokens a row of this step has."""
        return self._length(self._original(self.plan.numbers_of(step)))

    def asked(self, step: int) -> dict[str, float]:
        """Return {unit: weight of its term of the loss} at a step; one nameless unit without objectives."""
        if self.objectives is None:
            return {"": 1.0}
        original = self._original(self.plan.numbers_of(step)[:1])
        return self.objectives.loss_weights(int(self._parts.plan.step_of(original)[0]))

    def steps_by_objectives(self) -> dict[tuple[str, ...], IntArray]:
        """Return {units active together: the steps of the run with these, int64}, the first steps first."""
        steps = np.arange(self.plan.steps)
        if self.objectives is None:
            return {("",): steps}
        table = self.objectives.table[self._parts.plan.step_of(self._original(self.plan.first_of(steps)))]
        found: dict[tuple[str, ...], IntArray] = {}
        for row in np.unique(table, axis=0):
            units = tuple(unit for unit, on in zip(self.objectives.units, row, strict=True) if on)
            found[units] = steps[(table == row).all(axis=1)]
        return dict(sorted(found.items(), key=lambda one: int(one[1][0])))

    def difficulties(self, numbers: npt.ArrayLike) -> npt.NDArray[np.float64] | None:
        """Return the difficulty of each sample's block, float64 [n]; None without a data curriculum."""
        return self._order.difficulties(self._original(numbers))

    def record(self, step: int) -> dict[str, Any]:
        """Return the line of curriculum.jsonl for a step: plain numbers.

        Keys: step; words of the step's batch; data_unlocked, the share of blocks open; with a data curriculum
        data_pacing and difficulty_mean, _min, _max of the batch drawn; with a vocabulary curriculum
        vocabulary_pacing; vocabulary_unlocked_types and vocabulary_unlocked_occurrences; with a mask curriculum
        mask_rate; with a length curriculum length, of a row; with a batch curriculum batch, in blocks; with an
        objective curriculum objectives, the names of the active units; with a self-scored one refresh, the number of
        refreshes, and refresh_mean and refresh_correlation of the last. Where samples change places (matched_) shares
        and rates are means over the samples of the step.
        """
        numbers = self.plan.numbers_of(step)
        original = self._original(numbers)
        steps, counts = np.unique(self._parts.plan.step_of(original), return_counts=True)
        weights = counts / len(original)
        record: dict[str, Any] = {"step": step, "words": self.words(numbers)}
        record |= _mean([self._order.shares(int(one)) for one in steps], weights)
        difficulties = self._order.difficulties(original)
        if difficulties is not None:
            for name in ("mean", "min", "max"):
                record[f"difficulty_{name}"] = float(getattr(difficulties, name)())
        record |= self._parts.rates(original)
        if self.objectives is not None:
            record["objectives"] = list(self.asked(step))
        if self.scores is not None:
            record |= self.scores.described()
        if self._vocabulary is None:
            return record | {"vocabulary_unlocked_types": 1.0, "vocabulary_unlocked_occurrences": 1.0}
        return record | _mean([self._vocabulary.describe(int(one)) for one in steps], weights)

    def _original(self, numbers: npt.ArrayLike) -> IntArray:
        """Return the numbers that the curriculum goes by, int64 [n]."""
        asked = np.asarray(numbers, dtype=np.int64)
        known = self._known
        if asked.size and not (asked.min() >= known.start and asked.max() < known.stop):
            if len(known) < self.plan.total_samples:
                raise IndexError(
                    f"the scores at hand decide about the samples {known.start} to {known.stop - 1} alone"
                )
            raise IndexError(f"sample numbers of this run are 0 to {self.plan.total_samples - 1}")
        return asked if self._renumbering is None else self._renumbering.original(asked)

    def _length(self, original: IntArray) -> int:
        lengths = self._parts.lengths
        return self._blocks.block_size if lengths is None else lengths.of_steps(self._parts.plan.step_of(original))

    def held_out(self, count: int | None = None, batch_size: int = 64) -> Iterator[Batch]:
        """Yield batches of validation blocks, the same in every run on the corpus: fixed masks, nothing hidden.

        Args:
            count: how many blocks, spread evenly over all sources; all when None or more than there are.
            batch_size: rows of a batch; it does not change what is masked.

        Raises:
            UserError: the corpus has no validation blocks.
        """
        blocks = self._corpus.validation
        if not len(blocks):
            raise UserError(f"{self._corpus.folder} holds no validation blocks: prepare it with --validation 0.05.")
        chosen = spread(blocks.source, count)
        for first in range(0, len(chosen), batch_size):
            part = chosen[first : first + batch_size]
            yield self._rows(blocks, part, part, self._held_out_targets, None)

    def _rows(
        self,
        blocks: Blocks,
        examples: IntArray,
        numbers: IntArray,
        targets: Targets,
        vocabulary: VocabularyCurriculum | None,
    ) -> Batch:
        tokens = blocks.tokens(examples)
        lengths = blocks.length[examples]
        word_start = blocks.word_start(examples) if targets.needs_words else None
        inputs, labels = targets.ask(tokens, self._special[tokens], lengths, numbers, word_start)
        if vocabulary is not None:
            upos = blocks.upos(examples) if vocabulary.needs_tags else None
            targets_hidden = targets.aligned(vocabulary.hidden(tokens, upos, numbers)) & (labels != IGNORED)
            labels[targets_hidden] = IGNORED if vocabulary.ignore else self._unk_id
            inputs[vocabulary.hidden(inputs, upos, numbers)] = self._unk_id
        batch = {"input_ids": inputs, "labels": labels, "examples": examples, "numbers": numbers}
        if (lengths < blocks.block_size).any():
            real = np.arange(blocks.block_size)[None, :] < lengths[:, None]
            batch["attention_mask"] = real.astype(np.int64)
        return batch


def build(
    curriculum: str,
    corpus: PreparedCorpus | Path | str,
    plan: RunPlan,
    seed: int,
    objective: Objective = "masked",
    mask_rate: float = 0.15,
    mask_split: MaskSplit = (0.9, 0.1, 0.0),
    whole_word: bool = False,
) -> Samples:
    """Return the samples of a run.

    Args:
        curriculum: its name, such as "vocab_linear:start=0.2+data_length_log".
        corpus: the prepared corpus, or its folder.
        plan: optimiser steps and samples per step.
        seed: of order and masks.
        objective: "masked" or "causal".
        mask_rate: share of tokens that are targets (masked only); a mask curriculum takes its place.
        mask_split: shares of targets whose input is the mask token, a random token, the token itself.
        whole_word: whether all tokens of a word are targets together (masked only).

    Raises:
        UserError: an unknown name, metric or objective, a mask rate out of bounds, a pool smaller than a batch,
            tags or norms that the corpus lacks, blocks that cannot be cut, or a tokenizer without the tokens that
            are needed.
    """
    opened = PreparedCorpus(corpus) if isinstance(corpus, str | Path) else corpus
    return Samples(opened, plan, curriculum, seed, objective, mask_rate, mask_split, whole_word)


def spread(source: npt.NDArray[Any], count: int | None) -> IntArray:
    """Return `count` block numbers at even distances over the blocks in order of their source, int64, sorted.

    Every source gets its share of blocks, rounded; no random number is involved.
    """
    by_source = np.argsort(source, kind="stable")
    size = len(by_source)
    if count is None or count >= size:
        return np.arange(size, dtype=np.int64)
    return np.sort(by_source[(np.arange(count) * 2 + 1) * size // (2 * count)]).astype(np.int64)


def _mean(records: list[dict[str, float]], weights: npt.NDArray[np.float64]) -> dict[str, float]:
    """Return the weighted mean of records with the same keys; one alone stays what it is, bit for bit."""
    if len(records) == 1:
        return records[0]
    return {name: float(np.dot([record[name] for record in records], weights)) for name in records[0]}


def _reopen(plugins: tuple[Plugin, ...], folder: Path, *recipe: Any) -> Samples:
    use_plugins_again(plugins)
    return Samples(PreparedCorpus(folder), *recipe)
