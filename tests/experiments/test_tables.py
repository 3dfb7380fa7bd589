"""The committed scores and the pages of docs/results that stand on them agree."""

import json
import re

import pytest

import climb
from experiments.tables import PAGES, ROOT, SCORES, TABLES, filled

FILES = sorted(SCORES.rglob("*.json"))


def test_scores_are_small_and_bear_their_seed():
    assert FILES
    for path in FILES:
        assert path.stat().st_size <= 200_000, path
        assert path.stem.endswith(f"-s{json.loads(path.read_text(encoding='utf-8'))['config']['seed']}"), path


@pytest.mark.parametrize("page", sorted(PAGES.glob("*.md")), ids=lambda page: page.name)
def test_tables_are_what_the_scores_say(page):
    text = page.read_text(encoding="utf-8")
    assert filled(text) == text, "python -m experiments.tables writes them anew"


def test_the_documented_comparison_is_that_of_the_page(monkeypatch):
    monkeypatch.chdir(ROOT)
    text = (PAGES / "does-a-curriculum-help.md").read_text(encoding="utf-8")
    command = re.findall(r"^climb compare (.*) --out", text, re.MULTILINE)[0]
    comparison = climb.compare(climb.load_runs(*command.split()))
    assert [one.label for one in comparison.conditions] == ["none", "vocab_linear"]
    verdict = comparison.answer.verdict("vocab_linear")
    assert 100 * verdict.difference == pytest.approx(-2.4, abs=0.05)
    everything = climb.compare(climb.load_runs("experiments/scores/none-*.json"))
    assert everything.baseline.label == "none"
    assert all("loss=" in one.label for one in everything.conditions[1:])


def test_every_table_has_a_place():
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES.glob("*.md"))
    assert all(f"<!-- table: {name} -->" in text for name in TABLES)
