"""A difficulty that the model gives itself: the perplexity of each block under the model that is being trained.

    data_selfppl_linear:every=0.0625,positions=4,subset=1,begin=ngram

The run is cut into segments of the share `every`. Before each segment but the first the model scores the blocks
(`climb.self_scorer`), and the new order holds to the segment's end: what is drawn there is a function of (seed,
sample number, scores), and the scores are kept in checkpoints. CLIMB's form (Martinez et al. 2023, section 3.2.1)
is `positions=all` with `begin=ngram`, or with `begin=equal` for its random start, where everything is open at first.

Where a refresh scores a part of the blocks only (`subset`), perplexities of different ages are not comparable: a
block's score is then its percentile among those that were scored with it, and before the first refresh among all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from climb.base.corpus import PreparedCorpus
from climb.base.errors import UserError
from climb.base.random_bits import RandomBits
from climb.base.registry import unknown_name
from climb.curricula.pacing_base import number_text, read_number
from climb.curricula.plan import IntArray

METRIC = "selfppl"
"""The middle of such a curriculum's name."""
SUMMARY = "the model's own perplexity of each block, refreshed while it trains"
OPTIONS: Mapping[str, str] = {"every": "0.0625", "positions": "4", "subset": "1", "begin": "ngram"}
"""{parameter of the name: its default}; CLIMB refreshes every 25,000 of 400,000 steps."""
BEGINS = ("ngram", "random", "equal")
ALL = "all"

FloatArray = npt.NDArray[np.float64]
Float32Array = npt.NDArray[np.float32]


def checked_option(name: str, option: str, text: str) -> str:
    """Return a parameter's value in its one spelling.

    Args:
        name: of the curriculum, for the error.
        option: a key of `OPTIONS`.
        text: as it was given.

    Raises:
        UserError: a value out of bounds.
    """
    if option == "begin":
        if text not in BEGINS:
            raise unknown_name(f"value of begin in {name!r}:", text, BEGINS)
        return text
    if option == "positions":
        if text == ALL or (text.isascii() and text.isdigit() and int(text) > 0):
            return text if text == ALL else str(int(text))
        raise UserError(
            f"positions={text} of {name!r} is no number of tokens to mask in a block: write positions=4 or "
            "positions=all."
        )
    try:
        value = read_number(text)
    except ValueError:
        value = -1.0
    if not 0.0 < value <= 1.0 or (option == "every" and value == 1.0):
        bounds = "above 0 and below 1" if option == "every" else "above 0 and at most 1"
        raise UserError(f"{option}={text} of {name!r} is no share {bounds}: write {option}={OPTIONS[option]}.")
    return number_text(value)


