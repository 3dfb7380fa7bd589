"""The easiest, median and hardest passages of a metric: blocks of different documents as far as there are any."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from itertools import islice

import numpy as np
import numpy.typing as npt

from climb.base.charts import details, short_number
from climb.data_prep.report.evidence import Evidence

SHOWN = 5
_LOOKED_AT = 2_000
"""Blocks that are looked at for another document, before one of the same is taken."""
_LETTERS = 300


def chosen_blocks(order: npt.NDArray[np.integer], documents: npt.NDArray[np.integer]) -> dict[str, list[int]]:
    """Return easiest, median and hardest → up to five blocks, the most typical first.

    A document comes twice only when there are no others.

    Args:
        order: the training blocks from the easiest on [B].
        documents: the document in which each begins [B].
    """
    size = len(order)
    return {
        "easiest": _different((int(order[place]) for place in range(size)), documents),
        "median": _different((int(order[place]) for place in _outwards(size // 2, size)), documents),
        "hardest": _different((int(order[place]) for place in range(size - 1, -1, -1)), documents),
    }


def _outwards(middle: int, size: int) -> Iterator[int]:
    """Yield places from the middle outwards."""
    yield middle
    for step in range(1, size):
        yield from (place for place in (middle + step, middle - step) if 0 <= place < size)


def _different(blocks: Iterable[int], documents: npt.NDArray[np.integer]) -> list[int]:
    """Return the first blocks of different documents, filled up with the first of the others."""
    looked_at = list(islice(blocks, _LOOKED_AT))
    seen: set[int] = set()
    taken: list[int] = []
    for block in looked_at:
        if int(documents[block]) not in seen:
            seen.add(int(documents[block]))
            taken.append(block)
        if len(taken) == SHOWN:
            return taken
    others = [block for block in looked_at if block not in taken]
    chosen = {*taken, *others[: SHOWN - len(taken)]}
    return [block for block in looked_at if block in chosen]


def passages(evidence: Evidence, metric: str, unit: str) -> str:
    """Return the passages of a metric as HTML, folded up; a sentence where all blocks are equally hard."""
    scores = evidence.scores[metric]
    if scores.min() == scores.max():
        return "<p>Every block has the same value.</p>"
    train = evidence.corpus.train
    parts = []
    for title, blocks in chosen_blocks(evidence.orders[metric], train.document).items():
        quotes = "".join(_quote(evidence, block, float(scores[block]), unit) for block in blocks)
        low, high = sorted(short_number(float(scores[block])) for block in (blocks[0], blocks[-1]))
        about = low if low == high else f"{short_number(float(scores[blocks[0]]))} and on"
        parts.append(details(f"{title.capitalize()}: {len(blocks)} passages ({about})", quotes))
    return "".join(parts)


def _quote(evidence: Evidence, block: int, score: float, unit: str) -> str:
    """Return one passage with its value, source and number."""
    source = evidence.manifest.sources[int(evidence.source[block])]
    about = f"{short_number(score)} {unit} · {source} · block {block:,}"
    text = evidence.passage(block, _LETTERS) or "(nothing but special tokens)"
    return f"<blockquote><p>{escape(text)}</p><footer>{escape(about)}</footer></blockquote>"
