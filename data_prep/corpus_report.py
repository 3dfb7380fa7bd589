"""report.html of a prepared corpus: what is in it, in pictures, on one self-contained page.

Made from the finished files alone, so that it can be made again from any prepared corpus. Histograms are drawn
from at most `_DRAWN` blocks per source, evenly spaced; the cost is a second or two.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path

import numpy as np
import numpy.typing as npt

from climb.base.charts import Page, bars, histogram, short_number, table
from climb.base.corpus import SPLITS, CorpusManifest, PreparedCorpus
from climb.base.files import write_text

_DRAWN = 20_000
_BINS = 40
_EXCERPT = 160
_CLOSE_UP = (0.002, 0.998)
"""Quantiles between which a histogram is drawn; the rest falls into its first and last bin."""

FloatArray = npt.NDArray[np.float32]


def write_report(folder: Path) -> None:
    """Write report.html into the folder of a prepared corpus."""
    corpus = PreparedCorpus(folder)
    manifest = corpus.manifest
    page = Page(f"Corpus {manifest.name}")
    _summary(page, manifest)
    _sources(page, manifest)
    _cleaning(page, manifest)
    _tokenizer(page, corpus)
    _metrics(page, corpus)
    write_text(folder / "report.html", page.html())


def _summary(page: Page, manifest: CorpusManifest) -> None:
    """Say in a few lines what the corpus is."""
    train, held_out = manifest.total("train"), manifest.total("validation")
    tagger = manifest.tagger or "none (every part-of-speech tag is X)"
    page.add(
        f"<p>{train.words:,} words to train on in {train.blocks:,} blocks of {manifest.block_size} tokens; "
        f"{held_out.words:,} words held out. Vocabulary of {manifest.vocab_size:,} tokens. "
        f"Packing: {escape(manifest.pack)}. Tagger: {escape(tagger)}.</p>"
    )
    rows: list[list[str | int | float]] = [
        [file.name, file.source, file.bytes, file.sha256[:12]] for file in manifest.inputs
    ]
    page.heading("Input files")
    page.add(table(["file", "source", "bytes", "SHA-256"], rows))


def _sources(page: Page, manifest: CorpusManifest) -> None:
    """Show words per source and split."""
    page.heading("Sources")
    words: dict[str, dict[str, float]] = {label: {} for label in manifest.sources}
    rows: list[list[str | int | float]] = []
    for split in SPLITS:
        for label, counts in manifest.counts[split].items():
            numbers = [counts.documents, counts.sentences, counts.words, counts.bytes, counts.tokens, counts.blocks]
            rows.append([label, split, *numbers])
            words[label][split] = float(counts.words)
    header = ["source", "split", "documents", "sentences", "words", "bytes", "tokens", "blocks"]
    page.add(bars(words, "Words per source and split", "words"), table(header, rows))
    page.note("What a document is, by source:")
    page.add(table(["source", "a document is"], list(map(list, manifest.document_rules.items()))))


def _cleaning(page: Page, manifest: CorpusManifest) -> None:
    """Show what cleaning removed."""
    page.heading("What cleaning changed")
    rows: list[list[str | int | float]] = [
        [label, rule, counts["lines"], counts["bytes"]]
        for label, rules in manifest.cleaning.items()
        for rule, counts in rules.items()
    ]
    page.note("Lines changed or removed, and UTF-8 bytes removed, by source and rule.")
    page.add(table(["source", "rule", "lines", "bytes"], rows) if rows else "<p>Nothing.</p>")


def _tokenizer(page: Page, corpus: PreparedCorpus) -> None:
    """Show fertility: tokens per word, and bytes per token, by source."""
    page.heading("Tokenizer")
    rows: list[list[str | int | float]] = []
    for label, counts in corpus.manifest.counts["train"].items():
        tokens = counts.tokens
        rows.append([label, tokens, tokens / max(counts.words, 1), counts.bytes / max(tokens, 1)])
    page.add(table(["source", "tokens", "tokens per word", "bytes per token"], rows))
    used = int((corpus.lexicon()["count"] > 0).sum())
    page.note(f"{used:,} of {corpus.manifest.vocab_size:,} tokens occur in the training blocks.")


def _metrics(page: Page, corpus: PreparedCorpus) -> None:
    """Show each metric's histogram per source, and its easiest, median and hardest blocks."""
    page.heading("Difficulty")
    manifest = corpus.manifest
    for name, reason in manifest.left_out.items():
        page.note(f"Left out: {name} ({reason})")
    page.note("Each value is that of a training block; higher means harder.")
    for name, info in manifest.metrics.items():
        scores = corpus.scores(name)
        page.heading(f"{name} ({info.unit})", level=3)
        page.note(f"{info.description}; {_five_numbers(scores)}")
        page.add(_histogram(corpus, name, info.unit, scores), _examples(corpus, scores))


def _five_numbers(scores: FloatArray) -> str:
    """Return minimum, quartiles and maximum in words."""
    low, first, middle, third, high = (short_number(float(q)) for q in np.quantile(scores, [0, 0.25, 0.5, 0.75, 1]))
    return f"{low} to {high}, median {middle}, middle half {first} to {third}"


def _histogram(corpus: PreparedCorpus, name: str, unit: str, scores: FloatArray) -> str:
    """Return the histogram of a metric, an outline per source."""
    edges, log = _bins(scores, unit)
    shares: dict[str, list[float]] = {}
    for number, label in enumerate(corpus.manifest.sources):
        here = scores[corpus.train.source == number]
        if len(here):
            drawn = here[:: max(1, len(here) // _DRAWN)]
            counts = np.histogram(np.clip(drawn, edges[0], edges[-1]), edges)[0]
            shares[label] = (counts / len(drawn)).tolist()
    return histogram(edges.tolist(), shares, f"{name}, share of each source's blocks", unit, log)


def _bins(scores: FloatArray, unit: str) -> tuple[npt.NDArray[np.float64], bool]:
    """Return the edges of a histogram, and whether they grow by a factor; whole numbers get whole bins."""
    low, high = (float(q) for q in np.quantile(scores, _CLOSE_UP))
    if (scores == np.round(scores)).all():
        width = max(1, round((high - low) / _BINS))
        return np.arange(np.floor(low) - 0.5, high + width, width), False
    if high <= low:
        low, high = low - 0.5, high + 0.5
    if unit == "perplexity" and low > 0:
        return np.geomspace(low, high, _BINS + 1), True
    return np.linspace(low, high, _BINS + 1), False


def _examples(corpus: PreparedCorpus, scores: FloatArray) -> str:
    """Return the easiest, median and hardest block with an excerpt of each."""
    order = np.argsort(scores, kind="stable")
    places: Mapping[str, int] = {"easiest": 0, "median": len(order) // 2, "hardest": len(order) - 1}
    parts = []
    for title, place in places.items():
        block = int(order[place])
        source = corpus.manifest.sources[int(corpus.train.source[block])]
        value = short_number(float(scores[block]))
        text = f"{title}: {value} ({source})"
        parts.append(f"<p>{escape(text)}</p><blockquote>{escape(excerpt(corpus, block))}</blockquote>")
    return "".join(parts)


def excerpt(corpus: PreparedCorpus, block: int) -> str:
    """Return the beginning of a training block as text, its lines parted by slashes."""
    ids = corpus.train.tokens([block])[0, : int(corpus.train.length[block])]
    text = str(corpus.tokenizer.decode(ids.tolist(), skip_special_tokens=True)).strip().replace("\n", " / ")
    return text if len(text) <= _EXCERPT else text[:_EXCERPT].rsplit(" ", 1)[0] + " …"
