"""A part is found by the file it stands in; a name nobody bears is answered with the near ones."""

import importlib
import sys
from pathlib import Path

import pytest

from climb.base.registry import discover, near_names, unknown_name

BASE = """
from abc import ABC, abstractmethod
class Base(ABC):
    name: str
    @abstractmethod
    def work(self) -> int: ...
"""
PART = """
from {package}.parts_base import Base
class {name}(Base):
    name = "{label}"
    def work(self) -> int:
        return 1
"""


@pytest.fixture
def make_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest):
    """Return a function that makes and imports a package of the given files."""
    monkeypatch.syspath_prepend(tmp_path)

    def make(**modules: str):
        name = f"parts_{abs(hash(request.node.name))}"
        (tmp_path / name).mkdir()
        for module, text in {"__init__": "", "parts_base": BASE, **modules}.items():
            (tmp_path / name / f"{module}.py").write_text(text.replace("{package}", name))
        package = importlib.import_module(name)
        return package, importlib.import_module(f"{name}.parts_base").Base

    yield make
    for name in [name for name in sys.modules if name.startswith("parts_")]:
        del sys.modules[name]


def part(name: str, label: str) -> str:
    return PART.replace("{name}", name).replace("{label}", label)


def test_a_file_is_enough(make_package):
    package, base = make_package(one=part("One", "one"), two=part("Two", "second"))
    found = discover(package, base)
    assert {name: kind.__name__ for name, kind in found.items()} == {"one": "One", "second": "Two"}
    assert found["one"]().work() == 1


def test_what_is_imported_or_unfinished_is_no_part(make_package):
    borrowed = "from {package}.one import One\n" + part("Two", "two")
    unfinished = "from {package}.parts_base import Base\nclass Half(Base):\n    name = 'half'\n"
    package, base = make_package(one=part("One", "one"), two=borrowed, half=unfinished)
    assert sorted(discover(package, base)) == ["one", "two"]


def test_two_parts_of_one_name_are_a_mistake(make_package):
    package, base = make_package(one=part("One", "same"), two=part("Two", "same"))
    with pytest.raises(ValueError, match="two classes are named 'same'"):
        discover(package, base)


def test_the_rooms_find_every_file_of_theirs(repository):
    """One part a file, whether a pacing function, a metric or a task."""
    import climb.curricula.pacing
    import climb.data_prep.metrics
    import climb.eval.tasks
    from climb.curricula.pacing_base import Pacing
    from climb.data_prep.metric import Metric
    from climb.eval.task import Task

    rooms = (
        ("curricula/pacing", climb.curricula.pacing, Pacing),
        ("data_prep/metrics", climb.data_prep.metrics, Metric),
        ("eval/tasks", climb.eval.tasks, Task),
    )
    for folder, package, base in rooms:
        files = {path.stem for path in (repository / folder).glob("*.py")} - {"__init__"}
        homes = {part.__module__.rpartition(".")[2] for part in discover(package, base).values()}
        assert homes == files, folder


def test_a_near_name_is_suggested():
    error = unknown_name("curriculum", "vocab_liner", ["vocab_linear", "vocab_log", "none"])
    assert str(error).startswith("Unknown curriculum 'vocab_liner': did you mean vocab_linear")


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("lenght", ["length"]),
        ("LENGTH", ["length"]),
        ("ngarm", ["ngram", "ngram3", "ngram2"]),
        ("unknown", ["unk"]),
        ("fle", ["flesch"]),
        ("nosuch", []),
        ("", []),
        ("le", []),
    ],
)
def test_only_near_names_are_near(name, near):
    assert near_names(name, ["length", "flesch", "ngram", "ngram2", "ngram3", "rarity", "unk", "source"]) == near


def test_of_many_names_a_dozen_is_listed_and_where_all_are():
    names = [f"name_{letter}" for letter in "abcdefghijklmn"]
    assert str(unknown_name("metric", "zzz", names, "docs/metrics.md")).endswith(
        "name_k, name_l and 2 more, all in docs/metrics.md."
    )
    assert str(unknown_name("metric", "zzz", names[:12], "docs/metrics.md")).endswith("name_k, name_l.")
    assert str(unknown_name("metric", "zzz", names)).endswith("name_m, name_n.")


def test_without_a_near_name_all_are_listed():
    assert str(unknown_name("task", "zzz", ["glue", "blimp"])) == "Unknown task 'zzz': there are: blimp, glue."
