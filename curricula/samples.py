"""What the model sees: the composition of order, targets and vocabulary, as a pure function of the number.

    samples = build("vocab_linear", PreparedCorpus(Path("data/sample")), RunPlan(1000, 32), seed=0)
    samples.batch(range(32))    # the 32 rows of step 0, whoever asks, in whatever order

Row i of a batch depends on the i-th sample number alone. As in CLIMB, targets are chosen on the original
tokens, then inputs are corrupted, then the vocabulary is hidden in inputs and in targets. A batch of
128 × 128 tokens costs 0.4 ms (masked) or 0.2 ms (causal), 0.5 ms more with a vocabulary curriculum.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from climb.base.corpus import Blocks, PreparedCorpus
from climb.base.errors import UserError
from climb.base.random_bits import RandomBits
from climb.base.registry import unknown_name
from climb.curricula.masking import IGNORED, CausalTargets, MaskedTargets, MaskSplit, Targets
from climb.curricula.naming import CurriculumSpec, curriculum_name, parse
from climb.curricula.order import Chunked, IntArray, Order, PercentilePool, ShuffledEpochs
from climb.curricula.plan import RunPlan
from climb.curricula.vocabulary import BoolArray, VocabularyCurriculum

Batch = dict[str, npt.NDArray[Any]]
Objective = Literal["masked", "causal"]

_HELD_OUT_SEED = 0
_HELD_OUT_RATES: tuple[float, MaskSplit] = (0.15, (1.0, 0.0, 0.0))
"""What held-out text is masked with, whatever a run trains with: so that losses of runs can be compared."""


class Samples:
    """The samples of a run, by number; made by `build`.

    Attributes:
        curriculum: canonical name of the curriculum.
        plan: which numbers belong to which step.
    """

    def __init__(
        self,
        corpus: PreparedCorpus,
        plan: RunPlan,
        curriculum: str,
        seed: int,
        objective: Objective = "masked",
        mask_rate: float = 0.15,
        mask_split: MaskSplit = (0.9, 0.1, 0.0),
    ) -> None:
        """Put the parts together; `build` says what the arguments are and what is refused."""
        specs = {spec.kind: spec for spec in parse(curriculum)}
        self.curriculum = curriculum_name(list(specs.values()))
        self.plan = plan
        self._recipe = (corpus.folder, plan, self.curriculum, seed, objective, mask_rate, mask_split)
        self._blocks = corpus.train
        self._corpus = corpus
        self._special = special_ids(corpus)
        self._unk_id = corpus.tokenizer.unk_token_id
        order = _order(corpus, plan, specs.get("data"), seed)
        self._order = Chunked(order, plan.total_samples)
        self._vocabulary = _vocabulary(corpus, plan, specs.get("vocab"), self._special)
        self._targets = _targets(corpus, objective, self._special, seed, "mask", (mask_rate, mask_split))
        fixed = _HELD_OUT_SEED, "held-out", _HELD_OUT_RATES
        self._held_out_targets = _targets(corpus, objective, self._special, *fixed)

    def __reduce__(self) -> tuple[Any, ...]:
        # Loader processes open the corpus again: its memory map is shared, a pickle of it would be a copy.
        return _reopen, self._recipe

    def examples(self, numbers: npt.ArrayLike) -> IntArray:
        """Return the training block of each sample number, int64 [n].

        Raises:
            IndexError: a number is outside the run.
        """
        asked = np.asarray(numbers, dtype=np.int64)
        if asked.size and not (asked.min() >= 0 and asked.max() < self.plan.total_samples):
            raise IndexError(f"sample numbers of this run are 0 to {self.plan.total_samples - 1}")
        return self._order.examples(asked)

    def batch(self, numbers: npt.ArrayLike) -> Batch:
        """Return the rows of these sample numbers, in their order.

        Returns:
            input_ids, labels int64 [n, L], labels −100 where nothing is asked; attention_mask int64 [n, L] only
            when a row is shorter than L; examples (training blocks) and numbers int64 [n].
        """
        asked = np.asarray(numbers, dtype=np.int64)
        return self._rows(self._blocks, self.examples(asked), asked, self._targets, self._vocabulary)

    def words(self, numbers: npt.ArrayLike) -> int:
        """Return how many words these samples hold, exactly."""
        return int(self._blocks.words[self.examples(numbers)].sum(dtype=np.int64))

    def tokens(self, numbers: npt.ArrayLike) -> int:
        """Return how many tokens these samples hold, specials counted, padding not."""
        return int(self._blocks.length[self.examples(numbers)].sum(dtype=np.int64))

    def record(self, step: int) -> dict[str, float]:
        """Return the line of curriculum.jsonl for a step: plain numbers.

        Keys: step; words of the step's batch; data_unlocked, the share of blocks open; with a data curriculum
        data_pacing and difficulty_mean, _min, _max of the batch drawn; with a vocabulary curriculum
        vocabulary_pacing; vocabulary_unlocked_types and vocabulary_unlocked_occurrences.
        """
        if self._vocabulary is None:
            vocabulary = {"vocabulary_unlocked_types": 1.0, "vocabulary_unlocked_occurrences": 1.0}
        else:
            vocabulary = self._vocabulary.describe(step)
        words = self.words(self.plan.numbers_of(step))
        return {"step": step, "words": words, **self._order.describe(step), **vocabulary}

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
        inputs, labels = targets.ask(tokens, self._special[tokens], lengths, numbers)
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
    corpus: PreparedCorpus,
    plan: RunPlan,
    seed: int,
    objective: Objective = "masked",
    mask_rate: float = 0.15,
    mask_split: MaskSplit = (0.9, 0.1, 0.0),
) -> Samples:
    """Return the samples of a run.

    Args:
        curriculum: its name, such as "vocab_linear:start=0.2+data_length_log".
        corpus: the prepared corpus.
        plan: optimiser steps and samples per step.
        seed: of order and masks.
        objective: "masked" or "causal".
        mask_rate: share of tokens that are targets (masked only).
        mask_split: shares of targets whose input is the mask token, a random token, the token itself.

    Raises:
        UserError: an unknown name, metric or objective, a mask rate out of bounds, a pool smaller than a batch,
            tags that the corpus lacks, or a tokenizer without the tokens that are needed.
    """
    return Samples(corpus, plan, curriculum, seed, objective, mask_rate, mask_split)


def special_ids(corpus: PreparedCorpus) -> BoolArray:
    """Return whether each token id is special, bool [V]."""
    special = np.zeros(corpus.manifest.vocab_size, dtype=np.bool_)
    special[corpus.tokenizer.all_special_ids] = True
    return special


def spread(source: npt.NDArray[Any], count: int | None) -> IntArray:
    """Return `count` block numbers at even distances over the blocks in order of their source, int64, sorted.

    Every source gets its share of blocks, rounded; no random number is involved.
    """
    by_source = np.argsort(source, kind="stable")
    size = len(by_source)
    if count is None or count >= size:
        return np.arange(size, dtype=np.int64)
    return np.sort(by_source[(np.arange(count) * 2 + 1) * size // (2 * count)]).astype(np.int64)


def _order(corpus: PreparedCorpus, plan: RunPlan, spec: CurriculumSpec | None, seed: int) -> Order:
    if spec is None:
        return ShuffledEpochs(len(corpus.train), seed)
    return PercentilePool(corpus.scores(spec.what), spec.pacing, plan, seed, curriculum_name([spec]))


def _vocabulary(
    corpus: PreparedCorpus, plan: RunPlan, spec: CurriculumSpec | None, special: BoolArray
) -> VocabularyCurriculum | None:
    if spec is None:
        return None
    if corpus.tokenizer.unk_token_id is None:
        raise UserError(
            f"The tokenizer of {corpus.folder} has no unknown token to hide words behind: prepare the corpus with a "
            "tokenizer that has one, or train without a vocabulary curriculum."
        )
    ignore = spec.options["hidden"] == "ignore"
    curriculum = VocabularyCurriculum(spec.what, spec.pacing, plan, corpus.lexicon(), special, ignore)
    if curriculum.needs_tags and corpus.manifest.tagger is None:
        raise UserError(
            f"The curriculum {curriculum_name([spec])!r} needs part-of-speech tags and {corpus.folder} has none: "
            "prepare it again without --no-parse, or use vocab_linear."
        )
    return curriculum


def _targets(
    corpus: PreparedCorpus,
    objective: Objective,
    special: BoolArray,
    seed: int,
    stream: str,
    rates: tuple[float, MaskSplit],
) -> Targets:
    if objective not in get_args(Objective):
        raise unknown_name("objective", objective, get_args(Objective))
    if objective == "causal":
        return CausalTargets()
    if corpus.tokenizer.mask_token_id is None:
        raise UserError(
            f"The tokenizer of {corpus.folder} has no mask token: prepare the corpus with a tokenizer that has one, "
            "or train a causal model."
        )
    bits = RandomBits(seed, stream), RandomBits(seed, f"{stream}/replacement")
    return MaskedTargets(bits, corpus.tokenizer.mask_token_id, np.flatnonzero(~special), *rates)


def _reopen(
    folder: Path,
    plan: RunPlan,
    curriculum: str,
    seed: int,
    objective: Objective,
    mask_rate: float,
    mask_split: MaskSplit,
) -> Samples:
    return Samples(PreparedCorpus(folder), plan, curriculum, seed, objective, mask_rate, mask_split)
