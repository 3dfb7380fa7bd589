"""What a curriculum will do, before any training: its curves, what is open, and how often blocks will be seen.

    preview = Preview("data_length_linear", RunPlan(1000, 32), seed=0, corpus=PreparedCorpus(Path("data/sample")))
    preview.curves()             # {"data": the share of blocks open at each step, …}
    preview.objectives()         # {"pos": whether it is asked at each step, …}
    preview.by_difficulty()      # how often a block of each difficulty decile is seen in each third of the run

A run is a pure function of its seed, so exposure is counted, not estimated: all sample numbers are drawn, or evenly
spread steps of them where they are more than a million. Without a corpus, ten thousand blocks of distinct
difficulties stand in. Needs no torch.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from climb.base.corpus import PreparedCorpus
from climb.base.errors import UserError
from climb.base.random_bits import RandomBits
from climb.curricula.batches import paced_plan
from climb.curricula.catalogue import control_named
from climb.curricula.data import data_order
from climb.curricula.lengths import LengthCurriculum
from climb.curricula.naming import CurriculumSpec, curriculum_name, parse
from climb.curricula.objective_schedule import ObjectiveSchedule
from climb.curricula.order import Order, ShuffledEpochs
from climb.curricula.pacing_base import FloatArray
from climb.curricula.plan import IntArray, Renumbering, RunPlan
from climb.curricula.special_tokens import special_ids
from climb.curricula.token_order_base import BoolArray
from climb.curricula.vocabulary import VocabularyCurriculum

STAND_IN = 10_000
"""Blocks of the corpus that stands in for one."""
BLOCK_SIZE = 128
"""Tokens of its blocks."""
DECILES = 10
THIRDS = 3
_DRAWN = 2**20
_OF_STEP = 64


class Preview:
    """A curriculum looked at from outside.

    Attributes:
        name: canonical.
        specs: of its parts.
        self_scored: whether the model will give the difficulty, so that which blocks are seen is not known.
        plan: the steps of the run, as the curriculum sizes them.
    """

    def __init__(
        self, name: str, plan: RunPlan, seed: int = 0, corpus: PreparedCorpus | Path | str | None = None
    ) -> None:
        """Open the curriculum.

        Args:
            name: of the curriculum.
            plan: steps, and blocks per step.
            seed: of the run.
            corpus: a prepared corpus or its folder; without one, a stand-in of distinct difficulties.

        Raises:
            UserError: see `climb.curricula.samples.build`.
        """
        self.specs = parse(name)
        self.name = curriculum_name(self.specs)
        self.self_scored = any(spec.self_scored for spec in self.specs)
        self._corpus = PreparedCorpus(corpus) if isinstance(corpus, str | Path) else corpus
        self._seed = seed
        self._control = control_named(self.specs[0].control if self.specs else "")
        batch = self._spec("batch")
        self.plan = plan if batch is None else paced_plan(plan, self._control.pacing(batch.pacing))
        self._data, self._difficulty = self._data_order()
        whole_steps = any(spec.kind in ("length", "batch", "objective") for spec in self.specs)
        self._renumbering = self._control.renumbering(self.plan, seed, whole_steps)

    def curves(self) -> dict[str, FloatArray]:
        """Return the course of each part over the steps: its kind → values [steps].

        data: share of blocks open; vocab: pacing value; mask: rate; length: tokens of a row; batch: blocks. Where
        samples change places (matched_), the mean over the samples of a step, of its first 64 at most.
        """
        steps = np.arange(self.plan.steps)
        courses = {}
        for spec in self.specs:
            if spec.kind in ("data", "vocab"):
                courses[spec.kind] = spec.pacing.value(steps, self.plan.steps)
            elif spec.kind == "mask":
                courses[spec.kind] = self._control.pacing(spec.pacing).value(steps, self.plan.steps)
        if "data" in courses:
            courses["data"] = np.array([self._data.shares(int(step))["data_unlocked"] for step in steps])
        length = self._spec("length")
        if length is not None:
            size = BLOCK_SIZE if self._corpus is None else self._corpus.manifest.block_size
            table = LengthCurriculum(self._control.pacing(length.pacing), self.plan, size).table
            courses["length"] = table.astype(np.float64)
        if self._spec("batch") is not None:
            courses["batch"] = self.plan.sizes().astype(np.float64)
        return courses if self._renumbering is None else self._replaced(courses, self._renumbering)

    def objectives(self) -> dict[str, BoolArray]:
        """Return when each objective is asked: unit → bool [steps]; nothing without an objective curriculum."""
        spec = self._spec("objective")
        if spec is None:
            return {}
        schedule = ObjectiveSchedule(spec, self.plan, self._control, self._seed)
        table = schedule.table
        if self._renumbering is not None:
            firsts = self._renumbering.plan.first_of(np.arange(self.plan.steps))
            table = table[self.plan.step_of(self._renumbering.original(firsts))]
        return {unit: table[:, place] for place, unit in enumerate(schedule.units)}

    def _replaced(self, courses: dict[str, FloatArray], renumbering: Renumbering) -> dict[str, FloatArray]:
        """Return the courses as the run meets them, its samples having changed places."""
        steps = np.arange(self.plan.steps)
        sizes = np.minimum(renumbering.plan.sizes(), _OF_STEP)
        starts = np.cumsum(sizes) - sizes
        place = np.arange(int(sizes.sum())) - np.repeat(starts, sizes)
        original = renumbering.original(np.repeat(renumbering.plan.first_of(steps), sizes) + place)
        where = self.plan.step_of(original)
        return {kind: np.add.reduceat(values[where], starts) / sizes for kind, values in courses.items()}

    def vocabulary(self, steps: IntArray) -> dict[str, FloatArray]:
        """Return the shares of types and of occurrences open at some steps; nothing without corpus or curriculum."""
        spec = self._spec("vocab")
        if spec is None or self._corpus is None:
            return {}
        corpus = self._corpus
        curriculum = VocabularyCurriculum(
            spec.what, spec.pacing, self.plan, corpus.lexicon(), special_ids(corpus), False, self._control, self._seed
        )
        records = [curriculum.describe(int(step)) for step in steps]
        names = {"types": "vocabulary_unlocked_types", "occurrences": "vocabulary_unlocked_occurrences"}
        return {short: np.array([record[name] for record in records]) for short, name in names.items()}

    def by_difficulty(self) -> FloatArray | None:
        """Return how often a block is seen on average, float64 [deciles, thirds of the run]; the easiest first.

        None without a data curriculum, and where the model gives the difficulty. Deciles are of the blocks by the
        real difficulty, ties by their number.
        """
        if self._difficulty is None:
            return None
        rank = np.empty(len(self._difficulty), dtype=np.int64)
        rank[np.argsort(self._difficulty, kind="stable")] = np.arange(len(rank))
        return self._means(rank * DECILES // len(rank), DECILES)

    def by_source(self) -> dict[str, FloatArray]:
        """Return how often a block of each source is seen on average: label → float64 [thirds of the run].

        Nothing without a corpus, and where the model gives the difficulty.
        """
        if self._corpus is None or self.self_scored:
            return {}
        labels = self._corpus.manifest.sources
        means = self._means(np.asarray(self._corpus.train.source), len(labels))
        return {label: means[place] for place, label in enumerate(labels)}

    def exposure(self) -> FloatArray:
        """Return how often each block is seen in each third of the run, float64 [blocks, thirds].

        Raises:
            UserError: the model gives the difficulty.
        """
        if self.self_scored:
            raise UserError(f"Which blocks {self.name} shows, the model decides while it trains: train, then count.")
        return self._exposure

    @cached_property
    def _exposure(self) -> FloatArray:
        plan = self.plan if self._renumbering is None else self._renumbering.plan
        every = max(1, plan.total_samples // _DRAWN)
        seen = np.zeros((self._size, THIRDS))
        thirds = np.linspace(0, plan.steps, THIRDS + 1).round().astype(np.int64)
        for third in range(THIRDS):
            steps = np.arange(thirds[third], thirds[third + 1], every)
            if not steps.size:
                continue
            counts = np.zeros(self._size)
            for part in np.array_split(steps, max(1, len(steps) // 128)):
                counts += np.bincount(self._examples(part, plan), minlength=self._size)
            seen[:, third] = counts * ((thirds[third + 1] - thirds[third]) / len(steps))
        return seen

    def _examples(self, steps: IntArray, plan: RunPlan) -> IntArray:
        numbers = np.concatenate([np.asarray(plan.numbers_of(int(step)), dtype=np.int64) for step in steps])
        original = numbers if self._renumbering is None else self._renumbering.original(numbers)
        return self._data.examples(original)

    def _means(self, group: npt.NDArray[np.integer], groups: int) -> FloatArray:
        sizes = np.maximum(np.bincount(group, minlength=groups), 1)
        columns = [np.bincount(group, weights=column, minlength=groups) / sizes for column in self._exposure.T]
        return np.stack(columns, axis=1)

    @property
    def _size(self) -> int:
        return STAND_IN if self._corpus is None else len(self._corpus.train)

    def _spec(self, kind: str) -> CurriculumSpec | None:
        return next((spec for spec in self.specs if spec.kind == kind), None)

    def _data_order(self) -> tuple[Order, npt.NDArray[np.floating] | None]:
        """Return the order and the difficulty of each block [N], where there is one."""
        spec = self._spec("data")
        if spec is None:
            return ShuffledEpochs(self._size, self._seed), None
        if spec.self_scored:  # any scores without ties open as many blocks as the model's will
            return data_order(spec, [np.arange(self._size, dtype=np.float64)], self.plan, self._seed), None
        metrics = spec.what.split("-")
        if self._corpus is None:
            # Distinct, and of several metrics independent.
            ranks = [RandomBits(0, f"preview/{metric}").permuted(np.arange(STAND_IN), STAND_IN) for metric in metrics]
            scores = [(one + 1).astype(np.float32) for one in ranks]
        else:
            scores = [self._corpus.scores(metric) for metric in metrics]
        order = data_order(spec, scores, self.plan, self._seed)
        return order, order.told()
