"""Corpora of very many sources: the largest are shown one by one, the others as one, so that a page stays a page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from climb.base.corpus import CorpusManifest, Counts, Overlap, Removed

MOST_SOURCES = 40
OTHERS = "(other sources)"

Amount = TypeVar("Amount", Counts, Overlap, Removed)


def fold_sources(manifest: CorpusManifest) -> tuple[CorpusManifest, npt.NDArray[np.int64]]:
    """Return the manifest with the smaller sources added up as one, and the new number of each source [S].

    Up to `MOST_SOURCES` sources stay as they are; which are larger is decided by words.
    """
    labels = manifest.sources
    if len(labels) <= MOST_SOURCES:
        return manifest, np.arange(len(labels), dtype=np.int64)
    largest = set(sorted(labels, key=lambda label: -_words(manifest, label))[: MOST_SOURCES - 1])
    shown = [*(label for label in labels if label in largest), OTHERS]
    new = {label: label if label in largest else OTHERS for label in labels}
    rules = {label: rule for label, rule in manifest.document_rules.items() if label in largest}
    folded = {
        "sources": shown,
        "inputs": [file.model_copy(update={"source": new[file.source]}) for file in manifest.inputs],
        "document_rules": rules | {OTHERS: f"as each of these {len(labels) - len(largest):,} sources marks it"},
        "counts": {split: _summed(Counts, new, counts) for split, counts in manifest.counts.items()},
        "overlap": _summed(Overlap, new, manifest.overlap),
        "cleaning": {label: _rules(group) for label, group in _grouped(new, manifest.cleaning).items()},
        "removed": {label: _kinds(group) for label, group in _grouped(new, manifest.removed).items()},
    }
    return manifest.model_copy(update=folded), np.array([shown.index(new[label]) for label in labels], dtype=np.int64)


def _words(manifest: CorpusManifest, label: str) -> int:
    return sum(counts[label].words for counts in manifest.counts.values() if label in counts)


def _grouped(new: Mapping[str, str], values: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return new label → the values of the sources that go under it."""
    groups: dict[str, list[Any]] = {}
    for label, value in values.items():
        groups.setdefault(new[label], []).append(value)
    return groups


def _summed(kind: type[Amount], new: Mapping[str, str], amounts: Mapping[str, Amount]) -> dict[str, Amount]:
    return {label: _sum(kind, group) for label, group in _grouped(new, amounts).items()}


def _sum(kind: type[Amount], amounts: Iterable[Amount]) -> Amount:
    total: Counter[str] = Counter()
    for amount in amounts:
        total.update(amount.model_dump())
    return kind(**total)


def _rules(tables: Iterable[Mapping[str, Mapping[str, int]]]) -> dict[str, dict[str, int]]:
    """Return rule → counts, added up over some sources."""
    added: dict[str, Counter[str]] = {}
    for table in tables:
        for rule, counts in table.items():
            added.setdefault(rule, Counter()).update(counts)
    return {rule: dict(counts) for rule, counts in added.items()}


def _kinds(tables: Iterable[Mapping[str, Removed]]) -> dict[str, Removed]:
    """Return kind of repetition → what was removed, added up over some sources."""
    groups: dict[str, list[Removed]] = {}
    for table in tables:
        for kind, amount in table.items():
            groups.setdefault(kind, []).append(amount)
    return {kind: _sum(Removed, amounts) for kind, amounts in groups.items()}