@dataclass(frozen=True)
class SelfScoring:
    """How a model scores the blocks of its own curriculum.

    Attributes:
        every: share of the run between two refreshes, in (0, 1).
        positions: masked positions of a block that are scored, each masked alone; None: all of them.
        subset: share of the blocks that a refresh scores, in (0, 1].
        begin: difficulty before the first refresh: "ngram", the corpus's column; "random", a seeded order;
            "equal", the same for all, so that everything is open.
    """

    every: float
    positions: int | None
    subset: float
    begin: str

    @classmethod
    def from_options(cls, options: Mapping[str, str]) -> SelfScoring:
        """Return what the checked parameters of a name ask for."""
        positions = None if options["positions"] == ALL else int(options["positions"])
        return cls(float(options["every"]), positions, float(options["subset"]), options["begin"])

    @property
    def whole(self) -> bool:
        """Whether each refresh scores every block, so that scores are perplexities and not percentiles."""
        return self.subset == 1.0

    def refresh_steps(self, steps: int) -> IntArray:
        """Return the steps, 0 first, before which the blocks are scored: the multiples of `every` inside the run."""
        if self.every * steps <= 1.0:
            return np.arange(1, steps, dtype=np.int64)
        borders = np.round(np.arange(1, np.ceil(1.0 / self.every) + 1) * self.every * steps).astype(np.int64)
        return borders[borders < steps]

    def cohort(self, size: int, seed: int, refresh: int) -> IntArray:
        """Return the blocks that a refresh scores, int64, rising.

        The shares follow each other through shuffled passes over all blocks, so none waits longer than two passes;
        a share that straddles two passes leaves out what it would score twice.

        Args:
            size: blocks of the corpus, N.
            seed: of the run.
            refresh: its number, the first is 1.
        """
        if self.whole:
            return np.arange(size, dtype=np.int64)
        share = max(1, round(self.subset * size))
        turn, place = np.divmod(np.arange((refresh - 1) * share, refresh * share, dtype=np.int64), size)
        return np.unique(RandomBits(seed, "selfppl/subset").permuted(place, size, turn))

    def chosen(
        self, scorable: npt.NDArray[np.bool_], blocks: IntArray, seed: int, refresh: int
    ) -> npt.NDArray[np.bool_]:
        """Return which positions of blocks are scored, bool [n, L]: `positions` at random, all where there are fewer.

        Args:
            scorable: whether a token is neither special nor padding [n, L].
            blocks: their numbers [n]; the choice depends on (seed, refresh, block) alone.
            seed: of the run.
            refresh: its number.
        """
        length = scorable.shape[1]
        if self.positions is None or self.positions >= length:
            return scorable
        bits = RandomBits(seed, "selfppl/positions")
        drawn = bits.uniform(refresh, blocks[:, None], np.arange(length)[None, :])
        drawn[~scorable] = 2.0
        first = np.argpartition(drawn, self.positions - 1, axis=1)[:, : self.positions]
        chosen = np.zeros_like(scorable)
        np.put_along_axis(chosen, first, True, axis=1)
        return chosen & scorable

    def first_scores(self, corpus: PreparedCorpus, seed: int) -> SelfScores:
        """Return the difficulty before the first refresh.

        Raises:
            UserError: it begins with n-gram perplexities and the corpus has none, or the corpus has a metric of the
                name that stands for the model's own.
        """
        if METRIC in corpus.manifest.metrics:
            raise UserError(
                f"{corpus.folder} has a metric {METRIC!r}, the name of the model's own perplexity: prepare "
                "the corpus with that metric under another name."
            )
        size = len(corpus.train)
        if self.begin == "equal":
            values: Float32Array = np.ones(size, dtype=np.float32)
        elif self.begin == "random":
            order = RandomBits(seed, "selfppl/begin").permuted(np.arange(size), max(size, 1))
            values = percentiles(order).astype(np.float32)
        else:
            if "ngram" not in corpus.manifest.metrics:
                raise UserError(
                    f"{corpus.folder} has no n-gram perplexities to begin data_{METRIC} with: prepare it with the "
                    "metric ngram, or add begin=random."
                )
            values = corpus.scores("ngram")
        return SelfScores(values if self.whole else percentiles(values).astype(np.float32))


@dataclass(frozen=True, eq=False)
class SelfScores:
    """What a self-scored run goes by at one moment.

    Attributes:
        values: the difficulty of each block, float32 [N].
        refreshes: how many there were.
        mean: of the perplexities of the last one; None before the first.
        correlation: Spearman's, of these with the scores that the same blocks had before; None before the first
            and where it is undefined, because either are all equal.
    """

    values: Float32Array
    refreshes: int = 0
    mean: float | None = None
    correlation: float | None = None

    def refreshed(self, blocks: IntArray, perplexities: FloatArray, whole: bool) -> SelfScores:
        """Return the scores after a refresh.

        Args:
            blocks: those that were scored [n].
            perplexities: theirs, float64 [n].
            whole: whether perplexities are kept, because all blocks have them; else percentiles among them.
        """
        values = self.values.copy()
        values[blocks] = (perplexities if whole else percentiles(perplexities)).astype(np.float32)
        correlation = _spearman(self.values[blocks], perplexities)
        return SelfScores(values, self.refreshes + 1, float(perplexities.mean()), correlation)

    def described(self) -> dict[str, float]:
        """Return what curriculum.jsonl tells: refresh, and of the last one refresh_mean and refresh_correlation."""
        record: dict[str, float] = {"refresh": self.refreshes}
        if self.mean is not None:
            record["refresh_mean"] = self.mean
        if self.correlation is not None:
            record["refresh_correlation"] = self.correlation
        return record


def percentiles(scores: npt.NDArray[np.generic]) -> FloatArray:
    """Return the percentile of each score among all of them, float64 [n] in (0, 1).

    The share below it plus half of the share of its ties, itself among them.
    """
    ordered = np.sort(scores)
    below, up_to = (np.searchsorted(ordered, scores, side=side) for side in ("left", "right"))
    return np.asarray((below + up_to) / (2.0 * max(len(scores), 1)), dtype=np.float64)


def _spearman(before: npt.NDArray[np.floating], after: npt.NDArray[np.floating]) -> float | None:
    if not len(before) or np.ptp(before) == 0 or np.ptp(after) == 0:
        return None
    from scipy.stats import spearmanr  # 0.3 s, and only some runs need it

    return float(spearmanr(before, after).statistic)
