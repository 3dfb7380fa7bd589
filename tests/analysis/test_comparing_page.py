"""docs/comparing.md: its Python and its comparison run, its sweep file is one, its commands have their flags."""

import re
import shlex
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from climb.cli import app
from climb.sweep.experiment import Experiment, read_experiment
from tests.analysis.fake_runs import sweep
from tests.analysis.test_comparison import LEVELS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "comparing.md"
BLOCK = re.compile(r"^```(?P<kind>\w+)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = [(block["kind"], block["body"]) for block in BLOCK.finditer(PAGE.read_text(encoding="utf-8"))]


@pytest.fixture
def home(tmp_path, monkeypatch):
    sweep(tmp_path / "runs", LEVELS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def bodies(kind):
    return [body for one, body in BLOCKS if one == kind]


def test_python_runs(home, capsys):
    names: dict = {}
    for body in bodies("python"):
        exec(compile(body, str(PAGE), "exec"), names)
    printed = capsys.readouterr().out
    assert "islands" in printed
    assert "vocab_linear better" in printed
    assert names["band"].loc[("none", 0.0), "mean"] == 5.0


def test_commands_run(home):
    for line in "".join(bodies("console")).splitlines():
        words = [
            str(path) for word in shlex.split(line)[1:] for path in ([*home.glob(word)] if "*" in word else [word])
        ]
        result = CliRunner().invoke(app, words, env={"COLUMNS": "160"})
        assert result.exit_code == 0, (line, result.output, result.exception)
    assert (home / "comparison.html").stat().st_size > 10_000
    assert (home / "runs" / "none-s0" / "report.html").is_file()


def test_the_sweep_file_is_one(tmp_path):
    (body,) = bodies("yaml")
    (tmp_path / "first.yaml").write_text(body)
    experiment = read_experiment(tmp_path / "first.yaml")
    assert experiment.seeds == [0, 1, 2, 3, 4]
    table = re.findall(r"^\| `(\w+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert set(table) == set(Experiment.model_fields)
    assert set(yaml.safe_load(body)) <= set(table)


def test_every_flag_exists():
    for line in "".join(bodies("text")).splitlines():
        words = shlex.split(line, comments=True)
        shown = CliRunner().invoke(app, [words[1], "--help"], env={"COLUMNS": "200"}).output
        for flag in (word for word in words if word.startswith("--")):
            assert flag in shown, line
