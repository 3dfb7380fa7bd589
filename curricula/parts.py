"""The parts that a curriculum's name stands for, opened on a corpus and checked before the first step.

    parts = CurriculumParts("data_length_linear+mask_decay_linear", corpus, RunPlan(1000, 32), seed=0)
    parts.order.examples(range(32))

`Samples` composes them into batches; the `climb curriculum` commands look at them without a tokenizer.
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np

from climb.base.corpus import PreparedCorpus
from climb.base.errors import UserError
from climb.base.random_bits import RandomBits
from climb.base.registry import unknown_name
from climb.curricula.batches import paced_plan
from climb.curricula.catalogue import control_named
from climb.curricula.data import data_order
from climb.curricula.difficulty import Difficulty
from climb.curricula.lengths import LengthCurriculum
from climb.curricula.masking import CausalTargets, MaskedTargets, MaskRate, MaskSplit, Targets
from climb.curricula.naming import CurriculumSpec, curriculum_name, parse
from climb.curricula.objective_base import objective_units
from climb.curricula.objective_schedule import ObjectiveSchedule
from climb.curricula.order import Order, ShuffledEpochs
from climb.curricula.pacing_base import Pacing
from climb.curricula.plan import IntArray, RunPlan
from climb.curricula.pool import Pool
from climb.curricula.self_scoring import SelfScores, SelfScoring
from climb.curricula.token_order_base import BoolArray
from climb.curricula.vocabulary import VocabularyCurriculum

Objective = Literal["masked", "causal"]


class CurriculumParts:
    """Order, plan, lengths, mask rates, vocabulary and objectives of one curriculum.

    Attributes:
        name: canonical.
        plan: the curriculum's own, before samples change places.
        order: which block a sample number is.
        lengths: of the rows; None: whole blocks.
        objectives: which are active at which step; None: the one of the model throughout.
        renumbering: which number of the curriculum each number of the run is; None: itself.
        self_scoring: how the model scores the blocks while it trains; None where it does not.
        scores: the difficulty that a self-scored curriculum begins with.
    """

    def __init__(self, name: str, corpus: PreparedCorpus, plan: RunPlan, seed: int) -> None:
        """Open the parts.

        Args:
            name: of the curriculum.
            corpus: the prepared corpus.
            plan: steps, and samples per step, their mean under a batch curriculum.
            seed: of the draws and of the control.

        Raises:
            UserError: see `climb.curricula.samples.build`.
        """
        specs = parse(name)
        self._specs = {spec.kind: spec for spec in specs}
        self.name = curriculum_name(specs)
        self._corpus = corpus
        self._seed = seed
        self._control = control_named(specs[0].control if specs else "")
        batch, length, mask = (self._pacing(kind) for kind in ("batch", "length", "mask"))
        self.plan = plan if batch is None else paced_plan(plan, batch)
        self.lengths = None if length is None else LengthCurriculum(length, self.plan, corpus.manifest.block_size)
        self._mask = None if mask is None else MaskRate(mask, self.plan)
        self.self_scoring: SelfScoring | None = None
        self.scores: SelfScores | None = None
        self.order = self._order()
        objective = self._specs.get("objective")
        self.objectives = None if objective is None else ObjectiveSchedule(objective, self.plan, self._control, seed)
        whole_steps = batch is not None or length is not None or objective is not None
        self.renumbering = self._control.renumbering(self.plan, seed, whole_steps)

    def mask_rate(self, objective: str) -> MaskRate | None:
        """Return the schedule of the mask rate, if there is one.

        Raises:
            UserError: there is one and the objective masks nothing.
        """
        if self._mask is not None and objective != "masked":
            raise UserError(
                f"The curriculum {self.name!r} paces masking and a {objective} model masks nothing: leave it out, or "
                "train a masked model."
            )
        objectives = self.objectives
        if (
            self._mask is not None
            and objectives
            and not any(objective_units()[one].rated for one in objectives.units)
        ):
            raise UserError(
                f"The curriculum {self.name!r} paces masking and none of its objectives goes by the mask rate: leave "
                "it out, or add mlm or mntp."
            )
        return self._mask

    def refuse_positions(self, objective: str) -> None:
        """Refuse a number of masked positions where nothing is masked.

        Raises:
            UserError: a self-scored curriculum's name gives `positions` and the objective masks nothing.
        """
        spec = self._specs.get("data")
        if objective != "masked" and spec is not None and spec.self_scored and "positions" in spec.written:
            raise UserError(
                f"positions={spec.options['positions']} of {self.name!r} says how many tokens of a block are masked "
                f"to score it, and a {objective} model scores all of them at once: leave it out."
            )

    def refresh_steps(self) -> IntArray:
        """Return the steps, 0 first, before which the model scores the blocks anew; none for most curricula."""
        if self.self_scoring is None:
            return np.zeros(0, dtype=np.int64)
        return self.self_scoring.refresh_steps(self.plan.steps)

    def reorder(self, scores: SelfScores) -> None:
        """Sort the blocks by the scores of a refresh."""
        self.order = data_order(self._specs["data"], [scores.values], self.plan, self._seed, self.refresh_steps())

    def vocabulary(self, special: BoolArray) -> VocabularyCurriculum | None:
        """Return the vocabulary curriculum, if there is one.

        Args:
            special: whether a token id is special, bool [V].

        Raises:
            UserError: the corpus lacks tags or norms, or its tokenizer an unknown token.
        """
        spec = self._specs.get("vocab")
        if spec is None:
            return None
        if self._corpus.tokenizer.unk_token_id is None:
            raise UserError(
                f"The tokenizer of {self._corpus.folder} has no unknown token to hide words behind: prepare the "
                "corpus with a tokenizer that has one, or train without a vocabulary curriculum."
            )
        ignore = spec.options["hidden"] == "ignore"
        curriculum = VocabularyCurriculum(
            spec.what, spec.pacing, self.plan, self._corpus.lexicon(), special, ignore, self._control, self._seed
        )
        if curriculum.needs_tags and self._corpus.manifest.tagger is None:
            raise UserError(
                f"The curriculum {curriculum_name([spec])!r} needs part-of-speech tags and {self._corpus.folder} has "
                "none: prepare it again without --no-parse, or use vocab_linear."
            )
        return curriculum

    def rates(self, numbers: IntArray) -> dict[str, float]:
        """Return mask_rate, length and batch of the samples of a step, as far as they are paced.

        Args:
            numbers: the curriculum's own numbers of these samples [n].
        """
        record: dict[str, float] = {}
        if self._mask is not None:
            rates = self._mask.of(numbers)
            record["mask_rate"] = float(rates[0] if (rates == rates[0]).all() else rates.mean())
        if self.lengths is not None:
            record["length"] = self.lengths.of_steps(self.plan.step_of(numbers))
        if "batch" in self._specs:
            record["batch"] = len(numbers)
        return record

    def _pacing(self, kind: str) -> Pacing | None:
        spec = self._specs.get(kind)
        return None if spec is None else self._control.pacing(spec.pacing)

    def _order(self) -> Order:
        spec: CurriculumSpec | None = self._specs.get("data")
        if spec is None:
            order = ShuffledEpochs(len(self._corpus.train), self._seed)
            if order.size < (largest := self.plan.largest_batch()):
                raise UserError(
                    f"{self._corpus.folder} has {order.size} training blocks, fewer than a batch of {largest}: lower "
                    "--batch-size or prepare more text."
                )
            return order
        if spec.self_scored:
            return self._self_scored(spec)
        scores = [self._corpus.scores(metric) for metric in spec.what.split("-")]
        return data_order(spec, scores, self.plan, self._seed)

    def _self_scored(self, spec: CurriculumSpec) -> Order:
        self.self_scoring = SelfScoring.from_options(spec.options)
        self.scores = self.self_scoring.first_scores(self._corpus, self._seed)
        # Ties only enlarge a pool: one that suffices without any will suffice whatever the model's scores are.
        ranks = np.arange(len(self.scores.values), dtype=np.float64)
        Pool(Difficulty(ranks, "percentile", ranks), spec.pacing, self.plan, self.name)
        return data_order(spec, [self.scores.values], self.plan, self._seed, self.refresh_steps())


def targets_of(
    corpus: PreparedCorpus,
    objective: Objective,
    special: BoolArray,
    seed: int,
    stream: str,
    rate: float | MaskRate,
    split: MaskSplit,
    whole_word: bool = False,
) -> Targets:
    """Return what is asked of the model.

    Args:
        corpus: whose tokenizer has the mask token.
        objective: "masked" or "causal".
        special: whether a token id is special, bool [V].
        seed: of the masks.
        stream: another one gives other masks.
        rate: share of tokens that are targets, or its schedule.
        split: shares of targets shown as the mask token, a random token, themselves.
        whole_word: whether all tokens of a word are targets together.

    Raises:
        UserError: an unknown objective, rates out of bounds, whole words without masks, or no mask token.
    """
    if objective not in get_args(Objective):
        raise unknown_name("objective", objective, get_args(Objective))
    if objective == "causal":
        if whole_word:
            raise UserError("A causal model masks nothing, so no whole words either: leave whole-word masking out.")
        return CausalTargets()
    if corpus.tokenizer.mask_token_id is None:
        raise UserError(
            f"The tokenizer of {corpus.folder} has no mask token: prepare the corpus with a tokenizer that has one, "
            "or train a causal model."
        )
    bits = RandomBits(seed, stream), RandomBits(seed, f"{stream}/replacement")
    mask_id = corpus.tokenizer.mask_token_id
    return MaskedTargets(bits, mask_id, np.flatnonzero(~special), rate, split, whole_word)
