"""Every metric of a prepared corpus against a recomputation one sentence and one block at a time."""

import math
import string
from collections import Counter
from collections.abc import Callable

import numpy as np
import pyarrow.parquet as pq
import pytest

from climb.base.corpus import PreparedCorpus
from climb.base.errors import UserError
from climb.data_prep.difficulty.choosing import BlockScores, all_metrics
from climb.data_prep.metric import BlockBatch, CorpusTables, TokenRuns
from climb.data_prep.metrics.ngram import UnigramPerplexity
from climb.data_prep.options import METRICS
from climb.data_prep.parsing.dependencies import arcs_to_root, sentence_maxima
from climb.data_prep.shards import WorkFolder, write_table
from climb.data_prep.sources.source import family_of
from tests.data_prep.difficulty.test_ngram_model import naive_log_probabilities

Build = Callable[..., PreparedCorpus]
EDGES = string.punctuation + "“”‘’«»…–—¡¿"


def block_ids(corpus: PreparedCorpus) -> list[list[int]]:
    """Return the training blocks without padding."""
    every = corpus.train.tokens(range(len(corpus.train)))
    return [row[:length].tolist() for row, length in zip(every, corpus.train.length, strict=True)]


def sentences_of(corpus: PreparedCorpus) -> list[dict]:
    """Return the training sentences with their tokens and the blocks these stand in, found document by document."""
    table = pq.read_table(corpus.folder / "sentences.parquet").to_pylist()
    stream: dict[int, list[tuple[int, int]]] = {}
    trained = {row["document"] for row in table if row["split"] == "train"}
    current, source = -1, -1
    for block, ids in enumerate(block_ids(corpus)):
        if current < 0 or corpus.train.source[block] != source:
            current, source = int(corpus.train.document[block]), int(corpus.train.source[block])
        for place, token in enumerate(ids):
            if place == 0:
                current = int(corpus.train.document[block])
            elif token == 3:
                current = min(number for number in trained if number > current)
            stream.setdefault(current, []).append((token, block))
    rows = [row for row in table if row["split"] == "train"]
    for row in rows:
        tokens = stream[row["document"]][row["start"] : row["end"]]
        row["ids"] = [token for token, _ in tokens]
        row["blocks"] = sorted({block for _, block in tokens})
        row["text"] = corpus.tokenizer.decode(row["ids"]).strip()
    return rows


@pytest.fixture
def corpus(prepared: Build) -> PreparedCorpus:
    return prepared()


def test_sentence_values_and_block_values_equal_a_naive_recomputation(corpus: PreparedCorpus):
    rows, blocks = sentences_of(corpus), block_ids(corpus)
    words = [[word.strip(EDGES) or word for word in row["text"].lower().split()] for row in rows]
    frequency = Counter(word for sentence in words for word in sentence)
    total = sum(frequency.values())
    tokens = Counter(token for block in blocks for token in block)
    size = sum(tokens.values())
    ranks = {"cbt": 4, "childes": 1, "simple_wikipedia": 5}
    naive: dict[str, list[float]] = {
        "length": [len(row["text"].split()) for row in rows],
        "sentence_length": [len(row["text"].split()) for row in rows],
        "rarity": [np.mean([-math.log2(frequency[word] / total) for word in sentence]) for sentence in words],
        "ngram": [2 ** np.mean([-math.log2(tokens[t] / size) for t in row["ids"]]) for row in rows],
        "ngram2": [math.exp(-np.mean(naive_log_probabilities(blocks, [row["ids"]], 2))) for row in rows[:20]],
        "ngram3": [math.exp(-np.mean(naive_log_probabilities(blocks, [row["ids"]]))) for row in rows[:20]],
        "source_spoken": [ranks[family_of(row["source"])] for row in rows],
    }
    for name, values in naive.items():
        np.testing.assert_allclose([row[name] for row in rows[: len(values)]], values, rtol=1e-6, err_msg=name)
    for name in ("sentence_length", "rarity", "source_spoken"):
        means = [[v for v, r in zip(naive[name], rows, strict=True) if b in r["blocks"]] for b in range(len(blocks))]
        scores = corpus.scores(name)
        for block, values in enumerate(means):
            assert scores[block] == pytest.approx(np.mean(values) if values else scores[block - 1], rel=1e-6), name
    by_tokens = [2 ** np.mean([-math.log2(tokens[token] / size) for token in block]) for block in blocks]
    np.testing.assert_allclose(corpus.scores("ngram"), by_tokens, rtol=1e-6)
    trigram = [math.exp(-np.mean(naive_log_probabilities(blocks, [block]))) for block in blocks[:10]]
    np.testing.assert_allclose(corpus.scores("ngram3")[:10], trigram, rtol=1e-6)
    assert corpus.scores("length").tolist() == corpus.train.words.tolist()
    assert corpus.manifest.total("train").words == sum(naive["length"]) == corpus.train.words.sum()


def test_text_left_out_of_its_own_counts(prepared: Build):
    corpus = prepared(ngram_leave_out=True, metrics=["ngram", "ngram2", "ngram3"])
    rows, blocks = sentences_of(corpus), block_ids(corpus)
    for order, name in enumerate(corpus.manifest.metrics, 1):
        whole = [math.exp(-np.mean(naive_log_probabilities(blocks, [block], order, True))) for block in blocks[:6]]
        np.testing.assert_allclose(corpus.scores(name)[:6], whole, rtol=1e-5, err_msg=name)
        parts = [math.exp(-np.mean(naive_log_probabilities(blocks, [row["ids"]], order, True))) for row in rows[:12]]
        np.testing.assert_allclose([row[name] for row in rows[:12]], parts, rtol=1e-5, err_msg=name)
        assert corpus.manifest.metrics[name].description.endswith("the text scored left out")
    held_out = corpus.validation.tokens([0])[0][: corpus.validation.length[0]].tolist()
    end = held_out.index(4) if 4 in held_out else len(held_out)
    table = pq.read_table(corpus.folder / "sentences.parquet").to_pylist()
    first = next(row for row in table if row["split"] == "validation" and row["end"] <= end)
    ids = held_out[first["start"] : first["end"]]
    plain = math.exp(-np.mean(naive_log_probabilities(blocks, [ids], 2)))
    assert first["ngram2"] == pytest.approx(plain, rel=1e-5)


