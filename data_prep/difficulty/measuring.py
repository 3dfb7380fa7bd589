"""Metrics on plain strings: `climb.measure("The cat sat.", "length")`.

A text is cut into sentences as `climb prep` cuts them. Its value is that of a block that holds just this text: the
metric's own value for a passage where it has one (length, type–token ratio, readability, compression, n-gram
perplexity), else the mean over its sentences. Cost: that of the metric, plus once per process what it stands on:
a second for the parser, a second per million words for a corpus' counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, NamedTuple, TypedDict, Unpack, overload

import numpy as np
import numpy.typing as npt

from climb.base.corpus import PreparedCorpus
from climb.base.errors import UserError
from climb.base.registry import unknown_name
from climb.data_prep.difficulty.choosing import all_metrics, known_metrics
from climb.data_prep.difficulty.corpus_counts import FinishedCorpus
from climb.data_prep.metric import BlockBatch, CorpusTables, Metric, SentenceBatch, TokenRuns, Values, run_means
from climb.data_prep.options import PrepConfig
from climb.data_prep.sources.families import family_of
from climb.data_prep.tokens.sentences import sentence_spans
from climb.data_prep.tokens.words import Words, word_hash


class MetricEntry(NamedTuple):
    """What `metrics` says of a metric; higher values always mean harder text."""

    name: str
    unit: str
    description: str
    needs: tuple[str, ...]
    """"corpus", "parser", "source", or the option without which there is nothing to read."""


def metrics() -> list[MetricEntry]:
    """Return every built-in difficulty metric: name, unit, description, and what it needs besides the text.

    Example:
        >>> [entry.unit for entry in metrics() if entry.name == "length"]
        ['words']
    """
    return [MetricEntry(name, kind.unit, kind.description, _needs(kind)) for name, kind in all_metrics().items()]


def _needs(kind: type[Metric]) -> tuple[str, ...]:
    asked = {
        "corpus": kind.needs_corpus or kind.needs_tokens,
        "parser": kind.needs_parser,
        "source": kind.needs_source,
        kind.needs_option or "": kind.needs_option is not None,
    }
    return tuple(name for name, needed in asked.items() if needed)


class Given(TypedDict, total=False):
    """What a measurement may be given besides the text; see `measure`."""

    corpus: PreparedCorpus | Path | str | None
    source: str | None
    spacy_model: str | None
    norms: Sequence[str]
    frequencies: str | None
    source_ranks: Sequence[str]
    plugin: Sequence[str]


Several = list[str] | tuple[str, ...]
"""More than one text or name; not `Sequence[str]`, which a string is too."""


@overload
def measure(text: str, metric: str, **given: Unpack[Given]) -> float: ...


@overload
def measure(text: str, metric: Several | None = None, **given: Unpack[Given]) -> dict[str, float]: ...


@overload
def measure(text: Several, metric: str, **given: Unpack[Given]) -> Values: ...


@overload
def measure(text: Several, metric: Several | None = None, **given: Unpack[Given]) -> dict[str, Values]: ...


def measure(
    text: str | Several,
    metric: str | Several | None = None,
    *,
    corpus: PreparedCorpus | Path | str | None = None,
    source: str | None = None,
    spacy_model: str | None = None,
    norms: Sequence[str] = (),
    frequencies: str | None = None,
    source_ranks: Sequence[str] = (),
    plugin: Sequence[str] = (),
) -> float | Values | dict[str, float] | dict[str, Values]:
    """Return how hard a text is.

    Args:
        text: a text, or several, which are measured together at a fraction of the cost.
        metric: a metric's name, or several; None: all that can be computed with what is given.
        corpus: a prepared corpus, for what counts words, tokens or n-grams in one.
        source: label of the texts' source, for the source orders.
        spacy_model: a spaCy pipeline for dependencies; None: the one that climb brings along.
        norms: per-word norms, as `--norms` of `climb prep`.
        frequencies: a list of words with counts, as `--frequencies`.
        source_ranks: an order of sources, as `--source-ranks`.
        plugin: files with metrics of your own, as `--plugin`.

    Returns:
        One number for one text and one metric; an array for several texts; a dictionary for several metrics.

    Raises:
        UserError: an unknown metric, or one that lacks what it needs; files that cannot be used.

    Example:
        >>> measure("The cat sat.", "length")
        3.0
    """
    config = PrepConfig(
        norms=list(norms), frequencies=frequencies, source_ranks=list(source_ranks), plugin=list(plugin)
    )
    known = known_metrics(config)
    wanted = [metric] if isinstance(metric, str) else list(metric if metric is not None else known)
    for name in wanted:
        if name not in known:
            raise unknown_name("metric", name, known, "docs/metrics.md")
    single = isinstance(text, str)
    texts = _Texts([text] if isinstance(text, str) else list(text), _tables(corpus), source, spacy_model)
    values: dict[str, Values] = {}
    for name in wanted:
        reason = texts.lacking(known[name])
        if reason is None:
            values[name] = texts.values(known[name])
        elif metric is not None:
            raise UserError(f"{name} cannot be computed: {reason}")
    if single:
        numbers = {name: float(found[0]) for name, found in values.items()}
        return numbers[metric] if isinstance(metric, str) else numbers
    return values[metric] if isinstance(metric, str) else values


class _NoCorpus(CorpusTables):
    """No counts at all: every word is unknown."""

    def __init__(self) -> None:
        self.labels = []

    def load(self, name: str) -> npt.NDArray[Any]:
        """Return an empty table."""
        return np.zeros(0, dtype=np.uint64 if name == "word_hashes" else np.int64)


def _tables(corpus: PreparedCorpus | Path | str | None) -> FinishedCorpus | _NoCorpus:
    """Return the counts of a corpus, kept for the next call."""
    if corpus is None:
        return _NoCorpus()
    folder = (corpus.folder if isinstance(corpus, PreparedCorpus) else Path(corpus)).resolve()
    manifest = folder / "manifest.json"
    return _opened(folder, manifest.stat().st_mtime_ns if manifest.is_file() else 0)


@lru_cache(maxsize=2)
def _opened(folder: Path, modified: int) -> FinishedCorpus:
    return FinishedCorpus(PreparedCorpus(folder))


@dataclass(frozen=True)
class _Texts:
    """Some texts, cut and counted as metrics see them; what a metric does not ask for is not made."""

    texts: list[str]
    tables: FinishedCorpus | _NoCorpus
    source: str | None
    spacy_model: str | None
    _parser: list[str | None] = field(default_factory=list)

    def lacking(self, kind: type[Metric]) -> str | None:
        """Return what a metric lacks and the cure, None when it lacks nothing."""
        if kind.needs_option and not kind.options:
            argument = kind.needs_option.split()[0].removeprefix("--").replace("-", "_")
            return f"give {argument}=…, as {kind.needs_option} of climb prep."
        if (kind.needs_corpus or kind.needs_tokens) and isinstance(self.tables, _NoCorpus):
            return "give a prepared corpus with corpus=…"
        if kind.needs_source and self.source is None:
            return "give the label of the text's source with source=…"
        if kind.needs_source and self.source is not None:
            return kind.missing({self.source: family_of(self.source)})
        return self._no_parser() if kind.needs_parser else None

    def _no_parser(self) -> str | None:
        """Return why there are no dependencies, None when there are; asked once."""
        if not self._parser:
            from climb.data_prep.parsing.spacy_parser import inspect_pipeline

            try:
                parses = inspect_pipeline(self.spacy_model).parses
                self._parser.append(None if parses else "the spaCy pipeline has no parser: give one that has.")
            except UserError as error:
                self._parser.append(str(error))
        return self._parser[0]

    def values(self, kind: type[Metric]) -> Values:
        """Return one number per text."""
        tables: CorpusTables = self.tables
        if kind.needs_source and self.source is not None:
            tables = _NoCorpus()
            tables.labels = [self.source]
        metric = kind(tables)
        own = metric.blocks(self._block_batch)
        if own is not None:
            return np.asarray(own, dtype=np.float64)
        batch = self._parsed_batch if kind.needs_parser else self._sentence_batch
        return run_means(np.asarray(metric.sentences(batch), dtype=np.float64), self._counts)

    @cached_property
    def _cut(self) -> list[list[str]]:
        """The sentences of each text; a text without any is one empty sentence."""
        cut = [
            [line[start:end] for line in text.splitlines() for start, end in sentence_spans(line)]
            for text in self.texts
        ]
        return [sentences or [""] for sentences in cut]

    @cached_property
    def _counts(self) -> npt.NDArray[np.int64]:
        return np.array([len(sentences) for sentences in self._cut], dtype=np.int64)

    @cached_property
    def _sentences(self) -> list[str]:
        return [sentence for sentences in self._cut for sentence in sentences]

    @cached_property
    def _sentence_batch(self) -> SentenceBatch:
        sentences = self._spelled(self._sentences)
        words = Words.of(sentences)
        return SentenceBatch(
            texts=sentences,
            source=0,
            words=words.counts,
            tokens=self._tokens(sentences),
            word_types=words.types,
            type_hashes=np.array([word_hash(name) for name in words.names], dtype=np.uint64),
            heads=None,
            pieces=None,
        )

    @cached_property
    def _parsed_batch(self) -> SentenceBatch:
        from climb.data_prep.parsing.spacy_parser import load_pipeline, parse_sentences

        parse = parse_sentences(load_pipeline(self.spacy_model), self._sentences)
        return replace(
            self._sentence_batch,
            heads=parse.heads.astype(np.int64),
            pieces=parse.pieces,
            relations=parse.relations,
            tags=parse.tags,
        )

    @cached_property
    def _block_batch(self) -> BlockBatch:
        texts = self._spelled(self.texts)
        return BlockBatch(self._tokens(texts), Words.of(texts).counts, lambda: texts)

    def _spelled(self, texts: list[str]) -> list[str]:
        """Return texts as the corpus spells them, as they are without one."""
        return texts if isinstance(self.tables, _NoCorpus) else self.tables.spelled(texts)

    def _tokens(self, texts: list[str]) -> TokenRuns:
        """Return the tokens of texts under the corpus' tokenizer, without special tokens; none without a corpus."""
        if isinstance(self.tables, _NoCorpus):
            return TokenRuns(np.zeros(0, dtype=np.int64), np.zeros(len(texts), dtype=np.int64))
        encodings = self.tables.encoder.tokenizer.encode_batch(texts, add_special_tokens=False)
        ids = [token for encoding in encodings for token in encoding.ids]
        return TokenRuns(np.array(ids, dtype=np.int64), np.array([len(one.ids) for one in encodings], dtype=np.int64))
