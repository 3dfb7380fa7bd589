"""Perplexity of held-out tokens by their frequency in the training text: halves and thirds, from rare to frequent.

The passages, windows and drawn positions are those of the task perplexity; every scored token joins the part of its
type (`climb.eval.bias.frequency_parts`). Beside it whole passages are divided by the mean ln f of their tokens, as
published. Masked models: pseudo-perplexity, a passage weighted by its tokens per drawn position. Standard errors take
the passage as the unit.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from climb.base.errors import UserError
from climb.base.progress_bar import progress
from climb.eval.bias.corpus_counts import corpus_of, token_counts
from climb.eval.bias.frequency_parts import PARTS, part_of, text_parts
from climb.eval.bias.pair_bias import vocabulary_of
from climb.eval.bias.pair_frequencies import log_frequency, plain_tokens
from climb.eval.bias.statistics import Marks
from climb.eval.passages import is_corpus
from climb.eval.requests import Floats, Ints, Item
from climb.eval.results import Coverage, DataInfo, Figure, TaskResult, ratio_figure
from climb.eval.tasks.perplexity import Perplexity, Tally, perplexity_convention, perplexity_notes, perplexity_of

if TYPE_CHECKING:
    from climb.eval.scoring import Scorer


class FrequencyPerplexity(Perplexity):
    """Nats per token and perplexity of rare and of frequent tokens."""

    name: ClassVar[str] = "frequency_perplexity"
    description: ClassVar[str] = "held-out perplexity of rare and frequent tokens: halves and thirds"
    reads_convention: ClassVar[bool] = False

    def evaluate(self, scorer: Scorer) -> TaskResult:
        """Score the passages and average by frequency.

        Raises:
            UserError: the training corpus is not to be had, or a score is no number.
        """
        # Text files may be given for the passages; the counts then come from the run.
        given = self.config.corpus if self.config.corpus and is_corpus(Path(self.config.corpus)) else None
        corpus = corpus_of(given, scorer.origin, self.name)
        counts = token_counts(corpus, scorer.tokenizer, vocabulary_of(scorer))
        parts = {number: part_of(counts, number) for number, _ in PARTS.values()}
        tallies, items, owners = self._items(scorer)
        with progress(self.name, len(items)) as advance:
            values = scorer.score_items(items, advance)
        for owner, piece in zip(owners, values, strict=True):
            owner.sampled += len(piece)
        numbers = {id(tally): number for number, tally in enumerate(tallies)}
        passages = np.repeat(
            np.array([numbers[id(owner)] for owner in owners], dtype=np.int64), [len(piece) for piece in values]
        )
        nats = -np.concatenate([*values, np.zeros(0)])
        if not np.isfinite(nats).all():
            raise UserError(
                f"{self.name}: a token's log-probability is no finite number: the model's weights or its number "
                "format are broken; try --precision fp32."
            )
        tokens = np.concatenate([np.zeros(0, dtype=np.int64), *(item.ids[item.scored] for item in items)])
        # Tokens that each scored one stands for: 1, or more where only some positions of a passage were drawn.
        weight = np.array([tally.tokens / max(tally.sampled, 1) for tally in tallies])
        shares = {
            name: _Share.of(parts[number][tokens] == part, nats, passages, weight)
            for name, (number, part) in PARTS.items()
        }
        means = _mean_log_frequency(items, [numbers[id(owner)] for owner in owners], len(tallies), counts)
        of_texts = {
            name: _Share.of(inside[passages], nats, passages, weight) for name, inside in text_parts(means).items()
        }
        return self._task_result(scorer, tallies, corpus.manifest.name, shares, of_texts, means)

    def _task_result(
        self,
        scorer: Scorer,
        tallies: list[Tally],
        corpus: str,
        shares: dict[str, _Share],
        of_texts: dict[str, _Share],
        means: Floats,
    ) -> TaskResult:
        known = {name: share for name, share in shares.items() if share.scored}
        missing = [name.replace("_", " ") for name in shares if name not in known]
        if "rare_third" not in known or "frequent_third" not in known:
            raise UserError(
                f"{self.name}: of {sum(tally.sampled for tally in tallies)} scored tokens none is in the "
                f"{' or the '.join(missing)}: give more text (--passages, --positions)."
            )
        nats = {name: share.figure for name, share in known.items()}
        return TaskResult(
            task=self.name,
            description=self.description,
            convention=perplexity_convention(scorer, self.config),
            headline="nats_rare_minus_frequent",
            chance=None,
            metrics={
                "nats_rare_minus_frequent": gap(known["rare_third"], known["frequent_third"]),
                **{f"perplexity_{name}": perplexity_of(figure) for name, figure in nats.items()},
            },
            groups={
                "nats_per_token": nats,
                "perplexity": {name: perplexity_of(figure) for name, figure in nats.items()},
                "nats_per_token_of_texts": {name: one.figure for name, one in of_texts.items() if one.scored},
            },
            divided_by="frequency",
            counts={
                "passages": len(tallies),
                "tokens": sum(tally.tokens for tally in tallies),
                **{f"scored_{name}": share.scored for name, share in shares.items()},
            },
            coverage=Coverage(
                present=len(self.passages.drawn),
                total=sum(self.passages.available.values()),
                unit="passages",
                note="drawn evenly by source",
            ),
            notes=perplexity_notes(scorer) + [f"No scored token is in the {name}." for name in missing],
            data=DataInfo(name=f"{self.passages.name}; token counts of {corpus}", sha256=self.passages.sha256),
            predictions=list(_predictions(tallies, known, means)),
        )


@dataclass(frozen=True)
class _Share:
    """The scored tokens of one part of the vocabulary.

    Attributes:
        nats: Σ −ln p by passage, each token weighted by the tokens it stands for, [P].
        tokens: Σ of these weights by passage, [P].
        scored: number of scored tokens.
    """

    nats: Floats
    tokens: Floats
    scored: int

    @classmethod
    def of(cls, inside: Marks, nats: Floats, passages: Ints, weight: Floats) -> _Share:
        """Return the share of the scored tokens [k] that are inside; `weight` [P] is by passage."""
        here, size = passages[inside], len(weight)
        totals = np.bincount(here, nats[inside], size) * weight
        return cls(totals, np.bincount(here, minlength=size) * weight, int(inside.sum()))

    @property
    def figure(self) -> Figure:
        """Nats per token."""
        return ratio_figure(self.nats, self.tokens, self.scored)

    @property
    def influence(self) -> Floats:
        """What each passage adds to the deviation of nats per token, [P] (the linearised ratio)."""
        total = float(self.tokens.sum())
        return (self.nats - float(self.nats.sum()) / total * self.tokens) / total


def gap(one: _Share, other: _Share) -> Figure:
    """Return nats per token of one part minus those of another; the error knows that they share passages."""
    clusters = len(one.nats)
    error = None
    if clusters > 1:
        spread = float(np.square(one.influence - other.influence).sum())
        error = math.sqrt(clusters / (clusters - 1) * spread)
    return Figure(value=one.figure.value - other.figure.value, standard_error=error, count=one.scored + other.scored)


def _mean_log_frequency(items: Sequence[Item], passages: Sequence[int], size: int, counts: Ints) -> Floats:
    """Return the mean ln f of the tokens of each passage, specials left out, float64 [size]."""
    logs, sums, tokens = log_frequency(counts), np.zeros(size), np.zeros(size)
    for item, passage in zip(items, passages, strict=True):
        plain = plain_tokens(item)
        sums[passage] += logs[plain].sum()
        tokens[passage] += len(plain)
    return sums / np.maximum(tokens, 1)


def _predictions(tallies: list[Tally], shares: dict[str, _Share], means: Floats) -> Iterator[dict[str, Any]]:
    """Yield one record per passage: nats and tokens of every part, drawn positions scaled up to the passage."""
    for number, tally in enumerate(tallies):
        record: dict[str, Any] = {"id": tally.passage.id, "source": tally.passage.source}
        record["mean_log_frequency"] = float(means[number])
        for name, share in shares.items():
            record[f"nats_{name}"] = float(share.nats[number])
            record[f"tokens_{name}"] = float(share.tokens[number])
        yield record
