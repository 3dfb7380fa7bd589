"""From the files to the blocks: how much of every source each stage kept, and what stands in both splits."""

from __future__ import annotations

from dataclasses import dataclass

from climb.base.charts import Cell, Page, bars, percent, table
from climb.base.corpus import CorpusManifest, Counts
from climb.data_prep.report.evidence import Evidence

_PLAIN = (".txt", ".train", ".dev", ".test", ".md", ".text")


@dataclass(frozen=True)
class SourceFlow:
    """What became of a source; bytes are UTF-8."""

    label: str
    files: int
    read: int
    """Bytes of its files, as they lie on the disk."""
    plain: bool
    """Whether the files are plain text, so that `read` can be compared with what is kept."""
    removed: int
    """Bytes that cleaning took away."""
    repeated: int
    """Bytes that were removed as repetition."""
    train: Counts
    held_out: Counts

    @property
    def kept(self) -> Counts:
        """Both splits together."""
        fields = Counts.model_fields
        return Counts(**{name: getattr(self.train, name) + getattr(self.held_out, name) for name in fields})

    @property
    def rest(self) -> int:
        """Bytes that no rule took away and no block holds: line ends between documents and blank lines."""
        return max(0, self.read - self.removed - self.repeated - self.kept.bytes)


def source_flows(manifest: CorpusManifest) -> list[SourceFlow]:
    """Return what became of every source, in the order of the manifest."""
    flows = []
    for label in manifest.sources:
        files = [file for file in manifest.inputs if file.source == label]
        flows.append(
            SourceFlow(
                label,
                len(files),
                sum(file.bytes for file in files),
                all(file.name.endswith(_PLAIN) for file in files),
                sum(counts["bytes"] for counts in manifest.cleaning.get(label, {}).values()),
                sum(amount.bytes for amount in manifest.removed.get(label, {}).values()),
                manifest.counts["train"].get(label, Counts()),
                manifest.counts["validation"].get(label, Counts()),
            )
        )
    return flows


def add_flow(page: Page, evidence: Evidence) -> None:
    """Add the table of stages, the picture of bytes, what a document is, and the overlap of the splits."""
    manifest = evidence.manifest
    page.section("Sources")
    flows = source_flows(manifest)
    total = len(evidence.corpus.manifest.sources)
    if total > len(flows):
        page.note(f"The {len(flows) - 1} largest of {total:,} sources are shown, the others together.")
    page.add(table(*stage_table(flows), caption="Every source, stage by stage", csv=True, kind="labels wide"))
    page.add(table(*unit_table(flows), caption="What is kept, in all units", csv=True, kind="labels wide"))
    parts = {flow.label: _shares(flow) for flow in flows if flow.plain and flow.read}
    picture = bars(parts, "What became of the bytes that were read", "% of the source's bytes") if parts else ""
    rules: list[list[Cell]] = [[label, rule] for label, rule in manifest.document_rules.items()]
    documents = table(["source", "a document is"], rules, "What a document is", kind="labels")
    page.add(f'<div class="beside">{picture}{documents}</div>')
    if repetition := repetition_rows(manifest):
        page.add(table(REPETITION, repetition, "Repeated text that was removed", csv=True, kind="labels"))
    _add_overlap(page, manifest)


def _shares(flow: SourceFlow) -> dict[str, float]:
    """Return what became of a source's bytes, in per cent."""
    sizes = {
        "train": flow.train.bytes,
        "held out": flow.held_out.bytes,
        "removed by cleaning": max(0, flow.removed),
        "line ends and blank lines": flow.rest,
        **({"removed as repetition": flow.repeated} if flow.repeated else {}),
    }
    return {what: 100 * size / flow.read for what, size in sizes.items()}


REPETITION = ["source", "kind", "documents", "lines", "words", "bytes"]
"""Header of `repetition_rows`."""


def repetition_rows(manifest: CorpusManifest) -> list[list[Cell]]:
    """Return what deduplication removed, by source and kind."""
    return [
        [label, kind, amount.documents, amount.lines, amount.words, amount.bytes]
        for label, kinds in manifest.removed.items()
        for kind, amount in kinds.items()
    ]


def stage_table(flows: list[SourceFlow]) -> tuple[list[str], list[list[Cell]]]:
    """Return header and rows: bytes read, removed and kept, words, and what each split got of them."""
    columns: dict[str, list[int]] = {
        "bytes read": [flow.read for flow in flows],
        "removed by cleaning": [flow.removed for flow in flows],
        "removed as repetition": [flow.repeated for flow in flows],
        "bytes kept": [flow.kept.bytes for flow in flows],
        "words": [flow.kept.words for flow in flows],
        "words to train on": [flow.train.words for flow in flows],
        "words held out": [flow.held_out.words for flow in flows],
        "blocks to train on": [flow.train.blocks for flow in flows],
        "blocks held out": [flow.held_out.blocks for flow in flows],
    }
    if not any(columns["removed as repetition"]):
        del columns["removed as repetition"]
    return ["source", *columns], _with_sums(flows, [list(row) for row in zip(*columns.values(), strict=True)])


def unit_table(flows: list[SourceFlow]) -> tuple[list[str], list[list[Cell]]]:
    """Return header and rows: files, documents, sentences, words, tokens, both splits together."""
    kept = [flow.kept for flow in flows]
    rows = [
        [flow.files, counts.documents, counts.sentences, counts.words, counts.tokens, counts.blocks]
        for flow, counts in zip(flows, kept, strict=True)
    ]
    return ["source", "files", "documents", "sentences", "words", "tokens", "blocks"], _with_sums(flows, rows)


def _with_sums(flows: list[SourceFlow], rows: list[list[int]]) -> list[list[Cell]]:
    """Return the rows behind the sources' labels, and the sums where there are several."""
    labelled: list[list[Cell]] = [[flow.label, *row] for flow, row in zip(flows, rows, strict=True)]
    if len(rows) > 1:
        labelled.append(["all", *map(sum, zip(*rows, strict=True))])
    return labelled


def _add_overlap(page: Page, manifest: CorpusManifest) -> None:
    """Add how many held-out lines the training text holds too."""
    rows: list[list[Cell]] = [
        [label, counts.lines, counts.verbatim, percent(counts.verbatim / counts.lines)]
        for label, counts in manifest.overlap.items()
        if counts.lines
    ]
    if not rows:
        return
    page.heading("Held-out lines that stand in the training text too")
    page.note(
        "Word for word, in any source. A model can know these by heart, so perplexity over them measures memory; "
        "it can leave them out."
    )
    header = ["source", "lines held out", "also in train", "share"]
    page.add(table(header, rows, "Verbatim overlap of the splits", kind="labels"))
