"""docs/smoothing.md: its commands and its Python run, and its tables name what there is."""

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from climb.cli import app
from climb.config import SyntaxConfig
from climb.options import presets
from tests.corpus_fixture import write_corpus

TEXT = (Path(__file__).resolve().parents[3] / "docs" / "smoothing.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(?P<kind>\w+)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    home = tmp_path_factory.mktemp("docs")
    write_corpus(home / "data" / "sample")
    return home


def test_commands_run(folder, monkeypatch):
    monkeypatch.chdir(folder)
    commands = [
        line for block in BLOCK.finditer(TEXT) for line in block["body"].splitlines() if "climb train" in line
    ]
    assert len(commands) == 3
    for line in commands:
        small = " --set model.hidden_size=16 --set model.heads=2 --set model.layers=1 --evaluations 1 --device cpu"
        result = CliRunner().invoke(app, shlex.split(line + small)[1:])
        assert result.exit_code == 0, (line, result.exception)


def test_python_runs(folder, monkeypatch):
    monkeypatch.chdir(folder)
    (body,) = (block["body"] for block in BLOCK.finditer(TEXT) if block["kind"] == "python")
    exec(compile(body, "docs/smoothing.md", "exec"), {})


def test_every_setting_and_every_preset_has_its_place():
    table = TEXT[TEXT.index("| setting") : TEXT.index("Options without effect")]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == set(SyntaxConfig.model_fields)
    named = re.findall(r"`(smoothing-[a-z-]+)`", TEXT)
    kinds = {name.removesuffix("-low") for name in named}
    expected = {name for kind in kinds - {"smoothing-base"} for name in (f"{kind}-{one}" for one in PRESETS)}
    assert {name for name in presets("train") if name.startswith("smoothing-")} == expected | {"smoothing-base"}


PRESETS = ("low", "mid", "high")