def test_given_lists_tell_their_coverage(prepared: Build, tmp_path, capsys):
    (tmp_path / "aoa.csv").write_text("word,aoa\ndog,2\nThe,1\n", encoding="utf-8")
    (tmp_path / "list.txt").write_text("the 7\ndog 2\n", encoding="utf-8")
    given = {"norms": [str(tmp_path / "aoa.csv")], "frequencies": str(tmp_path / "list.txt")}
    with pytest.raises(UserError, match="source_given cannot be computed: --source-ranks has no childes"):
        prepared(source_ranks=["cbt=1"], **given)
    corpus = prepared(source_ranks=["cbt=1", "childes=0.5", "simple_wikipedia=2"], **given)
    assert set(corpus.scores("source_given").tolist()) == {0.5, 1, 2}
    rows = sentences_of(corpus)
    words = [word.strip(EDGES) for row in rows for word in row["text"].lower().split()]
    share = np.mean([word in ("the", "dog") for word in words])
    assert corpus.manifest.metrics["aoa"].description.endswith(f"{share:.1%} of the running words have one")
    assert corpus.manifest.metrics["rarity_given"].description.endswith(f"lacks {1 - share:.1%} of the running words")
    assert f"{share:.1%} of the running words have one" in capsys.readouterr().err
    known = {"the": 1.0, "dog": 2.0}
    for row in rows[:50]:
        values = [known[word.strip(EDGES)] for word in row["text"].lower().split() if word.strip(EDGES) in known]
        assert row["aoa"] == pytest.approx(np.mean(values), rel=1e-6)


def test_unigram_perplexity_of_uniform_counts_is_the_number_of_types(tmp_path):
    work = WorkFolder(tmp_path)
    write_table(work.table("token_counts"), np.array([0] * 5 + [12] * 20))
    metric = UnigramPerplexity(CorpusTables(work, []))
    runs = TokenRuns(np.array([5, 6, 7, 24, 24, 24]), np.array([3, 1, 2]))
    np.testing.assert_allclose(metric.blocks(BlockBatch(runs, np.zeros(3))), 20.0)
    unseen = metric.blocks(BlockBatch(TokenRuns(np.array([0]), np.array([1])), np.zeros(1)))
    assert unseen[0] == pytest.approx(240.0)


def test_depths_by_pointer_doubling_equal_a_walk_to_the_root():
    dice = np.random.default_rng(5)
    pieces = dice.integers(0, 30, size=50)
    heads = []
    for size in pieces:
        order = dice.permutation(size)
        parent = {int(order[k]): int(order[dice.integers(0, k)]) if k else int(order[0]) for k in range(size)}
        heads += [parent[place] - place for place in range(size)]
    relative = np.array(heads)
    walked = []
    for place in range(len(relative)):
        steps, at = 0, place
        while relative[at]:
            at, steps = at + relative[at], steps + 1
        walked.append(steps)
    arcs = arcs_to_root(relative)
    assert arcs.tolist() == walked
    ends = np.cumsum(pieces)
    expected = [max(walked[end - size : end], default=0) for end, size in zip(ends, pieces, strict=True)]
    assert sentence_maxima(arcs, pieces).tolist() == expected


def test_a_block_without_sentence_takes_the_value_of_the_one_before():
    scores = BlockScores(["m"], 4)
    scores.add({"m": np.array([2.0, 4.0, 8.0])}, np.array([0, 1, 3]), np.array([1, 1, 3]))
    assert scores.means()["m"].tolist() == [2.0, 3.0, 3.0, 8.0]


def test_every_metric_has_unit_and_description_and_a_file_of_its_name():
    found = all_metrics()
    assert sorted(found) == list(METRICS)
    assert {"length", "sentence_length", "rarity", "ngram", "ngram3", "depth", "distance"} <= set(found)
    assert all(kind.unit and kind.description and kind.__doc__ for kind in found.values())


def test_metrics_that_cannot_be_computed_are_left_out_or_refused(prepared: Build, tmp_path, capsys):
    (tmp_path / "diary.txt").write_text("The dog sees a cat. " * 40 + "\n", encoding="utf-8")
    sources = [str(tmp_path / "diary.txt")]
    corpus = prepared(sources=sources, validation=0)
    assert "diary has no place" in corpus.manifest.left_out["source_spoken"]
    assert "--no-parse" in corpus.manifest.left_out["depth"]
    said = capsys.readouterr().err
    assert "and part-of-speech tags left out: parsing was switched off" in said
    with pytest.raises(UserError, match="--metrics source_spoken cannot be computed: diary has no place"):
        prepared(sources=sources, metrics=["source_spoken"], out=str(tmp_path / "b"))
    with pytest.raises(UserError, match="did you mean rarity"):
        prepared(metrics=["rarety"], out=str(tmp_path / "c"))
    assert not (tmp_path / "c").exists(), "refused before anything is made"
    only = prepared(metrics=["length"], out=str(tmp_path / "d"))
    assert list(only.manifest.metrics) == ["length"]
