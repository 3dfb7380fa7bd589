"""What cleaning changed: counts by source and rule, and lines before and after with the difference marked."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from html import escape

from climb.base.charts import Cell, Page, details, table
from climb.data_prep.report.evidence import Evidence

_UNIT = re.compile(r"\w+|\s|[^\w\s]")
_SHOWN = 160


def add_removals(page: Page, evidence: Evidence) -> None:
    """Add the table of rules and the examples."""
    page.section("What cleaning changed")
    rows: list[list[Cell]] = [
        [label, rule, counts["lines"], counts["bytes"]]
        for label, rules in evidence.manifest.cleaning.items()
        for rule, counts in rules.items()
        if any(counts.values())
    ]
    if not rows:
        page.add("<p>Nothing.</p>")
        return
    page.note(
        "Lines changed or removed, and UTF-8 bytes taken away; a rule that writes more than it takes is negative."
    )
    page.add(table(["source", "rule", "lines", "bytes"], rows, "By source and rule", csv=True, kind="labels"))
    if evidence.examples:
        page.note("Lines before and after each rule, the first that were met; what a rule took away is struck out.")
    for label, rules in evidence.examples.items():
        shown = "".join(
            f"<h4>{escape(rule)}</h4>" + "".join(f"<blockquote>{difference(*pair)}</blockquote>" for pair in pairs)
            for rule, pairs in rules.items()
            if pairs
        )
        if shown:
            page.add(details(f"Examples from {label}", shown))


def difference(before: str, after: str) -> str:
    """Return two versions of a line as HTML: what went is struck out, what came is underlined.

    Spaces that went or came are shown as ␣, tabs as →, line ends as ↵.
    """
    before, after = before[:_SHOWN], after[:_SHOWN]
    old, new = _UNIT.findall(before), _UNIT.findall(after)
    if not new:
        return f"<p>{_marked('del', old)} <em>(the line goes)</em></p>"
    parts = []
    for kind, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            parts.append(escape("".join(old[i:j])))
        else:
            parts.append(_marked("del", old[i:j]) + _marked("ins", new[k:m]))
    return f"<p>{''.join(parts)}</p>"


def _marked(tag: str, units: list[str]) -> str:
    text = "".join(units)
    if text.isspace():
        text = text.replace(" ", "␣").replace("\t", "→").replace("\n", "↵")
    return f"<{tag}>{escape(text)}</{tag}>" if text else ""
