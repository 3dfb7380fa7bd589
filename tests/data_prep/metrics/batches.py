"""Batches made by hand, so that a metric is tested without a preparation."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from climb.base.tags import RELATION_ID, UD_ID
from climb.data_prep.difficulty.trigrams import count_keys, ngram_keys
from climb.data_prep.metric import BlockBatch, CorpusTables, SentenceBatch, TokenRuns
from climb.data_prep.shards import WorkFolder, write_table
from climb.data_prep.tokens.words import Words, word_hash


def sentences(texts: Sequence[str], ids: Sequence[Sequence[int]] | None = None, **columns: object) -> SentenceBatch:
    """Return a batch of sentences; tokens are given, or one token 0 per word."""
    words = Words.of(texts)
    runs = ids if ids is not None else [[0] * count for count in words.counts]
    return SentenceBatch(
        texts=list(texts),
        source=0,
        words=words.counts,
        tokens=token_runs(runs),
        word_types=words.types,
        type_hashes=np.array([word_hash(name) for name in words.names], dtype=np.uint64),
        **{"heads": None, "pieces": None} | columns,
    )


def blocks(texts: Sequence[str], ids: Sequence[Sequence[int]] | None = None) -> BlockBatch:
    counts = Words.of(texts).counts
    return BlockBatch(
        token_runs(ids if ids is not None else [[0] * count for count in counts]), counts, lambda: texts
    )


def token_runs(lists: Sequence[Sequence[int]]) -> TokenRuns:
    flat = [token for one in lists for token in one]
    return TokenRuns(np.array(flat, dtype=np.int64), np.array([len(one) for one in lists], dtype=np.int64))


def tables(
    folder: Path, texts: Sequence[str] = (), labels: Sequence[str] = ("cbt",), ids=((1, 2), (2, 3))
) -> CorpusTables:
    """Return the tables of a training text, and of training blocks of token ids below 10."""
    work = WorkFolder(folder)
    words = Words.of(texts)
    hashes = np.array([word_hash(name) for name in words.names], dtype=np.uint64)
    order = np.argsort(hashes)
    write_table(work.table("word_hashes"), hashes[order])
    write_table(work.table("word_counts"), np.bincount(words.types, minlength=len(hashes)).astype(np.int64)[order])
    runs = token_runs(ids)
    write_table(work.table("token_counts"), np.bincount(runs.ids, minlength=10))
    for order_, name in ((2, "bigram"), (3, "trigram")):
        keys, counts = count_keys(ngram_keys(runs, order_, 10)[0])
        write_table(work.table(f"{name}_keys"), keys)
        write_table(work.table(f"{name}_counts"), counts)
        write_table(work.table(f"{name}_weights"), np.full(order_, 1 / order_))
        if order_ == 3:
            write_table(work.table("after_two_keys"), np.unique(keys // np.uint64(10)))
            write_table(work.table("after_two_counts"), np.unique(keys // np.uint64(10), return_counts=True)[1])
        else:
            heads = (keys // np.uint64(10)).astype(np.int64)
            write_table(work.table("after_one"), np.bincount(heads, weights=counts, minlength=10).astype(np.int64))
    return CorpusTables(work, list(labels))


def parsed(*trees: str) -> SentenceBatch:
    """Return sentences given as rows "word TAG head relation", as CoNLL-U counts heads: from 1, 0 at the root."""
    texts, heads, relations, tags, pieces = [], [], [], [], []
    for tree in trees:
        rows = [row.split() for row in tree.strip().splitlines()] if tree.strip() else []
        texts.append(" ".join(row[0] for row in rows))
        pieces.append(len(rows))
        for place, (_, tag, head, relation) in enumerate(rows, 1):
            heads.append(int(head) - place if int(head) else 0)
            relations.append(RELATION_ID[relation.split(":")[0]])
            tags.append(UD_ID[tag])
    return sentences(
        texts,
        heads=np.array(heads, dtype=np.int64),
        pieces=np.array(pieces, dtype=np.int64),
        relations=np.array(relations, dtype=np.uint8),
        tags=np.array(tags, dtype=np.uint8),
    )
