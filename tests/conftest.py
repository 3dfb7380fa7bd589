"""What all tests share: one thread, no network, the same examples every time."""

import os
import signal
from pathlib import Path

# Before torch is imported: small matrices are faster on one thread, and sums are the same on every machine.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
# A test that reaches for the network fails at once and everywhere, not only where there is none.
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import pytest
from hypothesis import settings

# A suite that runs in the background of a shell is born deaf to Ctrl-C, and so would be the programs it starts.
signal.signal(signal.SIGINT, signal.default_int_handler)

# No deadline: a busy machine must not fail a law of arithmetic.
settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady")

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def repository() -> Path:
    """The folder that holds pyproject.toml."""
    return REPOSITORY


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real text and benchmarks, for tests that need them: $CLIMB_SHARED, else ../shared; skips without."""
    folder = Path(os.environ.get("CLIMB_SHARED", REPOSITORY.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"no shared data at {folder}: set CLIMB_SHARED")
    return folder
