"""`climb prep`: raw text to a scored, tokenised, packed corpus."""

from __future__ import annotations

from pathlib import Path

from rich.table import Table

from climb.base.console import say, show
from climb.base.corpus import CorpusManifest
from climb.data_prep.options import PrepConfig


def prep(config: PrepConfig) -> None:
    """Prepare a corpus: clean, score, tokenise and pack text.

    Without SOURCE the embedded sample corpus is prepared. A finished part is never done twice: run the same
    command again to go on after an interruption.
    """
    from climb.data_prep import prepare

    if not config.sources:
        say("No source given: taking the embedded sample corpus.")
    folder = prepare(config)
    manifest = CorpusManifest.read(folder / "manifest.json")
    show(counts_table(manifest))
    removed = cleaning_table(manifest)
    if removed.row_count:
        show(removed)
    for metric, reason in manifest.left_out.items():
        say(f"Left out: {metric} ({reason})")
    show(f"Corpus: {folder}  ·  what is in it: {Path(folder) / 'report.html'}")


def counts_table(manifest: CorpusManifest) -> Table:
    """Return words, sentences and blocks per source and split."""
    table = Table(title=f"Prepared corpus {manifest.name}", title_justify="left")
    for heading in ("source", "split", "documents", "sentences", "words", "tokens", "blocks"):
        table.add_column(heading, justify="left" if heading in ("source", "split") else "right")
    for split, sources in manifest.counts.items():
        for source, counts in sources.items():
            values = (counts.documents, counts.sentences, counts.words, counts.tokens, counts.blocks)
            table.add_row(source, split, *(f"{value:,}" for value in values))
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
