"""Small lexicons, and the definition of syntactic smoothing written out token by token in float64."""

from __future__ import annotations

from typing import Any

import numpy as np

SPECIALS = 4


def random_lexicon(size: int = 60, seed: int = 0) -> dict[str, Any]:
    """Return tokens of every kind: of one tag, of several, never seen, and spellings of the same word."""
    rng = np.random.default_rng(seed)
    tag_counts = np.zeros((size, 12), dtype=np.int64)
    for token in range(SPECIALS, size):
        tags = rng.choice(12, size=rng.integers(1, 4), replace=False)
        tag_counts[token, tags] = rng.integers(0, 8, len(tags)) * rng.integers(0, 40)
    texts = [f"{' ' if token % 2 else ''}{'Word' if token % 3 else 'word'}{token // 4}" for token in range(size)]
    return {"text": np.array(texts), "count": tag_counts.sum(axis=1), "tag_counts": tag_counts}


def specials(size: int = 60) -> np.ndarray:
    """Return which tokens are special."""
    return np.arange(size) < SPECIALS


def naive_rows(
    lexicon: dict[str, Any],
    similarity: str,
    temperature: float,
    shrinkage: float = 0.0,
    prior: str = "corpus",
    spread: str = "uniform",
) -> np.ndarray:
    """Return the smoothing row of every token, [V, V]; those of special tokens are 0."""
    counts, size = lexicon["tag_counts"].astype(float), len(lexicon["count"])
    words = [str(text).strip().lower() for text in lexicon["text"]]
    corpus = (counts.sum(axis=0) + 1e-8) / (counts.sum() + 12e-8)
    shares = []
    for token in range(size):
        mean = corpus
        if prior == "word":
            kin = [w for w in range(size) if words[w] == words[token] and w != token and w >= SPECIALS]
            pooled = counts[kin].sum(axis=0)
            mean = (pooled + shrinkage * corpus) / (pooled.sum() + shrinkage)
        row = counts[token] + 1e-8 + shrinkage * mean
        shares.append(row / row.sum())
    rows = np.zeros((size, size))
    for v in range(SPECIALS, size):
        for w in range(SPECIALS, size):
            if v != w:
                amount = lexicon["count"][w] + 1.0 if spread == "frequency" else 1.0
                rows[v, w] = amount * np.exp((alike(shares[v], shares[w], similarity) - 1) / temperature)
        rows[v] /= rows[v].sum()
    return rows


def alike(p: np.ndarray, q: np.ndarray, similarity: str) -> float:
    """Return the similarity of two distributions."""
    if similarity == "cosine":
        return float(p @ q / np.sqrt((p @ p) * (q @ q)))
    if similarity == "kl":
        return float(np.exp(-(p * np.log(p / q)).sum()))
    middle = (p + q) / 2
    divergence = ((p * np.log(p / middle)).sum() + (q * np.log(q / middle)).sum()) / 2
    return float(1 - divergence / np.log(2))
