from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from climb.base.corpus import PreparedCorpus
from climb.config import TrainConfig
from climb.options import train_config
from tests.corpus_fixture import write_corpus

TINY = {
    "model.hidden_size": 32,
    "model.layers": 2,
    "model.heads": 2,
    "model.intermediate_size": 64,
    "model.max_positions": 32,
}
"""A shape for seconds. Tests that compare weights bit by bit ask for dropout, which the presets leave out."""


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> PreparedCorpus:
    return write_corpus(tmp_path_factory.mktemp("trained-on") / "corpus")


@pytest.fixture
def tiny(corpus: PreparedCorpus, tmp_path: Path) -> Callable[..., TrainConfig]:
    """Return a function that makes the configuration of a run of seconds, writing below tmp_path."""

    def make(out: str = "run", **fields: Any) -> TrainConfig:
        defaults: dict[str, Any] = {
            "corpus": str(corpus.folder),
            "out": str(tmp_path / out),
            "max_steps": 12,
            "batch_size": 16,
            "log_steps": 3,
            "save_steps": 4,
            "evaluations": 2,
            "device": "cpu",
            "curriculum": "vocab_linear+data_rarity_linear:start=0.3",
        }
        return train_config(**{"model": "masked-laptop", **TINY, **defaults, **fields})

    return make
