"""docs/metrics.md tells of every metric, and its examples run."""

import re
from pathlib import Path

import pytest

import climb
from climb.data_prep.difficulty.choosing import all_metrics


@pytest.fixture(scope="module")
def page(repository: Path) -> str:
    return (repository / "docs" / "metrics.md").read_text(encoding="utf-8")


def test_every_metric_stands_in_the_table_with_its_unit(page):
    rows = [
        [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        for line in page.splitlines()
        if line[:3] == "| `"
    ]
    told = {row[0].strip("`"): row[2] for row in rows}
    assert told == {name: kind.unit for name, kind in all_metrics().items()}


def test_examples_run(page, tmp_path, capsys):
    first, plugin = re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)
    exec(first, {})
    assert "flesch 100 − reading ease ()" in capsys.readouterr().out
    (tmp_path / "commas.py").write_text(plugin, encoding="utf-8")
    assert climb.measure("One, two, three.", "commas", plugin=[str(tmp_path / "commas.py")]) == 2.0
