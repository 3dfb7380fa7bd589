"""docs/cleaning.md lists every rule with its sources, and each example comes out of its rule as written."""

import re
from pathlib import Path

import pytest

from climb.data_prep.cleaning.cleaner import RULES, Cleaner
from climb.data_prep.cleaning.rule_choice import every_rule
from climb.data_prep.sources.reading import Tally

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "cleaning.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
    for line in PAGE.split("## The rules")[1].split("### Over several lines")[0].splitlines()
    if line.startswith("| ") and not line.startswith(("| rule |", "| ---"))
]


def text(cell: str) -> str:
    """Return what a cell shows, without its code marks."""
    if cell == "*dropped*":
        return ""
    plain = cell[4:-4] if cell.startswith("``` ") else cell[1:-1]
    return plain.replace("\\|", "|").replace("⇥", "\t").replace("⟨U+00AD⟩", "\u00ad")


def test_the_page_lists_every_rule_once():
    assert sorted(row[0] for row in ROWS) == sorted(every_rule())


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_what_the_page_says_of_a_rule_is_so(row: list[str]):
    name, about, sources, before, after = row
    rule = every_rule()[name]
    assert about == rule.about
    assert sources == ", ".join(sorted(family for family, rules in RULES.items() if rule in rules))
    assert " ⏎ ".join(Cleaner("x", True, Tally(), [rule]).lines(text(before))) == text(after)
