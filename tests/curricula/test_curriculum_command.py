import re
import subprocess
import sys
import xml.etree.ElementTree as Tree

import pytest
from typer.testing import CliRunner

from climb.base.errors import UserError
from climb.cli import app
from climb.curricula.catalogue import controls, draws, kinds, token_orders
from climb.curricula.naming import curriculum_name, parse
from climb.curricula.objective_base import objective_units
from climb.curricula.pacing_base import pacing_classes
from climb.curricula.plugins import use_plugins
from climb.curricula.self_scoring import METRIC
from tests.curricula.test_plugins import SMOOTH, file_of


def run(*arguments):
    result = CliRunner().invoke(app, ["curriculum", *map(str, arguments)], env={"COLUMNS": "80"})
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0
    return result.stdout


def test_list_names_everything_with_an_example_that_parses():
    text = run("list")
    parts = [*kinds(), *token_orders(), METRIC, *draws(), *pacing_classes(), *objective_units()]
    names = [*parts, *(f"{name}_" for name in controls())]
    listed = re.findall(r"^  ([\w-]+)", text, re.MULTILINE)
    assert sorted([*names, "none"]) == sorted(listed)
    examples = re.findall(r"; e\.g\. (\S+)$", text, re.MULTILINE)
    assert len(examples) == len(listed)
    for example in examples:
        parse(example)


def test_show_draws_curves_and_counts_exposure(corpus):
    name = "data_rarity_linear+vocab_pos_log+mask_decay_linear+length_linear+batch_linear"
    text = run("show", name, "--corpus", corpus.folder, "--steps", 100, "--batch-size", 8)
    assert max(map(len, text.splitlines()[1:])) <= 80
    for line in (
        "data: share of blocks open",
        "mask: share of tokens",
        "length: tokens of a row",
        "1 easiest",
        "spoken",
    ):
        assert line in text
    easiest = next(line.split() for line in text.splitlines() if "1 easiest" in line)
    hardest = next(line.split() for line in text.splitlines() if "10 hardest" in line)
    assert float(easiest[2]) > 0 == float(hardest[2])
    assert float(easiest[-1]) > float(hardest[-1])


def test_show_without_a_corpus_or_a_curriculum():
    assert "10 hardest" in run("show", "data_length_linear")
    assert "every block comes once per epoch" in run("show", "none")


def test_diff_puts_two_side_by_side():
    text = run("diff", "data_length_linear", "matched_data_length_linear", "--steps", 200, "--batch-size", 50)
    assert max(map(len, text.splitlines())) <= 80
    cells = [line.split()[2:] for line in text.splitlines() if line.startswith((" 1 easiest", " 10 hardest"))]
    for row in cells:
        assert row[3] == row[7]
    assert cells[1][0] == "0.00"
    with pytest.raises(UserError, match="compares two curricula and got 1"):
        run("diff", "vocab_linear")


def test_svg_stands_alone(tmp_path):
    file = tmp_path / "curves.svg"
    run("show", "data_length_linear+mask_decay_linear", "--svg", file)
    root = Tree.parse(file).getroot()
    space = "{http://www.w3.org/2000/svg}"
    assert root.tag == f"{space}svg"
    assert len(root.findall(f".//{space}polyline")) == 2
    with pytest.raises(UserError, match="no curve"):
        run("show", "none", "--svg", file)
    with pytest.raises(UserError, match="can be written"):
        run("show", "vocab_linear", "--svg", tmp_path / "no" / "x.svg")


def test_no_torch_is_loaded(corpus):
    code = (
        "import sys\n"
        f"sys.argv = ['climb', 'curriculum', 'show', 'vocab_pos_linear', '--corpus', {str(corpus.folder)!r}]\n"
        "from climb.cli import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, capture_output=True).returncode == 0


def test_unknown_names_are_refused_with_near_ones():
    with pytest.raises(UserError, match="did you mean linear"):
        run("show", "data_length_linaer")


def test_examples_are_canonical():
    assert [curriculum_name(parse(kind.example)) for kind in kinds().values()] == [
        "data_length_linear",
        "vocab_linear",
        "mask_decay_linear",
        "length_linear",
        "batch_linear",
        "objective_pos_mlm",
    ]


def test_objectives_have_a_timeline(tmp_path):
    text = run("show", "objective_pos_mlm:pos=0-0.5,mlm=0.25-1", "--steps", 660)
    pos, mlm = (next(line for line in text.splitlines() if line.strip().startswith(unit)) for unit in ("pos", "mlm"))
    assert pos.split("│")[1] == "█" * 33
    assert mlm.split("│")[1] == " " * 16 + "▒" + "█" * 49
    text = run("diff", "objective_pos_mlm", "reverse_objective_pos_mlm", "--steps", 80)
    assert [len(line.split()) - 3 for line in text.splitlines() if " objective " in line] == [1, 5, 1, 5]
    file = tmp_path / "spans.svg"
    space = "{http://www.w3.org/2000/svg}"
    for name, polylines in (("objective_pos_mlm", 0), ("objective_pos_mlm+vocab_linear", 1)):
        run("show", name, "--steps", 80, "--svg", file)
        root = Tree.parse(file).getroot()
        bars = [(float(bar.get("x")), float(bar.get("width"))) for bar in root.findall(f"{space}rect")]
        assert bars == [
            (50.0, pytest.approx(338 / 8, abs=0.1)),
            (pytest.approx(50 + 338 / 8, abs=0.1), pytest.approx(338 * 7 / 8, abs=0.1)),
        ]
        assert len(root.findall(f".//{space}polyline")) == polylines


def test_parts_of_ones_own_are_listed_and_shown(tmp_path):
    own = file_of(tmp_path, SMOOTH)
    try:
        listed = CliRunner().invoke(app, ["curriculum", "list", "--plugin", own])
        assert "smooth" in listed.stdout
        shown = CliRunner().invoke(app, ["curriculum", "show", "vocab_smooth", "--plugin", own, "--steps", "10"])
        assert "vocab: share of the order open" in shown.stdout
        assert shown.exit_code == 0
    finally:
        use_plugins([])
