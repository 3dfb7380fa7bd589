"""Build the distribution the way a user gets it: from the source archive, not from the working tree."""

import shutil
import subprocess
import sys
from pathlib import Path


def build_wheel(repository: Path, folder: Path) -> Path:
    """Build a source archive of the repository and a wheel from that archive; return the wheel.

    The tree is copied first, so that building leaves nothing in it and finds nothing stale there.
    """
    copy = shutil.copytree(repository, folder / "copy", ignore=_left_out)
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder / "dist"), str(copy)]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout[-2000:] + finished.stderr[-2000:]
    (wheel,) = (folder / "dist").glob("*.whl")
    return wheel


def _left_out(folder: str, names: list[str]) -> set[str]:
    """Return what is no source: hidden folders, builds, results, tests."""
    heavy = {"build", "dist", "data", "runs", "demo", "wandb", "tests", "docs", "benchmarks", "__pycache__"}
    return {name for name in names if name.startswith(".") or name in heavy or name.endswith(".egg-info")}
