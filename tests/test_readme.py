"""The README's commands work as written.

Every line of a ```console or ```bash block that starts with `climb` is run, in order, in one folder that starts
empty; a leading `$ `, comments and continued lines are allowed. Blocks of other kinds, ```text above all, are
not run; ```python blocks must at least name what exists. The `make` lines are run by .ci/run.
"""

import ast
import importlib
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

BLOCK = re.compile(r"^```(?P<kind>\w*)[^\n]*\n(?P<body>.*?)^```\s*$", re.MULTILINE | re.DOTALL)
SECONDS = 300


def blocks(text: str, *kinds: str) -> list[str]:
    """Return the bodies of the fenced blocks of some kinds, in order."""
    return [match["body"] for match in BLOCK.finditer(text) if match["kind"] in kinds]


def climb_lines(text: str) -> list[str]:
    """Return the `climb` commands of the runnable blocks, in order, continued lines joined."""
    lines = []
    for body in blocks(text, "console", "bash", "sh", "shell"):
        joined = re.sub(r"\\\n\s*", " ", body)
        stripped = (line.strip().removeprefix("$ ") for line in joined.splitlines())
        lines += [line for line in stripped if re.match(r"climb\s", line)]
    return lines


def run(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a line as a shell would, with this environment's `climb` in front, in a folder of a user."""
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": programs, "COLUMNS": "120"}
    return subprocess.run(
        ["bash", "-c", line],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


SAMPLE = """
# Title

```console
$ climb --version-of-nothing  # refused
make demo
climb prep --out data/x \\
    --vocab-size 300
```

```text
climb never
```

```bash
climb train data/x   # a comment
echo climb no
```

~~~
climb no
~~~
"""


def test_lines_are_found_where_they_stand():
    assert climb_lines(SAMPLE) == [
        "climb --version-of-nothing  # refused",
        "climb prep --out data/x  --vocab-size 300",
        "climb train data/x   # a comment",
    ]


def test_lines_are_run_by_this_environments_program(tmp_path):
    assert run("climb --help  # comment", tmp_path).returncode == 0
    failed = run(climb_lines(SAMPLE)[0], tmp_path)
    assert failed.returncode == 2
    assert "Traceback" not in failed.stderr


def test_every_flag_of_every_example_exists(repository):
    """Also of those that are not run, because they need a corpus or a GPU of the reader's."""
    text = (repository / "README.md").read_text(encoding="utf-8")
    help_texts: dict[str, str] = {}
    shown = "\n".join(blocks(text, "console", "bash", "text"))
    for line in re.findall(r"climb (?:prep|train|eval)\b.*", re.sub(r"\\\n\s*", " ", shown)):
        _, command, *words = shlex.split(line, comments=True)
        if command not in help_texts:
            help_texts[command] = run(f"climb {command} --help", repository).stdout
        for flag in (word.split("=")[0] for word in words if word.startswith("--")):
            assert re.search(rf"(?<![\w-]){flag}(?![\w-])", help_texts[command]), f"{flag} of: {line}"


def test_python_examples_name_what_exists(repository):
    text = (repository / "README.md").read_text(encoding="utf-8")
    for body in blocks(text, "python"):
        for node in ast.walk(ast.parse(body)):
            if isinstance(node, ast.ImportFrom):
                module = importlib.import_module(str(node.module))
                assert all(hasattr(module, alias.name) for alias in node.names)
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "climb":
                assert hasattr(importlib.import_module("climb"), node.attr), node.attr


def test_links_lead_somewhere(repository):
    text = (repository / "README.md").read_text(encoding="utf-8")
    links = [target.split("#")[0] for target in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in target]
    missing = [target for target in links if target and not (repository / target).exists()]
    assert not missing


@pytest.mark.slow
def test_the_readme_works_as_written(repository, tmp_path):
    lines = climb_lines((repository / "README.md").read_text(encoding="utf-8"))
    assert len(lines) >= 3, "the README shows prep, train and eval in ```console or ```bash blocks"
    for line in lines:
        finished = run(line, tmp_path)
        assert finished.returncode == 0, f"{line}\n{finished.stdout}\n{finished.stderr}"
        assert "Traceback" not in finished.stderr, line
