"""How the corpus was made: files with checksums, options, versions, and the command that repeats it."""

from __future__ import annotations

import json
from html import escape

from climb.base.charts import Cell, Page, table
from climb.data_prep.report.command_line import repeat_command
from climb.data_prep.report.evidence import Evidence

_FILES = 200


def add_provenance(page: Page, evidence: Evidence) -> None:
    """Add everything that is needed to make the same corpus again."""
    manifest = evidence.corpus.manifest
    page.section("How it was made")
    page.add(
        "<p>From the folder of the text, this command gives the same bytes with the versions below; the fingerprint "
        f"of the result is <code>{manifest.fingerprint[:16]}</code>.</p>"
        f"<pre><code>{escape(repeat_command(manifest))}</code></pre>"
    )
    if "FILES" in repeat_command(manifest):
        page.note("FILES are those of the table, in its order.")
    files: list[list[Cell]] = [[file.name, file.source, file.bytes, file.sha256] for file in manifest.inputs[:_FILES]]
    page.add(table(["file", "source", "bytes", "SHA-256"], files, "Files that were read", csv=True, kind="code"))
    if len(manifest.inputs) > _FILES:
        page.note(f"The first {_FILES} of {len(manifest.inputs):,} files; manifest.json has all.")
    options: list[list[Cell]] = [[name, _said(value)] for name, value in manifest.options.items()]
    versions: list[list[Cell]] = [[name, version] for name, version in manifest.versions.items()]
    page.add(
        '<div class="beside">'
        + table(["option", "value"], options, "Options", kind="code")
        + table(["package", "version"], versions, "Versions", kind="code")
        + "</div>"
    )
    if manifest.tagger:
        learned = (
            f"{manifest.supervision_words:,} words" if manifest.supervision_words else "an unknown number of words"
        )
        page.note(f"Tagger and parser: {manifest.tagger}, which learned from {learned} that people have annotated.")


def _said(value: object) -> str:
    """Return an option's value as it stands in JSON, texts without quotes."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
