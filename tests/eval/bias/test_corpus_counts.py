from pathlib import Path

import numpy as np
import pytest

from climb.base.errors import UserError
from climb.base.run import RunManifest
from climb.eval.bias.corpus_counts import corpus_of, token_counts
from climb.eval.bias.frequency_parts import PARTS, part_of
from climb.eval.loading import locate
from tests.corpus_fixture import EOS, PAD, write_corpus
from tests.eval.tiny import byte_tokenizer


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return write_corpus(tmp_path_factory.mktemp("counts") / "data" / "tiny", pack="lines")


def run_on(folder: Path, fingerprint: str, named: str = "elsewhere") -> Path:
    folder.mkdir(parents=True)
    (folder / "config.yaml").write_text(f"corpus: {named}\n")
    RunManifest(
        status="complete", curriculum="none", objective="causal", seed=0, corpus_name="tiny",
        corpus_fingerprint=fingerprint, parameters=1, steps=1, words=1, tokens=1, flops=1.0, processes=1, threads=1,
        versions={},
    ).write(folder / "manifest.json")  # fmt: skip
    return folder


def test_counts_of_the_corpus_own_tokenizer_are_its_lexicon_without_specials(corpus):
    counts = token_counts(corpus, corpus.tokenizer, 70)
    lexicon = corpus.lexicon()["count"]
    assert (counts[5:64] == lexicon[5:]).all()
    assert lexicon[EOS] > 0 == counts[EOS] == counts[PAD]
    assert len(counts) == 70, "a model may know more ids than its tokenizer"


def test_counts_of_another_tokenizer_are_counted_in_the_training_text(corpus):
    tokenizer = byte_tokenizer()
    counts = token_counts(corpus, tokenizer, 261)
    expected = np.zeros(261, dtype=int)
    for row, length in zip(corpus.train.tokens(np.arange(len(corpus.train))), corpus.train.length, strict=True):
        text = corpus.tokenizer.decode([t for t in row[:length] if t >= 5])
        for token in tokenizer(text, add_special_tokens=False)["input_ids"]:
            expected[token] += 1
    assert (counts == expected).all()
    assert counts.sum() > 0


def test_the_corpus_of_a_run_is_known_by_its_fingerprint(corpus, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    print_ = corpus.manifest.fingerprint
    home = corpus.folder.parent.parent
    beside = run_on(home / "runs" / "a", print_)
    assert corpus_of(None, beside, "x").folder.resolve() == corpus.folder.resolve()
    named = run_on(tmp_path / "runs" / "b", print_, str(corpus.folder))
    assert corpus_of(None, named, "x").folder == corpus.folder
    other = run_on(tmp_path / "runs" / "c", "f" * 64, str(corpus.folder))
    with pytest.raises(UserError, match=r"'tiny'.*which is not here: name it with --corpus"):
        corpus_of(None, other, "x")
    assert corpus_of(str(corpus.folder), other, "x").folder == corpus.folder
    with pytest.raises(UserError, match="belongs to no run"):
        corpus_of(None, None, "x")
    with pytest.raises(UserError, match="no prepared corpus"):
        corpus_of(str(tmp_path), None, "x")


def test_models_of_a_run_know_where_they_come_from(tmp_path):
    run = run_on(tmp_path / "runs" / "a", "0" * 64)
    for name in ("model", "chck_1M"):
        (run / name).mkdir()
        (run / name / "config.json").write_text("{}")
    assert [locate(str(run)).origin, locate(str(run / "chck_1M")).origin] == [run, run]
    assert (locate(str(run)).run, locate(str(run / "chck_1M")).run) == (run, None)
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "config.json").write_text("{}")
    assert locate(str(tmp_path / "plain")).origin is None


def test_parts_hold_equal_shares_of_the_running_tokens():
    counts = np.random.default_rng(0).permutation((10_000 / np.arange(1, 2001)).astype(int))
    for parts in (2, 3):
        which = part_of(counts, parts)
        shares = np.bincount(which, counts) / counts.sum()
        assert shares == pytest.approx(np.full(parts, 1 / parts), abs=0.06)
        highest = [counts[which == part].max() for part in range(parts)]
        lowest = [counts[which == part].min() for part in range(parts)]
        assert all(low > high for low, high in zip(lowest[1:], highest[:-1], strict=True))


def test_parts_of_a_hand_made_lexicon():
    # 12 tokens in all: the types of count 1 span 0–2, of 2 span 2–4, of 8 span 4–12, and an unseen one is rare.
    counts = np.array([8, 1, 1, 2, 0])
    assert part_of(counts, 2).tolist() == [1, 0, 0, 0, 0]
    assert part_of(counts, 3).tolist() == [2, 0, 0, 0, 0]
    assert part_of(np.array([4, 3, 5]), 3).tolist() == [1, 0, 2]
    assert part_of(np.array([7, 7]), 3).tolist() == [1, 1]
    assert part_of(np.zeros(3, dtype=int), 2).tolist() == [0, 0, 0]
    assert {number for number, _ in PARTS.values()} == {2, 3}
