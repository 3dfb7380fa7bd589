"""`climb compare` and `climb report`: what runs learned, over seeds and one by one."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from climb.base.console import say, show
from climb.base.errors import UserError
from climb.base.schema import Strict


class CompareConfig(Strict):
    """What `climb compare` is asked."""

    runs: list[str] = Field(description="Runs or committed scores (.json), or patterns of them; at least two.")
    baseline: str | None = Field(
        default=None, description="The run, or the condition, that the others are compared with; none by default."
    )
    measure: str | None = Field(
        default=None, description="What answers the question, such as blimp:accuracy_macro; a headline by default."
    )
    out: str = Field(default="comparison.html", description="The report.")


class ReportConfig(Strict):
    """What `climb report` is asked."""

    runs: list[str] = Field(default_factory=list, description="Runs; none means the newest finished one under runs/.")
    out: str | None = Field(default=None, description="The page, for one run; RUN/report.html by default.")


def compare_runs(config: CompareConfig) -> None:
    """Compare runs, seeds as the unit: a verdict for every condition, and a report in one HTML file.

    Runs that differ by their seed alone are one condition. A condition with a single seed is shown and never ranked.
    """
    from climb.analysis.comparison import compare
    from climb.analysis.report.first_screen import answer, question
    from climb.analysis.report.whole import comparison_page
    from climb.analysis.runs import load_runs
    from climb.analysis.terminal import comparison_table
    from climb.base.files import write_text

    comparison = compare(load_runs(*config.runs), config.baseline, config.measure)
    for warning in comparison.warnings:
        say(f"Warning: {warning}")
    show(f"{question(comparison)} {answer(comparison)}")
    show(comparison_table(comparison))
    write_text(Path(config.out), comparison_page(comparison))
    show(f"Report: {config.out}")


def report_runs(config: ReportConfig) -> None:
    """Write a page about each run: losses, evaluations, curriculum, what it saw, cost, how to repeat it."""
    from climb.analysis.report.whole import run_page
    from climb.analysis.runs import load_runs
    from climb.base.files import write_text
    from climb.base.run import newest_run

    places = config.runs or [str(newest_run())]
    if not config.runs:
        say(f"No run given: taking the newest complete run, {places[0]}.")
    runs = load_runs(*places)
    if config.out is not None and len(runs) > 1:
        raise UserError(
            f"--out names one page and there are {len(runs)} runs: leave it out, or report them one by one."
        )
    for record in runs:
        own = Path(record.place)
        path = Path(config.out) if config.out else own / "report.html" if own.is_dir() else own.with_suffix(".html")
        write_text(path, run_page(record))
        show(f"Report: {path}")
