"""Syntactic smoothing (Diehl Martinez et al. 2024, arXiv 2410.11462): rare tokens learn from their syntactic kin.

The true token v keeps the mass g of its target; the rest goes to the other tokens by a row r that favours
like part-of-speech distributions. As r depends on v alone, with s = 1 − g,

    −g·log p_v − s·Σ_w r_w·log p_w = −log p_v − s·(Σ_w r_w·logit_w − logit_v),

plain cross-entropy and a correction that `expected_logits` computes without logits. Differences to the
publication: r leaves out v before it is normalised (theirs loses the share that v had), and divergences are
of proper distributions. docs/smoothing.md has the options; `benchmarks/smoothing.py` measures the cost.
"""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional as F

from climb.base.corpus import PreparedCorpus
from climb.base.errors import UserError
from climb.base.picking import pick_rows
from climb.config import LossConfig, SyntaxConfig
from climb.curricula.pacing_base import Pacing, pacing_from_text, pacing_named
from climb.curricula.special_tokens import special_ids
from climb.losses.class_choice import ClassError, choose_classes
from climb.losses.class_logits import Distinct, expected_logits
from climb.losses.distributions import tag_distributions
from climb.losses.similarity import SIMILARITIES
from climb.losses.syntax_classes import SyntaxClasses
from climb.losses.token_loss import Predictions, TokenLoss


