"""The minimal pairs: groups of held-out sentences for every paradigm, and BLiMP's file format.

Groups are drawn until all their sentences are of a held-out family (see `holdout`), so one group in eight
or fewer is kept; 200 pairs of all paradigms take about a second.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from climb.base.files import write_text
from climb.base.random_bits import RandomBits
from climb.base.registry import discover
from climb.sample_corpus import phenomena
from climb.sample_corpus.dice import Dice
from climb.sample_corpus.holdout import held_out
from climb.sample_corpus.paradigm import STYLE, Group, Paradigm
from climb.sample_corpus.voice import Voice


@dataclass(frozen=True)
class MinimalPair:
    """One line of a BLiMP file: two sentences of which a speaker of English accepts only the first."""

    sentence_good: str
    sentence_bad: str
    field: str
    linguistics_term: str
    UID: str
    simple_LM_method: bool  # noqa: N815 - BLiMP's own key
    one_prefix_method: bool
    two_prefix_method: bool
    lexically_identical: bool
    pair_id: int


@cache
def paradigms() -> tuple[Paradigm, ...]:
    """Return all paradigms, by the name of their module in `phenomena`."""
    return tuple(paradigm() for paradigm in discover(phenomena, Paradigm).values())  # type: ignore[type-abstract]


def minimal_pairs(per_paradigm: int, seed: int = 0) -> dict[str, list[MinimalPair]]:
    """Return `per_paradigm` pairs of every paradigm by its UID, no pair twice.

    The first pairs of a longer list are the shorter list. Words are balanced between good and bad
    sentences within each paradigm, exactly where `per_paradigm` is even.
    """
    return {paradigm.name: _pairs(paradigm, per_paradigm, seed) for paradigm in paradigms()}


def _pairs(paradigm: Paradigm, wanted: int, seed: int) -> list[MinimalPair]:
    bits = RandomBits(seed, f"sample_corpus/pairs/{paradigm.name}")
    chosen: dict[tuple[str, str], None] = {}
    number = 0
    while len(chosen) < wanted:
        group = _held_out_group(paradigm, Voice(STYLE, Dice(bits, number)))
        number += 1
        if not any(pair in chosen for pair in group):
            chosen.update(dict.fromkeys(group))
    return [_pair(paradigm, *pair, number) for number, pair in enumerate(list(chosen)[:wanted])]


def _held_out_group(paradigm: Paradigm, v: Voice) -> Group:
    while True:
        group = paradigm.group(v)
        if all(held_out(sentence) for pair in group for sentence in pair):
            return group


def _pair(paradigm: Paradigm, good: str, bad: str, number: int) -> MinimalPair:
    identical = sorted(good.lower()[:-1].split()) == sorted(bad.lower()[:-1].split())
    return MinimalPair(
        sentence_good=good,
        sentence_bad=bad,
        field=paradigm.field,
        linguistics_term=paradigm.term,
        UID=paradigm.name,
        simple_LM_method=True,
        one_prefix_method=False,
        two_prefix_method=False,
        lexically_identical=identical,
        pair_id=number,
    )


def write_minimal_pairs(folder: Path, per_paradigm: int = 200, seed: int = 0) -> list[Path]:
    """Write `<UID>.jsonl` for every paradigm in BLiMP's format and return the files."""
    files = []
    for uid, pairs in minimal_pairs(per_paradigm, seed).items():
        files.append(folder / f"{uid}.jsonl")
        write_text(files[-1], "".join(json.dumps(asdict(pair)) + "\n" for pair in pairs))
    return files
