"""docs/curricula.md: its commands and its Python run, in order, and what it shows is what they print."""

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from climb.cli import app
from climb.curricula.naming import parse
from climb.curricula.plugins import use_plugins
from tests.corpus_fixture import write_corpus

PAGE = Path(__file__).resolve().parents[2] / "docs" / "curricula.md"
TEXT = PAGE.read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(?P<kind>\w+)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    home = tmp_path_factory.mktemp("docs")
    write_corpus(home / "data" / "sample")
    return home


def run(line):
    result = CliRunner().invoke(app, shlex.split(line)[1:], env={"COLUMNS": "80"})
    assert result.exit_code == 0, (line, result.exception)
    return result.stdout


def test_commands_run_and_print_what_is_shown(folder, monkeypatch):
    monkeypatch.chdir(folder)
    printed, shown = "", 0
    for block in BLOCK.finditer(TEXT):
        if block["kind"] == "console":
            printed = "".join(run(line) for line in block["body"].splitlines() if line.startswith("climb "))
        elif block["kind"] == "text":
            assert printed == block["body"]
            shown += 1
    assert shown == 1


def test_python_runs(folder, monkeypatch):
    monkeypatch.chdir(folder)
    names = {}
    blocks = [block["body"] for block in BLOCK.finditer(TEXT) if block["kind"] == "python"]
    assert len(blocks) == 9
    for body in blocks:
        exec(compile(body, str(PAGE), "exec"), names)


def test_the_plugin_of_the_page_paces(tmp_path):
    (plugin,) = [block["body"] for block in BLOCK.finditer(TEXT) if "class Smooth" in block["body"]]
    (tmp_path / "smooth.py").write_text(plugin, encoding="utf-8")
    shown = run(f"climb curriculum show vocab_smooth --plugin {tmp_path / 'smooth.py'}")
    use_plugins([])
    assert "vocab_smooth" in shown
    assert "`climb curriculum list`, `show` and `diff` take `--plugin`" in TEXT


def test_every_name_in_the_text_parses():
    names = re.findall(
        r"`((?:random_|reverse_|matched_)?(?:data|vocab|mask|length|batch|objective)_[a-z][\w:=.,+/@-]*)`", TEXT
    )
    made_of = ("vocab_aoa", "objective_base")  # a family and what it needs, a registry: no curricula
    names = [name for name in names if not re.search(r"[A-Z]", name) and name not in made_of]
    assert len(names) > 5
    for name in names:
        if "_" in name and name != "vocab_smooth" and name not in ("mask_rate", "batch_size"):
            parse(name)
