"""The YAML header of the data card, by which the Hub lists, shows and loads the corpus."""

from __future__ import annotations

from typing import Any

import yaml

from climb.base.corpus import ARROW_FILE, CorpusManifest

_SIZES = (
    "n<1K",
    "1K<n<10K",
    "10K<n<100K",
    "100K<n<1M",
    "1M<n<10M",
    "10M<n<100M",
    "100M<n<1B",
    "1B<n<10B",
    "10B<n<100B",
)


def header(manifest: CorpusManifest) -> str:
    """Return the header between its lines of dashes.

    The licence of a text cannot be read from it, so it is `unknown` until somebody fills it in; the language is
    given where the tagger or the embedded sample corpus tells it.
    """
    language = known_language(manifest)
    values: dict[str, Any] = {"pretty_name": manifest.name, "license": "unknown"}
    if language:
        values["language"] = [language]
    values |= {
        "task_categories": ["text-generation", "fill-mask"],
        "size_categories": [size_category(sum(manifest.total(split).blocks for split in manifest.counts))],
        "tags": ["climb-lm", "curriculum-learning", "babylm", "small-language-models"],
        "configs": _configs(manifest),
    }
    text = yaml.safe_dump(values, sort_keys=False, allow_unicode=True, width=1000)
    fill_in = "# Fill in the licence of the texts"
    fill_in += "." if language else ", and their language: the two letters of ISO 639-1 under `language:`."
    return f"---\n{fill_in}\n{text}---\n"


def known_language(manifest: CorpusManifest) -> str | None:
    """Return the language's two letters: spaCy pipelines begin with them, and the sample corpus is English."""
    if "sample_words" in manifest.options:
        return "en"
    code, _, rest = (manifest.tagger or "").partition("_")
    return code if rest and len(code) == 2 and code.isalpha() and code.islower() and code != "xx" else None


def size_category(rows: int) -> str:
    """Return the Hub's name for a number of rows.

    Example:
        >>> size_category(999), size_category(1000), size_category(143_831)
        ('n<1K', '1K<n<10K', '100K<n<1M')
    """
    return _SIZES[min(max(len(str(rows)) - 3, 0), len(_SIZES) - 1)]


def _configs(manifest: CorpusManifest) -> list[dict[str, Any]]:
    """Return what `datasets` loads from the folder: the blocks. One repository has one format, so no parquet here."""
    blocks = [
        {"split": split, "path": f"{split}/{ARROW_FILE}"} for split in manifest.counts if manifest.total(split).blocks
    ]
    return [{"config_name": "default", "data_files": blocks}]
