"""Fertility and words, counted again by hand from the text and the tokenizer."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from climb.base.corpus import PreparedCorpus
from climb.base.tags import CLIMB_ID_OF_UD
from climb.data_prep.report import token_counts
from climb.data_prep.report.evidence import Evidence
from climb.data_prep.report.parts_of_speech import tag_shares
from climb.data_prep.report.token_counts import MOST_PIECES, TokenCounts, count_tokens
from climb.data_prep.report.vocabulary_facts import read_vocabulary
from climb.data_prep.report.vocabulary_use import fertility_table
from tests.data_prep.conftest import make_text
from tests.data_prep.report.conftest import Build

Prepared = Callable[..., PreparedCorpus]
LONG = "supercalifragilisticexpialidocious"


@pytest.fixture
def texts(tmp_path: Path) -> dict[str, list[str]]:
    """Return source → words, written to files that are read whole as training text."""
    written = {"diary": make_text(150, 1) + f"He said {LONG}, {LONG}!\n", "letters": make_text(120, 2, blank_every=5)}
    for name, text in written.items():
        (tmp_path / f"{name}.txt").write_text(text, encoding="utf-8")
    return {name: text.split() for name, text in written.items()}


@pytest.fixture
def corpus(prepared: Prepared, texts: dict[str, list[str]], tmp_path: Path) -> PreparedCorpus:
    sources = [str(tmp_path / f"{name}.txt") for name in texts]
    return prepared(sources=sources, validation=0.0, vocab_size=300, parse=False, metrics=["length"])


def test_words_and_pieces_by_hand(corpus: PreparedCorpus, texts: dict[str, list[str]]):
    evidence = Evidence(corpus.folder)
    header, rows = fertility_table(evidence)
    for number, label in evidence.present:
        pieces = [len(corpus.tokenizer.encode(word, add_special_tokens=False)) for word in texts[label]]
        row = dict(zip(header, rows[number], strict=True))
        assert row["words"] == len(pieces) == corpus.manifest.counts["train"][label].words
        assert row["tokens per word"] == pytest.approx(sum(pieces) / len(pieces), rel=1e-12)
        share = sum(size == 1 for size in pieces) / len(pieces)
        assert row["words that are one token"] == f"{100 * share:.1f}\u00a0%"
        assert row["tokens that are known"] == "100\u00a0%"
        found = evidence.tokens.pieces[number]
        assert found.tolist() == np.bincount(pieces, minlength=MOST_PIECES + 1).tolist()
        text_bytes = corpus.manifest.counts["train"][label].bytes
        ids = np.concatenate(
            [
                corpus.train.tokens([b])[0, :n]
                for b, n in enumerate(corpus.train.length)
                if corpus.train.source[b] == number
            ]
        )
        tokens = int((ids > 4).sum())
        assert row["bytes per token"] == pytest.approx(text_bytes / tokens, rel=1e-12)
        used = len(set(ids[ids > 4].tolist())) / (corpus.manifest.vocab_size - 5)
        assert row["part of the vocabulary used"] == f"{100 * used:.1f}\u00a0%"
    assert rows[-1][0] == "all"
    assert rows[-1][1] == sum(map(len, texts.values()))


def test_the_longest_word_is_found_once(corpus: PreparedCorpus):
    evidence = Evidence(corpus.folder)
    spelled = ["".join(evidence.vocabulary.texts[token] for token in word) for word in evidence.tokens.longest]
    assert spelled[0].strip() == f"{LONG},"
    assert spelled[1].strip() == f"{LONG}!"
    assert len(set(spelled)) == len(spelled)


def test_different_words_are_counted_whatever_their_case_and_punctuation(
    prepared: Prepared, texts: dict[str, list[str]], tmp_path: Path
):
    """With a vocabulary of whole words, in which case does not change how a word is cut."""
    sources = [str(tmp_path / f"{name}.txt") for name in texts]
    corpus = prepared(sources=sources, validation=0.0, vocab_size=900, parse=False, metrics=["length"])
    counted = Counter(word.strip(".,!?").lower() for words in texts.values() for word in words)
    assert Evidence(corpus.folder).tokens.word_counts.tolist() == sorted(counted.values(), reverse=True)


def test_reading_in_small_runs_changes_nothing(corpus: PreparedCorpus, monkeypatch: pytest.MonkeyPatch):
    vocabulary = read_vocabulary(corpus)
    whole = count_tokens(corpus, vocabulary, corpus.train.source)
    monkeypatch.setattr(token_counts, "_RUN_TOKENS", corpus.manifest.block_size)
    pieced = count_tokens(corpus, vocabulary, corpus.train.source)
    assert whole.share == pieced.share == 1
    for name in ("occurrences", "tags", "pieces", "word_counts"):
        assert np.array_equal(getattr(whole, name), getattr(pieced, name)), name
    assert whole.halved == pieced.halved
    assert [word.tolist() for word in whole.longest] == [word.tolist() for word in pieced.longest]


def test_of_large_corpora_evenly_spaced_runs_are_read(corpus: PreparedCorpus, monkeypatch: pytest.MonkeyPatch):
    vocabulary = read_vocabulary(corpus)
    size = corpus.manifest.block_size
    monkeypatch.setattr(token_counts, "_RUN_TOKENS", 8 * size)
    monkeypatch.setattr(token_counts, "MOST_TOKENS", len(corpus.train) * size // 3)
    part = count_tokens(corpus, vocabulary, corpus.train.source)
    assert 0.2 < part.share < 0.4
    assert part.occurrences.sum() == pytest.approx(part.share * corpus.train.length.sum(), rel=0.1)
    assert (part.words > 0).all()


def test_unknown_tokens_are_counted_and_specials_are_not(build: Build):
    evidence = Evidence(build(blocks=40))
    counts: TokenCounts = evidence.tokens
    assert evidence.vocabulary.special.nonzero()[0].tolist() == [0, 2, 3, 4], "all but <unk>, which stands for text"
    assert counts.words.sum() == (evidence.corpus.train.tokens(np.arange(40)) > 4).sum()
    header, rows = fertility_table(evidence)
    assert rows[0][header.index("tokens per word")] == 1.0


def test_tag_shares_are_those_of_the_words(build: Build):
    evidence = Evidence(build(blocks=40))
    shares = tag_shares(evidence)
    train = evidence.corpus.train
    for number, label in evidence.present:
        rows = np.flatnonzero(train.source == number)
        tags = CLIMB_ID_OF_UD[train.upos(rows)[train.tokens(rows) > 4]]
        assert shares[label] == pytest.approx((np.bincount(tags, minlength=12) / len(tags)).tolist())
    assert sum(shares["all"]) == pytest.approx(1)
