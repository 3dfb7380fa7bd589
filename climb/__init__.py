"""climb: curriculum learning for small language models.

    import climb
    corpus = climb.prepare(climb.PrepConfig(sources=["corpus/"], out="data/corpus"))
    run = climb.train(climb.train_config(corpus=str(corpus), curriculum="vocab_linear"))
    climb.measure("The cat sat on the mat.", "flesch")

Importing the package costs nothing: each name below is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module, metadata
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from climb.analysis.comparison import compare as compare
    from climb.analysis.runs import load_runs as load_runs
    from climb.base.corpus import PreparedCorpus as PreparedCorpus
    from climb.base.errors import UserError as UserError
    from climb.config import TrainConfig as TrainConfig
    from climb.data_prep import prepare as prepare
    from climb.data_prep.difficulty.measuring import measure as measure
    from climb.data_prep.difficulty.measuring import metrics as metrics
    from climb.data_prep.options import PrepConfig as PrepConfig
    from climb.eval import evaluate as evaluate
    from climb.eval.options import EvalConfig as EvalConfig
    from climb.options import train_config as train_config
    from climb.training import train as train

_HOMES = {
    "EvalConfig": "climb.eval.options",
    "PrepConfig": "climb.data_prep.options",
    "PreparedCorpus": "climb.base.corpus",
    "TrainConfig": "climb.config",
    "UserError": "climb.base.errors",
    "compare": "climb.analysis.comparison",
    "evaluate": "climb.eval",
    "load_runs": "climb.analysis.runs",
    "measure": "climb.data_prep.difficulty.measuring",
    "metrics": "climb.data_prep.difficulty.measuring",
    "prepare": "climb.data_prep",
    "train": "climb.training",
    "train_config": "climb.options",
}
__all__ = sorted([*_HOMES, "__version__"])


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return metadata.version("climb-lm")
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'climb' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
