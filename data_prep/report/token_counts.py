"""Tokens and words of the training blocks, counted in one pass over the Arrow columns.

A *word* is a run without white space, as everywhere in the corpus; its *pieces* are its tokens, and a lone space
before it is one of them. Special tokens and line ends belong to no word. For the rank–frequency curve words are
told apart by a 64-bit hash of their pieces, capitals, leading spaces and pieces without a letter or digit left out,
because the corpus keeps no list of its words. At most `MOST_TOKENS` tokens are read, in runs spaced evenly over the
corpus.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from climb.base.corpus import PreparedCorpus
from climb.base.tags import CLIMB_ID_OF_UD, CLIMB_TAGS
from climb.data_prep.report.vocabulary_facts import Vocabulary
from climb.data_prep.report.word_tallies import LongestWords, Tally, halves, word_hashes

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

MOST_TOKENS = 1 << 25
MOST_PIECES = 63
"""Words of more pieces are counted as having so many."""
_RUN_TOKENS = 1 << 19
_KEPT = 12


@dataclass
class TokenCounts:
    """Counts over the training blocks that were read; sources by number [S]."""

    share: float
    """Part of the blocks that was read."""
    occurrences: IntArray
    """Of every token id in every source, specials counted too [S, V]."""
    tags: IntArray
    """CLIMB tags of the tokens that are text [S, 12]."""
    word_tokens: IntArray
    """Tokens that are pieces of words [S]."""
    pieces: IntArray
    """Words by source and number of pieces [S, MOST_PIECES + 1]."""
    word_counts: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    """Occurrences of the different words, commonest first."""
    longest: list[IntArray] = field(default_factory=list)
    """Pieces of the words that fall into most, no word twice."""
    halved: list[tuple[int, int, int]] = field(default_factory=list)
    """(occurrences, first piece, second piece) of the commonest words that are split into two spelled pieces."""

    @property
    def words(self) -> IntArray:
        """Words of each source [S]."""
        return np.asarray(self.pieces.sum(axis=1))


@dataclass(frozen=True)
class _Run:
    """The tokens of some consecutive blocks that are text."""

    ids: IntArray
    starts: BoolArray
    source: IntArray


def count_tokens(corpus: PreparedCorpus, vocabulary: Vocabulary, source: IntArray) -> TokenCounts:
    """Count the tokens and words of the training blocks.

    Args:
        corpus: the corpus.
        vocabulary: what its tokens are.
        source: the source of every training block, by number [B].
    """
    sources, size = int(source.max()) + 1, corpus.manifest.vocab_size
    runs, share = _rows(corpus)
    result = TokenCounts(
        share,
        np.zeros((sources, size), dtype=np.int64),
        np.zeros((sources, len(CLIMB_TAGS)), dtype=np.int64),
        np.zeros(sources, dtype=np.int64),
        np.zeros((sources, MOST_PIECES + 1), dtype=np.int64),
    )
    types, split, longest = Tally(), Tally(), LongestWords(_KEPT)
    for run in _with_whole_words(_texts(corpus, runs, vocabulary, source, result), vocabulary.space):
        first = np.flatnonzero(run.starts)
        pieces = np.diff(np.append(first, len(run.ids)))
        kinds = run.source[first] * (MOST_PIECES + 1) + np.minimum(pieces, MOST_PIECES)
        result.word_tokens += np.bincount(run.source, minlength=sources)
        result.pieces += np.bincount(kinds, minlength=result.pieces.size).reshape(result.pieces.shape)
        types.add(word_hashes(run.ids, pieces, vocabulary))
        split.add(halves(run.ids, first, pieces, vocabulary))
        longest.add(run.ids, first, pieces)
    result.word_counts = np.sort(types.counts()[1])[::-1]
    result.longest = longest.words
    result.halved = [(count, *divmod(key, size)) for key, count in split.commonest(_KEPT)]
    return result


def _rows(corpus: PreparedCorpus) -> tuple[list[IntArray], float]:
    """Return the numbers of the blocks to read, in runs, and which share of all blocks they are."""
    total, per_run = len(corpus.train), max(1, _RUN_TOKENS // corpus.manifest.block_size)
    starts = np.arange(0, total, per_run)
    wanted = max(1, MOST_TOKENS // (per_run * corpus.manifest.block_size))
    if len(starts) > wanted:
        starts = starts[np.arange(wanted) * len(starts) // wanted]
    rows = [np.arange(int(start), min(int(start) + per_run, total)) for start in starts]
    return rows, sum(map(len, rows)) / max(total, 1)


def _texts(
    corpus: PreparedCorpus, runs: list[IntArray], vocabulary: Vocabulary, source_of: IntArray, result: TokenCounts
) -> Iterator[tuple[int, int, _Run]]:
    """Yield (first block, one past the last, their text); count tokens and tags."""
    train, size = corpus.train, corpus.manifest.vocab_size
    for rows in runs:
        lengths = train.length[rows]
        inside = np.arange(train.block_size) < lengths[:, None]
        ids = train.tokens(rows)[inside]
        source = np.repeat(source_of[rows], lengths)
        result.occurrences += np.bincount(source * size + ids, minlength=result.occurrences.size).reshape(-1, size)
        text = ~(vocabulary.special | vocabulary.line_end)[ids]
        tags = CLIMB_ID_OF_UD[train.upos(rows)[inside][text]].astype(np.int64)
        kinds = source[text] * len(CLIMB_TAGS) + tags
        result.tags += np.bincount(kinds, minlength=result.tags.size).reshape(result.tags.shape)
        yield int(rows[0]), int(rows[-1]) + 1, _Run(ids[text], train.word_start(rows)[inside][text], source[text])


def _with_whole_words(runs: Iterator[tuple[int, int, _Run]], space: BoolArray) -> Iterator[_Run]:
    """Yield the runs cut between words: the last word of a run is given to the next one that follows on it."""
    rest, reached = None, -1
    for begin, end, run in runs:
        if rest is not None and begin == reached:
            run = _joined(rest, run)
        elif rest is not None:
            yield _words_alone(rest, space)
        run = _with_leading_spaces(run, space)
        first = np.flatnonzero(run.starts)
        rest, reached = None, end
        if len(first):
            if first[-1] > first[0]:
                yield _words_alone(_part(run, slice(first[0], first[-1])), space)
            rest = _part(run, slice(first[-1], None))
    if rest is not None:
        yield _words_alone(rest, space)


def _with_leading_spaces(run: _Run, space: BoolArray) -> _Run:
    """Return the run with every word begun by the lone space before it, where there is one."""
    leading = np.zeros(len(run.ids), dtype=bool)
    leading[:-1] = space[run.ids[:-1]] & run.starts[1:]
    follows = np.concatenate([[False], leading[:-1]]) if len(leading) else leading
    return _Run(run.ids, (run.starts | leading) & ~follows, run.source)


def _words_alone(run: _Run, space: BoolArray) -> _Run:
    """Return the run without spaces that begin no word."""
    return _part(run, run.starts | ~space[run.ids])


def _part(run: _Run, chosen: slice | BoolArray) -> _Run:
    return _Run(run.ids[chosen], run.starts[chosen], run.source[chosen])


def _joined(one: _Run, other: _Run) -> _Run:
    return _Run(
        np.concatenate([one.ids, other.ids]),
        np.concatenate([one.starts, other.starts]),
        np.concatenate([one.source, other.source]),
    )
