"""How far classes move the targets: measured as promised, within the bound, on lexicons of several kinds."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from climb.base.corpus import PreparedCorpus
from climb.base.tags import CLIMB_ID_OF_UD, UD_ID
from climb.config import LossConfig, SyntaxConfig
from climb.losses.class_choice import class_error
from climb.losses.similarity import Cosine
from climb.losses.syntactic_smoothing import SyntacticSmoothing
from climb.losses.syntax_classes import SyntaxClasses
from climb.losses.token_loss import make_loss
from tests.climb.losses.lexicons import SPECIALS, naive_rows, random_lexicon, specials

SIZE = 300


def within(loss: SyntacticSmoothing) -> bool:
    return loss.error.mean + loss.error.uncertainty <= 0.01 and loss.error.p99 <= 0.05


@pytest.mark.parametrize("options", [{}, {"similarity": "js"}, {"similarity": "kl"}, {"shrinkage": 3.0}], ids=str)
def test_the_error_is_the_total_variation_of_the_targets(options):
    lexicon = random_lexicon(SIZE, seed=1)
    loss = SyntacticSmoothing.from_lexicon(SyntaxConfig(error=0.05, **options), lexicon, specials(SIZE), 1)
    similarity = options.get("similarity", "cosine")
    temperature = 0.025 if similarity == "cosine" else 0.05
    exact = naive_rows(lexicon, similarity, temperature, options.get("shrinkage", 0.0))[SPECIALS:]
    ours = loss.classes.dense_rows(torch.arange(SPECIALS, SIZE)).numpy()
    errors = np.abs(exact - ours).sum(axis=1) / 2
    assert 0 < loss.error.mean <= 0.05
    assert loss.error.mean == pytest.approx(errors.mean(), rel=1e-2, abs=1e-5)
    assert loss.error.p99 == pytest.approx(np.quantile(errors, 0.99), rel=1e-2, abs=1e-5)


def test_a_looser_bound_gives_fewer_classes():
    lexicon = random_lexicon(SIZE, seed=2)
    made = [
        SyntacticSmoothing.from_lexicon(SyntaxConfig(error=error, shrinkage=3.0), lexicon, specials(SIZE), 1)
        for error in (0.0, 0.01, 0.1)
    ]
    sizes = [loss.classes.size for loss in made]
    assert sizes[0] > sizes[1] > sizes[2]
    assert made[0].error.mean == 0
    assert within(made[1])


def test_exact_classes_have_no_error():
    lexicon = random_lexicon(SIZE, seed=3)
    shares = (lexicon["tag_counts"] + 1e-8) / (lexicon["tag_counts"] + 1e-8).sum(axis=1, keepdims=True)
    parts = (shares, ~specials(SIZE), np.ones(SIZE), Cosine(), 0.025)
    exact = SyntaxClasses.quantised(None, *parts)
    coarse = SyntaxClasses.quantised(2, *parts)
    sample = np.arange(SPECIALS, SIZE)
    assert class_error(exact, exact, sample).mean == 0
    assert class_error(coarse, exact, sample).mean > 0.01
    counts = lexicon["tag_counts"][SPECIALS:]
    reduced = counts // np.maximum(np.gcd.reduce(counts, axis=1), 1)[:, None]
    assert exact.size == len(np.unique(reduced, axis=0))


def treebank_words(shared: Path) -> Iterator[tuple[str, str]]:
    """Yield words and tags."""
    for path in sorted((shared / "data" / "treebank").glob("*/*-train.conllu")):
        for line in path.read_text(encoding="utf-8").splitlines():
            fields = line.split("\t")
            if len(fields) == 10 and fields[0].isdigit():
                yield fields[1], fields[3]


@pytest.mark.parametrize("size", [8192, 16384])
def test_real_text_stays_within_the_bound(shared, size):
    """Words of three treebanks with their gold tags, cut into byte-pair tokens."""
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    tagged = [(" " + word, tag) for word, tag in treebank_words(shared)]
    if not tagged:
        pytest.skip(f"no treebanks in {shared}")
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(vocab_size=size, show_progress=False)
    tokenizer.train_from_iterator((word for word, _ in tagged), trainer)
    kinds = sorted({word for word, _ in tagged})
    ids = {word: one.ids for word, one in zip(kinds, tokenizer.encode_batch(kinds), strict=True)}
    tag_counts = np.zeros((tokenizer.get_vocab_size(), 12), dtype=np.int64)
    for word, tag in tagged:
        for token in ids[word]:
            tag_counts[token, CLIMB_ID_OF_UD[UD_ID[tag]]] += 1
    lexicon = {"text": np.arange(len(tag_counts)).astype(str), "count": tag_counts.sum(1), "tag_counts": tag_counts}
    loss = SyntacticSmoothing.from_lexicon(SyntaxConfig(), lexicon, np.zeros(len(tag_counts), dtype=bool), 1)
    assert within(loss)
    assert loss.classes.size < size / 3
    # Of the whole vocabulary too, not of the sample alone.
    shares = (tag_counts + 1e-8) / (tag_counts + 1e-8).sum(axis=1, keepdims=True)
    everything = np.ones(len(tag_counts), dtype=bool)
    exact = SyntaxClasses.quantised(None, shares, everything, np.ones(len(shares)), Cosine(), 0.025)
    whole = class_error(loss.classes, exact, np.arange(0, len(shares), 4))
    assert whole.mean <= 0.01
    assert whole.p99 <= 0.05


@pytest.mark.slow
def test_the_sample_corpus_stays_within_the_bound(tmp_path):
    from climb.data_prep import prepare
    from climb.data_prep.options import PrepConfig

    folder = prepare(
        PrepConfig(sample_words=200_000, vocab_size=3000, out=str(tmp_path / "sample"), metrics=["length"])
    )
    loss = make_loss(LossConfig(name="syntactic_smoothing"), PreparedCorpus(Path(folder)), 1)
    assert isinstance(loss, SyntacticSmoothing)
    assert within(loss)
    assert loss.classes.size < 600
