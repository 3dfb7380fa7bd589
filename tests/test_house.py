"""The house stands as it was drawn: who imports whom, how files are called, how long they are, what is packaged."""

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# Room → the rooms it may import; `climb` is the top floor and may import all.
ARROWS: dict[str, set[str]] = {
    "climb.base": set(),
    "climb.sample_corpus": {"climb.base"},
    "climb.data_prep": {"climb.base", "climb.sample_corpus"},
    "climb.curricula": {"climb.base"},
    "climb.eval": {"climb.base", "climb.sample_corpus"},
    "climb.analysis": {"climb.base", "climb.eval"},
}
FOLDERS = ("climb", "sample_corpus", "data_prep", "curricula", "eval", "analysis")
LONGEST_FILE, LONGEST_FUNCTION = 400, 80


def module_name(path: Path) -> str:
    """Return the import name of a file: eval/task.py is climb.eval.task."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    parts = parts if parts[0] == "climb" else ("climb", *parts)
    return ".".join(parts).removesuffix(".__init__")


MODULES = {module_name(path): path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))}
EVERYTHING = [
    *MODULES.values(),
    *sorted((ROOT / "tests").rglob("*.py")),
    *sorted((ROOT / "benchmarks").rglob("*.py")),
    *sorted((ROOT / "experiments").rglob("*.py")),
]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def room(module: str) -> str:
    """Return the room of a module; what is in no room belongs to the top floor, `climb`."""
    return next((name for name in ARROWS if module == name or module.startswith(f"{name}.")), "climb")


def imports(module: str) -> Iterator[tuple[int, str]]:
    """Yield (line, module of the project) of every import, those inside functions and strings of names too."""
    package = module if MODULES[module].name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(tree(MODULES[module])):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            start = ".".join([*above, *([node.module] if node.module else [])])
            names = [f"{start}.{alias.name}" if f"{start}.{alias.name}" in MODULES else start for alias in node.names]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in MODULES:
            names = [node.value]  # importlib.import_module("climb.…") and tables of homes
        else:
            continue
        yield from ((node.lineno, name) for name in names if name == "climb" or name.startswith("climb."))


def public(path: Path) -> Iterator[ast.FunctionDef | ast.ClassDef]:
    """Yield the public functions and classes that a file defines at its top."""
    kinds = (ast.FunctionDef, ast.ClassDef)
    yield from (node for node in tree(path).body if isinstance(node, kinds) and not node.name.startswith("_"))


def test_rooms_import_only_what_they_may():
    wrong = [
        f"{MODULES[name]}:{line} imports {what}"
        for name in MODULES
        if room(name) != "climb"
        for line, what in imports(name)
        if room(what) not in ARROWS[room(name)] | {room(name)}
    ]
    assert not wrong


def test_the_arrows_are_checked_at_all():
    """The parser of imports sees what is there: relative, inside functions, and the rooms' real arrows."""
    seen = {(room(name), room(what)) for name in MODULES for _, what in imports(name)}
    assert ("climb", "climb.curricula") in seen
    assert ("climb.data_prep", "climb.base") in seen
    assert ("climb.eval", "climb.sample_corpus") in seen
    assert not any(source == "climb.base" != target for source, target in seen)


def test_no_module_bears_the_name_of_what_it_defines():
    """`from room import thing` must never mean two things."""
    own = {name: name.rpartition(".")[2] for name in MODULES}
    assert not [name for name in MODULES if own[name] in {node.name for node in public(MODULES[name])}]


def test_files_and_functions_stay_readable():
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    long = [path for path in EVERYTHING if len(path.read_text(encoding="utf-8").splitlines()) > LONGEST_FILE]
    assert not long
    for path in EVERYTHING:
        nodes = [node for node in ast.walk(tree(path)) if isinstance(node, functions)]
        long += [f"{path}: {node.name}" for node in nodes if (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION]
    assert not long


def undocumented(body: list[ast.stmt], prefix: str) -> Iterator[str]:
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
            overload = any(isinstance(mark, ast.Name) and mark.id == "overload" for mark in node.decorator_list)
            if not ast.get_docstring(node) and not overload:
                yield f"{prefix}{node.name}"
            if isinstance(node, ast.ClassDef):
                yield from undocumented(node.body, f"{prefix}{node.name}.")


def test_everything_public_is_documented():
    silent = [name for name, path in MODULES.items() if not ast.get_docstring(tree(path))]
    for name, path in MODULES.items():
        silent += undocumented(tree(path).body, f"{name}.")
    assert not silent


def test_nothing_prints_but_the_console():
    calls = [
        (path, node.lineno)
        for path in MODULES.values()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert not calls


@cache
def settings() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]


def test_every_package_is_listed():
    packages = {name for name, path in MODULES.items() if path.name == "__init__.py"}
    folders = {module_name(path.parent / "__init__.py") for path in MODULES.values()}
    assert packages == folders, "a folder of modules without __init__.py"
    assert set(settings()["packages"]) == packages


def test_every_data_file_is_packaged():
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*"):
            if not path.is_file() or path.suffix in (".py", ".pyc") or "__pycache__" in path.parts:
                continue
            home = next(parent for parent in path.parents if (parent / "__init__.py").is_file())
            package = module_name(home / "__init__.py")
            patterns = settings()["package-data"].get(package, [])
            assert any(path in home.glob(pattern) for pattern in patterns), f"{path} is in no pattern of {package}"


def modules_after(code: str) -> set[str]:
    """Return the top-level modules that a fresh interpreter has loaded after some code."""
    tail = "\nimport sys; sys.stderr.write(' '.join(sorted({name.split('.')[0] for name in sys.modules})))"
    finished = subprocess.run([sys.executable, "-c", code + tail], capture_output=True, text=True, check=True)
    return set(finished.stderr.split())


HEAVY = {"numpy", "torch", "transformers", "datasets", "tokenizers", "pyarrow", "spacy", "sklearn", "scipy", "pandas"}


@pytest.mark.parametrize(
    "words",
    [
        "", "train", "prep", "eval", "parser train", "curriculum", "curriculum show",
        "compare", "report", "sweep", "try", "export",
    ],
)  # fmt: skip
def test_help_loads_nothing_heavy(words):
    arguments = ["climb", *words.split(), "--help"]
    code = f"import sys\nsys.argv = {arguments!r}\nfrom climb.cli import main\ntry:\n    main()\n"
    loaded = modules_after(code + "except SystemExit as end:\n    assert end.code in (0, None), end.code\n")
    assert "typer" in loaded
    assert not loaded & HEAVY


def test_importing_the_package_loads_nothing_heavy():
    assert not modules_after("import climb; climb.__version__; dir(climb)") & (HEAVY | {"numpy", "pydantic", "typer"})


def test_every_name_of_the_package_is_there():
    import climb

    for name in climb.__all__:
        assert getattr(climb, name) is not None
    with pytest.raises(AttributeError, match="trian"):
        climb.trian  # noqa: B018
