"""The tokenizer on this text: fertility and coverage by source, which words it splits, which tokens it never uses."""

from __future__ import annotations

from html import escape

import numpy as np

from climb.base.charts import Cell, Page, details, percent, ridges, table
from climb.data_prep.report.evidence import Evidence

_PIECES = 8
_UNUSED = 200
_LONGEST_SHOWN = 24


def add_tokenizer(page: Page, evidence: Evidence) -> None:
    """Add the table by source, the split words, and the unused tokens."""
    page.section("Tokenizer")
    counts = evidence.tokens
    read = "" if counts.share == 1 else f" Counted on {percent(counts.share)} of the blocks, in runs spaced evenly."
    page.note(
        "Fertility is the number of tokens per word; a word is what stands between white space, punctuation at its "
        f"edges included. Special tokens and line ends count in neither.{read}"
    )
    page.add(table(*fertility_table(evidence), caption="Fertility and coverage", csv=True, kind="labels wide"))
    page.add('<div class="beside">', _pieces(evidence), _split_words(evidence), "</div>")
    _add_unused(page, evidence)


def fertility_table(evidence: Evidence) -> tuple[list[str], list[list[Cell]]]:
    """Return header and a row per source: words, tokens per word, and how well the vocabulary fits."""
    header = [
        "source", "words", "tokens per word", "words that are one token", "bytes per token",
        "tokens that are known", "part of the vocabulary used",
    ]  # fmt: skip
    rows: list[list[Cell]] = []
    groups = [(label, [number]) for number, label in evidence.present]
    if len(groups) > 1:
        groups.append(("all", [number for number, _ in evidence.present]))
    for label, numbers in groups:
        rows.append([label, *_fit(evidence, numbers)])
    return header, rows


def _fit(evidence: Evidence, numbers: list[int]) -> list[Cell]:
    """Return the numbers of some sources together."""
    counts, vocabulary = evidence.tokens, evidence.vocabulary
    occurrences = counts.occurrences[numbers].sum(axis=0)
    tokens = int(occurrences[~vocabulary.special].sum())
    unknown = 0 if vocabulary.unknown is None else int(occurrences[vocabulary.unknown])
    words = int(counts.words[numbers].sum())
    train = evidence.manifest.counts["train"]
    size = sum(train[evidence.manifest.sources[number]].bytes for number in numbers) * counts.share
    ordinary = vocabulary.ordinary
    return [
        words,
        int(counts.word_tokens[numbers].sum()) / max(words, 1),
        percent(int(counts.pieces[numbers, 1].sum()) / max(words, 1)),
        size / max(tokens, 1),
        percent(1 - unknown / max(tokens, 1)),
        percent(int((occurrences[ordinary] > 0).sum()) / max(int(ordinary.sum()), 1)),
    ]


def _pieces(evidence: Evidence) -> str:
    """Return how many words fall into how many tokens, a row per source."""
    shares: dict[str, list[float]] = {}
    for number, label in evidence.present:
        pieces = evidence.tokens.pieces[number]
        shown = [*pieces[1:_PIECES].tolist(), int(pieces[_PIECES:].sum())]
        shares[label] = [round(count / max(int(pieces.sum()), 1), 6) for count in shown]
    edges = [number + 0.5 for number in range(_PIECES + 1)]
    caption = f"Tokens of a word, share of words; the last bin is {_PIECES} and more"
    return ridges(edges, shares, caption, "tokens of a word")


def _split_words(evidence: Evidence) -> str:
    """Return tables of the commonest split words and of those that fall into most pieces."""
    counts, texts = evidence.tokens, evidence.vocabulary.texts
    halved: list[list[Cell]] = [[_pieces_of(texts, [one, other]), times] for times, one, other in counts.halved]
    longest: list[list[Cell]] = [
        [_pieces_of(texts, word.tolist()), len(word)] for word in counts.longest if len(word) > 1
    ]
    parts = []
    if halved:
        parts.append(table(["word", "times"], halved, "Words most often split in two"))
    if longest:
        shown = table(["word", "pieces"], longest, "The words that fall into most tokens")
        parts.append(details("Words in most pieces", shown))
    return f"<div>{''.join(parts)}</div>"


def _pieces_of(texts: list[str], ids: list[int]) -> str:
    """Return the pieces of a word with dots between, the first ones of a very long word."""
    shown = "·".join(_visible(texts[number]) for number in ids[:_LONGEST_SHOWN])
    return shown if len(ids) <= _LONGEST_SHOWN else f"{shown}·…"


def _visible(text: str) -> str:
    """Return a token's text without the space before it; spaces alone as ␣, line ends as ↵."""
    return text.strip() or text.replace(" ", "␣").replace("\n", "↵")


def _add_unused(page: Page, evidence: Evidence) -> None:
    """Add how many tokens of the vocabulary never occur in the training blocks, and which."""
    ordinary, texts = evidence.vocabulary.ordinary, evidence.vocabulary.texts
    count = evidence.corpus.lexicon()["count"]
    unused = np.flatnonzero((count == 0) & ordinary)
    usable, once = int(ordinary.sum()), int(((count == 1) & ordinary).sum())
    names = [_visible(texts[number]) for number in unused if "\ufffd" not in texts[number]]
    page.add(
        f"<p>{len(unused):,} of {usable:,} tokens ({percent(len(unused) / max(usable, 1))}) never occur in the "
        f"training blocks, {len(unused) - len(names):,} of them single bytes that are no character; {once:,} occur "
        "once. Special tokens are not counted.</p>"
    )
    shown = "".join(f"<li><code>{escape(name[:40])}</code></li>" for name in names[:_UNUSED])
    more = f"<p>… and {len(names) - _UNUSED:,} more.</p>" if len(names) > _UNUSED else ""
    if names:
        page.add(details("Tokens that never occur", f'<ul class="plain">{shown}</ul>{more}'))