class SyntacticSmoothing(TokenLoss):
    """Cross-entropy with targets smoothed over tokens of like syntax; special tokens neither give nor receive.

    Attributes:
        classes: of the vocabulary.
        error: of the targets, through classes.
        true_mass: g at the present step.
        share: float32 [V], the part of 1 − g that each token's target gives away.
    """

    name: ClassVar[str] = "syntactic_smoothing"
    share: Tensor
    _row_frequency: Tensor

    def __init__(
        self,
        classes: SyntaxClasses,
        error: ClassError,
        share: npt.NDArray[np.float64],
        frequency: npt.NDArray[np.float64],
        pacing: Pacing,
        steps: int,
    ) -> None:
        """Build the loss from its parts.

        Args:
            classes: of the vocabulary.
            error: of the targets, through classes.
            share: [V], the part of 1 − g that a token's target gives away; 0 keeps it one-hot.
            frequency: [V], of each token in the training text; sums to 1 over all that are no specials.
            pacing: g over the run.
            steps: of the run.
        """
        super().__init__()
        self.classes, self.error = classes, error
        self._pacing, self._steps = pacing, steps
        self.register_buffer("share", torch.from_numpy(share).float(), persistent=False)
        by_row = np.bincount(classes.row_of.numpy(), np.where(share > 0, frequency, 0.0))
        self.register_buffer("_row_frequency", torch.from_numpy(by_row), persistent=False)
        self.at_step(0)
        self.summary = (
            f"Syntactic smoothing: {int((classes.amount > 0).sum()):,} tokens in {classes.size:,} classes; targets "
            f"differ from those without classes by {error.mean:.2%} of the smoothed mass (99th percentile "
            f"{error.p99:.2%})."
        )

    @classmethod
    def from_config(cls, config: LossConfig, corpus: PreparedCorpus, steps: int) -> Self:
        """Build the loss from `loss.syntax` and the corpus's lexicon.

        Raises:
            UserError: the corpus has no tags or fewer than two words, its lexicon is not that of its tokenizer, or
                g is no pacing function.
        """
        if corpus.manifest.tagger is None:
            raise UserError(
                f"{corpus.folder} has no part-of-speech tags, which syntactic smoothing needs: prepare it without "
                "--no-parse, or train with --loss label_smoothing."
            )
        lexicon = corpus.lexicon()
        if len(corpus.tokenizer) != len(lexicon["count"]):
            raise UserError(
                f"{corpus.folder / 'lexicon.parquet'} has {len(lexicon['count']):,} tokens and the tokenizer beside "
                f"it {len(corpus.tokenizer):,}: they do not belong together, so prepare the corpus again."
            )
        return cls.from_lexicon(config.syntax, lexicon, special_ids(corpus), steps)

    @classmethod
    def from_lexicon(
        cls, config: SyntaxConfig, lexicon: dict[str, npt.NDArray[Any]], special: npt.NDArray[np.bool_], steps: int
    ) -> Self:
        """Build the loss.

        Args:
            config: the options.
            lexicon: `PreparedCorpus.lexicon()`: text, count and tag_counts are used.
            special: bool [V].
            steps: of the run.

        Raises:
            UserError: there are fewer than two tokens to smooth over, or g is no pacing function.
        """
        if (~special).sum() < 2:
            raise UserError("The vocabulary has no two tokens besides its special ones: there is nothing to smooth.")
        similarity = SIMILARITIES[config.similarity]()
        words = list(map(str, lexicon["text"])) if config.prior == "word" else None
        distributions = tag_distributions(lexicon["tag_counts"], special, config.shrinkage, words)
        count = np.where(special, 0, lexicon["count"]).astype(np.float64)
        # One more than counted, so that tokens never seen have a weight too.
        weights = count + 1.0 if config.spread == "frequency" else np.ones_like(count)
        temperature = config.temperature or similarity.temperature
        make = partial(
            SyntaxClasses.quantised,
            distributions=distributions,
            eligible=~special,
            weights=weights,
            similarity=similarity,
            temperature=temperature,
        )
        classes, error = choose_classes(make, ~special, config.error)
        frequency = count / max(count.sum(), 1.0)
        return cls(classes, error, _shares(config, frequency, special), frequency, _pacing(config.true_mass), steps)

    def at_step(self, step: int) -> None:
        """Set g for the step that is about to be trained."""
        self.true_mass = float(self._pacing.value(step, self._steps))

    def forward(self, predictions: Predictions, targets: Tensor) -> Tensor:
        """Return the loss summed over targets; see `TokenLoss.forward`."""
        plain = F.cross_entropy(predictions.logits.float(), targets, reduction="sum")
        chosen = (self.share[targets] > 0).nonzero().squeeze(1)
        if self.true_mass == 1.0 or not len(chosen):
            return plain
        with torch.autocast(targets.device.type, enabled=False):
            distinct = Distinct.of(targets[chosen], self.classes.row_of)
            strength = (1.0 - self.true_mass) * self.share[distinct.tokens]
            precise = torch.promote_types(predictions.weight.dtype, torch.float32)
            features = _picked(predictions.features, chosen).to(precise)
            weight = predictions.weight.to(precise)
            bias = None if predictions.bias is None else predictions.bias.to(precise)
            gained = expected_logits(features, weight, bias, strength, self.classes, distinct)
        return plain - gained

    def facts(self) -> dict[str, float]:
        """Return the number of classes and their error, for the run's manifest."""
        return {"classes": self.classes.size, "error_mean": self.error.mean, "error_p99": self.error.p99}

    def flops(self, targets: int, width: int) -> float:
        """Return the operations of the correction: two products of the distinct rows with the classes.

        So many targets drawn from the training text have Σ_r 1 − (1 − f_r)^targets distinct rows, f_r being how
        often the tokens of a row occur.
        """
        if self.true_mass == 1.0:
            return 0.0
        distinct = float((1.0 - (1.0 - self._row_frequency) ** targets).sum())
        return 4.0 * distinct * self.classes.size * width


def _picked(features: Tensor, chosen: Tensor) -> Tensor:
    """Return the rows of the chosen targets; all of them need no copy."""
    return features if len(chosen) == len(features) else pick_rows(features, chosen)


def _shares(
    config: SyntaxConfig, frequency: npt.NDArray[np.float64], special: npt.NDArray[np.bool_]
) -> npt.NDArray[np.float64]:
    """Return the part of 1 − g that each token's target gives away, [V]: min(1, (f₀ / f)^falloff).

    f₀ is `frequent` in occurrences per million. Without falloff the step function: all below f₀, nothing above.
    """
    share = np.ones_like(frequency)
    if config.frequent is not None:
        excess = np.maximum(frequency * 1e6 / config.frequent, 1.0)
        share = (excess == 1.0) * share if config.falloff is None else excess**-config.falloff
    return np.where(special, 0.0, share)


def _pacing(true_mass: float | str) -> Pacing:
    """Return g over the run."""
    if isinstance(true_mass, str):
        return pacing_from_text(true_mass)
    return pacing_named("constant", {"value": repr(float(true_mass))})
