"""The wheel holds every module and data file, and works beside a user's own eval.py and data_prep.py."""

import os
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

from tests.wheel import build_wheel

FOLDERS = ("climb", "sample_corpus", "data_prep", "curricula", "eval", "analysis")
DECOY = "raise SystemExit('a file of the user was imported')\n"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> Path:
    return build_wheel(repository, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel unpacked into an empty folder, which is what installing it does."""
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture
def user_folder(tmp_path: Path) -> Path:
    """A folder of a user whose own files bear the names of our rooms."""
    for name in FOLDERS[1:]:
        (tmp_path / f"{name}.py").write_text(DECOY)
    return tmp_path


def run(installed: Path, folder: Path, *arguments: str) -> str:
    """Run Python in a folder with the installed wheel in front of everything else."""
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    command = [sys.executable, *arguments]
    finished = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def test_the_wheel_holds_every_file_of_the_rooms(wheel, repository):
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
    expected = set()
    for folder in FOLDERS:
        for path in (repository / folder).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                place = path.relative_to(repository).as_posix()
                expected.add(place if folder == "climb" else f"climb/{place}")
    assert packed == expected


def test_the_wheel_says_what_it_is(wheel):
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith("/METADATA"))
        (entry,) = (name for name in archive.namelist() if name.endswith("/entry_points.txt"))
        described, points = archive.read(name).decode(), archive.read(entry).decode()
        assert any(name.endswith("/licenses/LICENSE") for name in archive.namelist())
    assert "Name: climb-lm" in described
    assert "License-Expression: Apache-2.0" in described
    assert "climb = climb.cli:main" in points


def test_the_command_line_runs_beside_decoys(installed, user_folder):
    assert "curriculum" in run(installed, user_folder, "-m", "climb", "--help")
    assert "--tasks" in run(installed, user_folder, "-m", "climb", "eval", "--help")


def test_rooms_are_imported_from_the_wheel_beside_decoys(installed, user_folder):
    code = (
        "import sys; sys.path.insert(0, '')\n"
        "import climb, climb.eval, climb.data_prep, climb.curricula, climb.sample_corpus, climb.eval.tasks.blimp\n"
        "for module in (climb, climb.eval, climb.data_prep, climb.curricula, climb.sample_corpus):\n"
        "    sys.stdout.write(module.__file__ + '\\n')\n"
    )
    places = run(installed, user_folder, "-c", code).split()
    assert len(places) == 5
    assert all(Path(place).is_relative_to(installed) for place in places)


def test_presets_are_found_in_the_wheel(installed, user_folder):
    code = (
        "import sys\nfrom climb.options import train_config\n"
        "sys.stdout.write(str(train_config(preset='climb-small').model.layers))"
    )
    assert run(installed, user_folder, "-c", code) == "8"


def test_the_installed_program_knows_its_version():
    assert metadata.version("climb-lm").count(".") == 2
