"""The committed scores and the pages of docs/results that stand on them agree."""

import json

import pytest

from experiments.tables import PAGES, SCORES, TABLES, filled

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


def test_every_table_has_a_place():
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES.glob("*.md"))
    assert all(f"<!-- table: {name} -->" in text for name in TABLES)
