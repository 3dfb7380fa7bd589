"""`climb prep`: raw text to a scored, tokenised, packed corpus."""

from __future__ import annotations

from pathlib import Path

from rich.table import Table

from climb.base.console import say, show
from climb.base.corpus import CorpusManifest, Counts
from climb.data_prep.options import PrepConfig


def prepare_corpus(config: PrepConfig) -> None:
    """Prepare a corpus: clean, score, tokenise and pack text.

    Without SOURCE the embedded sample corpus is prepared. A finished part is never done twice: run the same
    command again to go on after an interruption.
    """
    from climb.data_prep import prepare
    from climb.data_prep.inputs import CACHE

    folder = prepare(config)
    manifest = CorpusManifest.read(folder / "manifest.json")
    show(counts_table(manifest))
    removed = cleaning_table(manifest)
    if removed.row_count:
        show(removed)
    repeated = overlap_text(manifest)
    if repeated:
        say(repeated)
    show(f"Corpus: {folder}  ·  what is in it: {Path(folder) / 'report.html'}")
    kept = folder.absolute().parent / CACHE
    if config.cache and kept.is_dir():
        size = sum(path.stat().st_size for path in kept.rglob("*") if path.is_file())
        say(f"Kept for later preparations of the same text: {folder.parent / CACHE}, {size / 1e6:,.0f} MB.")


def overlap_text(manifest: CorpusManifest) -> str:
    """Say how much of the held-out text stands in the training text; nothing to say gives an empty text."""
    lines = sum(overlap.lines for overlap in manifest.overlap.values())
    verbatim = sum(overlap.verbatim for overlap in manifest.overlap.values())
    if not verbatim:
        return ""
    return (
        f"{verbatim:,} of {lines:,} held-out lines stand word for word in the training text: "
        "`climb eval --tasks perplexity --unseen-only` leaves them out."
    )


def counts_table(manifest: CorpusManifest) -> Table:
    """Return documents, sentences, words and blocks per source, and the words held out."""
    table = Table(title=f"Prepared corpus {manifest.name}", title_justify="left", show_footer=True)
    train, held_out = manifest.counts["train"], manifest.counts["validation"]
    total = manifest.total("train")
    table.add_column("source", "total")
    for field in ("documents", "sentences", "words", "blocks"):
        table.add_column(field, f"{getattr(total, field):,}", justify="right")
    table.add_column("held-out words", f"{manifest.total('validation').words:,}", justify="right")
    for source in manifest.sources:
        counts, kept = train.get(source, Counts()), held_out.get(source, Counts())
        values = (counts.documents, counts.sentences, counts.words, counts.blocks, kept.words)
        table.add_row(source, *(f"{value:,}" for value in values))
    return table


def cleaning_table(manifest: CorpusManifest) -> Table:
    """Return what cleaning removed or changed, per source and rule."""
    table = Table(title="Cleaning", title_justify="left")
    for heading in ("source", "rule", "lines", "bytes removed"):
        table.add_column(heading, justify="left" if heading in ("source", "rule") else "right")
    for source, rules in manifest.cleaning.items():
        for rule, amounts in rules.items():
            if any(amounts.values()):
                table.add_row(source, rule, f"{amounts['lines']:,}", f"{amounts['bytes']:,}")
    return table
