"""README.md of a prepared corpus: a data card in the layout of the Hub, so that the folder is ready to upload."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from climb.base.charts import Cell, percent, short_number
from climb.base.corpus import CorpusManifest, PreparedCorpus
from climb.base.files import write_text
from climb.data_prep.report.card_header import header
from climb.data_prep.report.command_line import repeat_command
from climb.data_prep.report.flow import REPETITION, repetition_rows, source_flows, stage_table, unit_table
from climb.data_prep.report.folding import fold_sources

COLUMNS = {
    "input_ids": "the tokens of the block, then padding",
    "upos": "part of speech of each token, a position in UD's seventeen tags in alphabetical order; specials are X",
    "word_start": "whether a token begins a word",
    "verbatim": "whether a token's line stands word for word in the other split too",
    "length": "how many of them are not padding",
    "words": "words that end in the block",
    "bytes": "UTF-8 bytes of its text",
    "source": "the source, counted from 0 in the order of the table of sources",
    "document": "the document of its first token",
}


def write_card(folder: Path) -> None:
    """Write README.md into the folder of a prepared corpus.

    Args:
        folder: it; nothing but its own files is read.

    Raises:
        UserError: it is no prepared corpus, or damaged.
    """
    write_text(folder / "README.md", card_text(PreparedCorpus(folder).manifest))


def card_text(manifest: CorpusManifest) -> str:
    """Return the card."""
    folded, _ = fold_sources(manifest)
    parts = (
        _description(manifest),
        _making(manifest),
        _sources(folded),
        _cleaning(folded),
        _splits(manifest),
        _metrics(manifest),
        _tokenizer(manifest),
        _limits(manifest),
        _loading(manifest),
        _citation(manifest),
    )
    return header(manifest) + "\n" + "\n\n".join(parts) + "\n"


def _description(manifest: CorpusManifest) -> str:
    train, held_out = manifest.total("train"), manifest.total("validation")
    sources = len(manifest.sources)
    return (
        f"# {plain(manifest.name)}\n\n"
        f"{train.words:,} words of training text from {sources} {'source' if sources == 1 else 'sources'} and "
        f"{held_out.words:,} held-out words: cleaned, cut into {train.blocks:,} blocks of {manifest.block_size} "
        f"tokens, each with {len(manifest.metrics)} measures of how hard it is. It is meant for training small "
        "language models, and for curriculum learning in particular. `report.html` shows what is in it, with the "
        "easiest and hardest passages."
    )


def _making(manifest: CorpusManifest) -> str:
    options = [[f"`{name}`", _code(_option(value))] for name, value in manifest.options.items()]
    versions = ", ".join(f"{name} {version}" for name, version in manifest.versions.items())
    return (
        "## How it was made\n\nFrom the folder of the texts, this command gives the same bytes:\n\n"
        f"```sh\n{_unfenced(repeat_command(manifest))}\n```\n\n"
        f"Versions: {plain(versions)}. Fingerprint: `{manifest.fingerprint[:16]}`. The SHA-256 of every file that "
        f"was read stands in `manifest.json`.\n\n{markdown_table(['option', 'value'], options)}"
    )


def _option(value: object) -> str:
    if isinstance(value, dict) or (isinstance(value, list) and any(isinstance(one, dict) for one in value)):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return "none" if value is None else str(value)


def _sources(manifest: CorpusManifest) -> str:
    flows = source_flows(manifest)
    rules = [[label, rule] for label, rule in manifest.document_rules.items()]
    return (
        f"## Sources\n\n{markdown_table(*stage_table(flows))}\n\n{markdown_table(*unit_table(flows))}\n\n"
        f"What counts as a document:\n\n{markdown_table(['source', 'a document is'], rules)}"
    )


def _cleaning(manifest: CorpusManifest) -> str:
    rows: list[list[Cell]] = [
        [label, rule, counts["lines"], counts["bytes"]]
        for label, rules in manifest.cleaning.items()
        for rule, counts in rules.items()
        if any(counts.values())
    ]
    parts = ["## Cleaning"]
    if rows:
        parts.append("Lines that each rule changed or removed, and the UTF-8 bytes it took away.")
        parts.append(markdown_table(["source", "rule", "lines", "bytes"], rows))
    else:
        parts.append("Nothing was changed.")
    if repetition := repetition_rows(manifest):
        parts += ["Repeated text that was removed:", markdown_table(REPETITION, repetition)]
    return "\n\n".join(parts)


def _splits(manifest: CorpusManifest) -> str:
    rows: list[list[Cell]] = []
    for split in manifest.counts:
        total = manifest.total(split)
        rows.append([split, total.documents, total.sentences, total.words, total.tokens, total.blocks])
    lines = sum(counts.lines for counts in manifest.overlap.values())
    verbatim = sum(counts.verbatim for counts in manifest.overlap.values())
    seen = (
        f"\n\n{verbatim:,} of {lines:,} held-out lines ({percent(verbatim / lines)}) stand word for word in the "
        "training text too; the column `verbatim` marks their tokens."
        if lines
        else ""
    )
    table = markdown_table(["split", "documents", "sentences", "words", "tokens", "blocks"], rows)
    return f"## Splits\n\nWhole documents are held out, so no document stands in both.\n\n{table}{seen}"


def _metrics(manifest: CorpusManifest) -> str:
    rows = [[_code(name), info.unit, "higher is harder", info.description] for name, info in manifest.metrics.items()]
    left_out = [
        f"- {_code(name)} was left out ({plain(reason.rstrip('.'))})." for name, reason in manifest.left_out.items()
    ]
    text = "## Difficulty\n\n" + (
        f"{markdown_table(['metric', 'unit', 'direction', 'what it is'], rows)}\n\n`scores.parquet` has a row for "
        "every training block, in the order of `train/`; `sentences.parquet` a row for every sentence."
        if rows
        else "No metric was computed."
    )
    return "\n\n".join([text, *(["\n".join(left_out)] if left_out else [])])


def _tokenizer(manifest: CorpusManifest) -> str:
    train = manifest.total("train")
    origin = "was given" if manifest.options.get("tokenizer") else "a byte-level BPE trained on the training text"
    per_word, per_token = train.tokens / max(train.words, 1), train.bytes / max(train.tokens, 1)
    return (
        f"## Tokenizer\n\n{manifest.vocab_size:,} tokens; {origin}. In the training text {short_number(per_word)} "
        f"tokens stand for a word and {short_number(per_token)} bytes for a token, special tokens counted. "
        "`tokenizer/` loads with `AutoTokenizer.from_pretrained`."
    )


def _limits(manifest: CorpusManifest) -> str:
    tagger = (
        f"Tags and dependencies come from {plain(manifest.tagger)}, a machine: they hold its mistakes."
        if manifest.tagger
        else "There was no tagger: every token's part of speech is X (unknown)."
    )
    learned = manifest.supervision_words
    items = [
        "The rights in the texts are those of their sources; whoever shares the corpus fills in the licence above.",
        "Cleaning is by rule. It was counted, not checked line by line, and it removes no personal data.",
        tagger,
        "A word is what stands between white space; languages written without spaces are measured poorly.",
        "A measure of difficulty is a proxy for how hard a text is to learn from, not the thing itself.",
    ]
    if learned:
        items.insert(3, f"{learned:,} words of human annotation stand behind the tags; a word budget may count them.")
    return "## Limits\n\n" + "\n".join(f"- {item}" for item in items)


def _loading(manifest: CorpusManifest) -> str:
    metric = next(iter(manifest.metrics), None)
    curriculum = f" --curriculum data_{metric}_linear" if metric else " --curriculum vocab_linear"
    return (
        "## How to load it\n\n```python\nfrom datasets import load_dataset, load_from_disk\n\n"
        'train = load_from_disk("FOLDER/train")                # a copy on this disk, source labels by name\n'
        'train = load_dataset("FOLDER", split="train")         # the same blocks, from here or from the Hub\n'
        'scores = load_dataset("parquet", data_files="FOLDER/scores.parquet", split="train")\n```\n\n'
        f"```sh\nclimb train FOLDER{_unfenced(curriculum)}\n```\n\n"
        "`FOLDER` is where this file lies, or the name of the repository on the Hub. A row is a block:\n\n"
        + markdown_table(["column", "what it is"], [[f"`{name}`", text] for name, text in COLUMNS.items()])
    )


def _citation(manifest: CorpusManifest) -> str:
    return (
        "## Citation\n\nCite the sources of the text. For the tool and the corpus' exact version:\n\n"
        "```bibtex\n@software{climb,\n  title   = {climb: curriculum learning for small language models},\n"
        f"  version = {{{_unfenced(manifest.versions.get('climb-lm', 'unknown'))}}},\n"
        f"  note    = {{Corpus fingerprint {manifest.fingerprint[:16]}}}\n}}\n```"
    )


def markdown_table(header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    """Return a table; columns of numbers stand right. Texts are escaped, but for code set by backticks."""
    numeric = [bool(rows) and all(not isinstance(row[column], str) for row in rows) for column in range(len(header))]
    rule = "|".join(" ---: " if number else " --- " for number in numeric)
    lines = [" | ".join(plain(text) for text in header), *(" | ".join(map(_cell, row)) for row in rows)]
    return "\n".join([f"| {lines[0]} |", f"|{rule}|", *(f"| {line} |" for line in lines[1:])])


def _cell(value: Cell) -> str:
    if isinstance(value, str):
        return value if value.startswith("`") else plain(value)
    if value is None:
        return "–"
    return f"{value:,}" if isinstance(value, int) else short_number(value)


def plain(text: str) -> str:
    """Return text as Markdown that shows it as it is, on one line: no markup, no HTML, no new cell."""
    line = " ".join(text.split())
    for mark in "\\`*_[]|#~":
        line = line.replace(mark, f"\\{mark}")
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _code(text: str) -> str:
    """Return text as code within a table."""
    line = " ".join(text.split()).replace("`", "'").replace("|", "\\|")
    return f"`{line}`" if line else ""


def _unfenced(text: str) -> str:
    """Return text that cannot end the code block it stands in."""
    return text.replace("```", "'''")
