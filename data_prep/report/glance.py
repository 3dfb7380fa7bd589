"""The first screen: what the corpus is, in figures and one picture, and which curricula it supports."""

from __future__ import annotations

from html import escape

from climb.base.charts import Page, bars, figures_list, percent
from climb.base.corpus import CorpusManifest
from climb.data_prep.report.evidence import Evidence


def lead(manifest: CorpusManifest) -> str:
    """Return the corpus in a sentence."""
    words, sources = manifest.total("train").words, len(manifest.sources)
    return (
        f"{words:,} words of {sources} {'source' if sources == 1 else 'sources'}, cleaned, measured and packed for "
        "training small language models under a curriculum."
    )


def add_glance(page: Page, evidence: Evidence) -> None:
    """Add key figures, words per source, and the curricula."""
    manifest = evidence.manifest
    page.section("At a glance")
    words = {
        label: {
            split: float(manifest.counts[split][label].words)
            for split in ("train", "validation")
            if label in manifest.counts[split]
        }
        for label in sorted(manifest.sources, key=lambda label: -_words(manifest, label))
    }
    picture = bars(words, "Words of each source, to train on and held out", "words")
    figures = figures_list(key_figures(evidence.corpus.manifest))
    page.add(f'<div class="beside"><div>{figures}</div>{picture}</div>', _curricula(manifest))


def _words(manifest: CorpusManifest, label: str) -> int:
    return sum(manifest.counts[split][label].words for split in manifest.counts if label in manifest.counts[split])


def key_figures(manifest: CorpusManifest) -> dict[str, tuple[str, str]]:
    """Return what → (figure, a few words about it)."""
    train, held_out = manifest.total("train"), manifest.total("validation")
    share = held_out.words / max(train.words + held_out.words, 1)
    tagger = f"tagged by {manifest.tagger}" if manifest.tagger else "not tagged"
    return {
        "Words to train on": (f"{train.words:,}", f"{train.sentences:,} sentences, {train.documents:,} documents"),
        "Held out": (percent(share), f"{held_out.words:,} words" if held_out.words else "nothing to evaluate on"),
        "Sources": (f"{len(manifest.sources):,}", tagger),
        "Blocks": (f"{train.blocks:,}", f"of {manifest.block_size} tokens, packed by {manifest.pack}"),
        "Vocabulary": (f"{manifest.vocab_size:,}", f"tokens; {train.tokens / max(train.words, 1):.2f} for each word"),
        "Difficulty": (f"{len(manifest.metrics)}", "metrics for every block and sentence"),
    }


def curricula(manifest: CorpusManifest) -> tuple[list[str], str]:
    """Return the names of curricula that the corpus supports, and a sentence on those that it does not."""
    names = [f"data_{name}_linear" for name in manifest.metrics] + ["vocab_linear"]
    if manifest.tagger:
        return [*names, "vocab_pos_linear", "vocab_pos_token_linear"], ""
    return names, "Vocabulary curricula by part of speech (vocab_pos_…) need a tagger, and there was none."


def _curricula(manifest: CorpusManifest) -> str:
    names, missing = curricula(manifest)
    items = "".join(f"<li><code>{escape(name)}</code></li>" for name in names)
    note = f'<p class="note">{escape(missing)}</p>' if missing else ""
    words = "Curricula it supports, with any pacing function in place of <code>linear</code>:"
    return f'<p>{words}</p><ul class="plain">{items}</ul>{note}'
