"""The file of a sweep: what is varied, what is kept equal, and where the runs and their scores go.

    corpus: data/sample
    settings: {preset: demo, max_steps: 300}
    grid: {curriculum: [none, vocab_linear, data_length_linear]}
    seeds: [0, 1, 2]
    budget: {same: tokens}
    evaluation: {tasks: [sample_pairs, perplexity]}
    scores: results/first

A sweep that comes along is known by its name alone: `climb sweep demo` (climb/presets/sweeps). A key of `settings`,
`grid` and `runs` is any setting of `climb train`, dots reaching into sections; `model` and
`loss` may be names, and `preset` a preset of `climb train`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from climb.base.errors import UserError
from climb.base.schema import Strict, first_problem
from climb.eval.options import EvalConfig
from climb.options import preset_file, presets, read_yaml, without_code

Budget = Literal["steps", "tokens", "words", "flops"]


class BudgetConfig(Strict):
    """What all runs spend equally."""

    same: Budget = Field(default="steps", description="What is equal.")
    amount: float | None = Field(
        default=None, gt=0, description="How much of it; what the first run spends in its max_steps by default."
    )


class Experiment(Strict):
    """A sweep file, checked."""

    corpus: str | None = None
    out: str = "runs"
    scores: str | None = None
    """Folder of committed scores; a run whose scores lie there counts as done."""
    settings: dict[str, Any] = Field(default_factory=dict)
    grid: dict[str, list[Any]] = Field(default_factory=dict)
    runs: list[dict[str, Any]] = Field(default_factory=list)
    seeds: list[Annotated[int, Field(ge=0, lt=2**32)]] = Field(default_factory=lambda: [0, 1, 2], min_length=1)
    budget: BudgetConfig = BudgetConfig()
    evaluation: dict[str, Any] = Field(default_factory=dict)
    """Settings of `climb eval`, for every finished run; none evaluates nothing."""


def read_experiment(path: Path) -> Experiment:
    """Read a sweep file, or the one of that name that comes along.

    Raises:
        UserError: it cannot be read, or a field is unknown or wrong.
    """
    if not path.is_file():
        if str(path) not in presets("sweeps"):
            raise UserError(
                f"{path} is no file: name a sweep file, such as the one that docs/comparing.md shows, or one that "
                f"comes along ({', '.join(presets('sweeps'))})."
            )
        path = preset_file(f"sweeps/{path}")
    try:
        experiment = Experiment.model_validate(without_code(path, read_yaml(path)))
        EvalConfig.model_validate(experiment.evaluation)
    except ValidationError as error:
        raise UserError(f"{path}: {first_problem(error)}; docs/comparing.md shows a whole file.") from None
    if not experiment.grid and not experiment.runs:
        raise UserError(
            f"{path} names no runs: give grid: {{curriculum: [none, vocab_linear]}} or a list under runs:."
        )
    _check_fields(path, experiment)
    return experiment


def _check_fields(path: Path, experiment: Experiment) -> None:
    """Refuse what each field allows and the sweep as a whole does not.

    Raises:
        UserError: an empty list, a seed twice, or a key that stands in the wrong place.
    """
    empty = [key for key, values in experiment.grid.items() if not values]
    if empty:
        raise UserError(f"{path}: grid.{empty[0]} is an empty list: name its values, or leave it out.")
    twice = [seed for seed in experiment.seeds if experiment.seeds.count(seed) > 1]
    if twice:
        raise UserError(f"{path}: seeds lists {twice[0]} twice: the same seed is the same run; name each once.")
    taken = {key for place in (experiment.settings, experiment.grid, *experiment.runs) for key in place}
    for key in ("seed", "out", "corpus"):
        if key in taken:
            cure = "list them under seeds:" if key == "seed" else f"write {key}: at the top of the file"
            raise UserError(f"{path}: {key} stands among the settings of runs; {cure}.")
    for key in ("plugin", "plugins"):
        if key in taken:
            raise UserError(f"{path}: {key} stands among the settings of runs; name code on the command line alone, "
                            "with climb sweep --plugin FILE.py.")  # fmt: skip
    for key in ("models", "out"):
        if key in experiment.evaluation:
            raise UserError(f"{path}: evaluation.{key} cannot be set: every run is evaluated into its own folder.")
    if experiment.evaluation and not experiment.evaluation.get("tasks", ["sample_pairs"]):
        raise UserError(f"{path}: evaluation.tasks is empty: name tasks, or leave evaluation: out.")
