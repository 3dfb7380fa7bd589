"""How runs compare: their tables, honest statistics over seeds, and the report.

    runs = load_runs("runs/*")
    runs.scores()                              # every evaluation as a pandas table
    comparison = compare(runs, baseline="none")
    comparison.verdicts()                      # better, worse, or not distinguishable, and how sure that is

Names are imported when first used, so that the command line costs no pandas.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from climb.analysis.comparison import Comparison, compare
    from climb.analysis.runs import Runs, load_runs
    from climb.analysis.scores_file import ScoresFile

__all__ = ["Comparison", "Runs", "ScoresFile", "compare", "load_runs"]

_HOMES = {
    "Comparison": "comparison",
    "Runs": "runs",
    "ScoresFile": "scores_file",
    "compare": "comparison",
    "load_runs": "runs",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
